//! The foot of a list: where in it one is, how fresh it is, and the ways back and on.

use domain::Timestamp;
use domain::views::{PAGE_SIZE, Total};
use leptos::prelude::*;

use super::button::LinkButton;
use super::empty::Empty;
use super::time::Ago;
use domain::count::{count, plural};

/// The addresses of a list's first and last page, from crate::paths.
#[derive(Clone, Debug)]
pub struct Ends {
    pub first: String,
    pub last: String,
}

/// Whether a list has rows, and this page of it none: an address leads behind the end.
pub fn is_beyond(page: u32, rows: usize, total: u64) -> bool {
    page > 0 && rows == 0 && total > 0
}

/// The foot of a list with numbered pages; behind the end of the list, that there is no such page.
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
    if is_beyond(page, rows, total) {
        let last = u32::try_from((total - 1) / u64::from(PAGE_SIZE)).unwrap_or(u32::MAX);
        return view! { <Beyond page last total to_first=to(0) to_last=to(last) /> }.into_any();
    }
    let first = u64::from(page) * u64::from(PAGE_SIZE);
    let rows = u64::try_from(rows).unwrap_or(0);
    let previous = page.checked_sub(1).map(&to);
    let next = (first + rows < total).then(|| to(page.saturating_add(1)));
    view! { <Pagination first=Some(first + 1) rows total=Some(Total { number: total, more: false }) as_of previous next /> }
        .into_any()
}

/// In place of a page that a list does not have.
#[component]
fn Beyond(
    /// Counted from 0, both.
    page: u32,
    last: u32,
    total: u64,
    to_first: String,
    to_last: String,
) -> impl IntoView {
    let pages = plural(u64::from(last) + 1, "page");
    view! {
        <Empty title=format!("There is no page {}", count(u64::from(page) + 1))>
            <p>{format!("The list has {} on {pages}.", plural(total, "line"))}</p>
            <div class="row">
                // safe link: the page's, from crate::paths
                <LinkButton href=to_last>{format!("Go to page {}, the last one", count(u64::from(last) + 1))}</LinkButton>
                // safe link: the page's, from crate::paths
                {(last > 0).then(|| view! { <LinkButton href=to_first>"Go to the first page"</LinkButton> })}
            </div>
        </Empty>
    }
}

#[component]
pub fn Pagination(
    /// The first row shown, counted from 1; `None` = nobody counted.
    #[prop(optional_no_strip)]
    first: Option<u64>,
    /// How many rows are shown.
    rows: u64,
    /// How many there are; `None` = nobody counted.
    #[prop(optional_no_strip)]
    total: Option<Total>,
    /// When the list was true; `None` = it was read just now.
    #[prop(optional_no_strip)]
    as_of: Option<Timestamp>,
    #[prop(optional_no_strip)] previous: Option<String>,
    #[prop(optional_no_strip)] next: Option<String>,
    #[prop(optional_no_strip)] ends: Option<Ends>,
) -> impl IntoView {
    let range = match first {
        Some(first) => format!("{}–{}", count(first), count((first + rows).saturating_sub(1))),
        None => count(rows),
    };
    let range = match total {
        Some(Total { number, more: false }) => format!("{range} of {}", count(number)),
        Some(Total { number, more: true }) => format!("{range} of over {}", count(number)),
        None => range,
    };
    let paged = previous.is_some() || next.is_some();
    // At an end, the way to it is shut.
    let first = ends.as_ref().map(|ends| previous.is_some().then(|| ends.first.clone()));
    let last = ends.map(|ends| next.is_some().then_some(ends.last));
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
                            {first.map(|first| link(first, "first", "First"))}
                            {link(previous, "prev", "Previous")}
                            {link(next, "next", "Next")}
                            {last.map(|last| link(last, "last", "Last"))}
                        </nav>
                    }
                })}
        </div>
    }
}
