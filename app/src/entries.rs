//! The way from a thing's page to the entries that tell of it.

use domain::Timestamp;
use domain::ledger::About;
use domain::views::LedgerQuery;
use leptos::prelude::*;

use crate::paths;

#[component]
pub fn EntriesOf(
    about: About,
    /// Since when there can be some: nobody looks for older ones.
    #[prop(optional_no_strip)]
    since: Option<Timestamp>,
) -> impl IntoView {
    let href = paths::ledger(&LedgerQuery { from: since, ..LedgerQuery::of(about) });
    // safe link: from crate::paths above
    view! { <a href=href>"Its entries in the ledger"</a> }
}
