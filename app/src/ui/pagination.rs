//! The foot of a list: where in it one is, how fresh it is, and the ways back and on.

use domain::Timestamp;
use leptos::prelude::*;

use super::number::count;
use super::time::Ago;

#[component]
pub fn Pagination(
    /// The first row shown, counted from 1.
    first: u64,
    /// How many rows are shown.
    rows: u64,
    /// How many there are; `None` = nobody counted.
    #[prop(optional_no_strip)]
    total: Option<u64>,
    /// When the list was true; `None` = it was read just now.
    #[prop(optional_no_strip)]
    as_of: Option<Timestamp>,
    #[prop(optional_no_strip)] previous: Option<String>,
    #[prop(optional_no_strip)] next: Option<String>,
) -> impl IntoView {
    let range = format!("{}–{}", count(first), count((first + rows).saturating_sub(1)));
    let range = match total {
        Some(total) => format!("{range} of {}", count(total)),
        None => range,
    };
    let paged = previous.is_some() || next.is_some();
    let link = |href: Option<String>, rel: &'static str, label: &'static str| match href {
        // safe link: the page's, from crate::paths
        Some(href) => view! { <a class="button" rel=rel href=href>{label}</a> }.into_any(),
        None => view! { <a class="button" role="link" aria-disabled="true">{label}</a> }.into_any(),
    };
    view! {
        <div class="table-foot">
            <p>
                {range}
                {as_of.map(|at| view! { " · as of " <Ago at /> })}
            </p>
            {paged
                .then(|| {
                    view! {
                        <nav class="pager" aria-label="Pages">
                            {link(previous, "prev", "Previous")}
                            {link(next, "next", "Next")}
                        </nav>
                    }
                })}
        </div>
    }
}
