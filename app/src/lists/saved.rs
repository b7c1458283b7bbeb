//! The saved filters of a list as links.

use domain::preferences::{ListSettings, OwnList, SavedFilter};
use leptos::prelude::*;

use crate::paths;
use crate::ui::{brief, visible};

/// Each saved filter, above the list's own; nothing where there is none.
#[component]
pub fn SavedFilters(
    list: OwnList,
    settings: ListSettings,
    /// What the list is narrowed to now.
    query: String,
) -> impl IntoView {
    let now = paths::own_list(list, &query).ok();
    let link = |SavedFilter { name, query }: SavedFilter| {
        let (label, whole) = (brief(name.as_str()), visible(name.as_str()));
        match paths::own_list(list, &query) {
            Ok(href) => {
                let current = (Some(&href) == now.as_ref()).then_some("page");
                // safe link: from crate::paths above
                view! { <a class="button" href=href title=whole aria-current=current>{label}</a> }.into_any()
            }
            // An authority or a kind may be gone.
            Err(_) => {
                let words = format!("{label} (not understood any more)");
                view! { <span class="muted small">{words}</span> }.into_any()
            }
        }
    };
    (!settings.filters.is_empty()).then(|| {
        view! {
            <nav class="row saved-filters" aria-label="Saved filters">
                {settings.filters.into_iter().map(link).collect_view()}
            </nav>
        }
    })
}
