//! The foot of a list: where in it one is, how fresh it is, and the ways back and on.

use domain::Timestamp;
use domain::views::PAGE_SIZE;
use leptos::prelude::*;

use super::number::count;
use super::time::Ago;

/// The foot of a list with numbered pages.
#[component]
pub fn Numbered<F: Fn(u32) -> String>(
    /// Counted from 0.
    page: u32,
    /// How many rows are shown.
    rows: usize,
    /// How many there are on all pages.
    total: u64,
    #[prop(optional_no_strip)] as_of: Option<Timestamp>,
    /// The address of a page, from crate::paths.
    to: F,
) -> impl IntoView {
    let first = u64::from(page) * u64::from(PAGE_SIZE);
    let rows = u64::try_from(rows).unwrap_or(0);
    let previous = page.checked_sub(1).map(&to);
    let next = (first + rows < total).then(|| to(page.saturating_add(1)));
    view! { <Pagination first=first + 1 rows total=Some(total) as_of previous next /> }
}

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
