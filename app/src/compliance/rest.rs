//! That a table has not all there is.

use leptos::prelude::*;

use crate::ui::count;

/// Says that a table has only the first of all there are, with the way to the others; nothing when it has all.
#[component]
pub fn Rest(shown: usize, total: u64, href: String, label: &'static str) -> impl IntoView {
    let shown = u64::try_from(shown).unwrap_or(u64::MAX);
    (shown < total).then(|| {
        view! {
            <p class="muted small">
                {format!("The first {} of {}. ", count(shown), count(total))}
                // safe link: the page's, from crate::paths
                <a href=href>{label}</a>
            </p>
        }
    })
}
