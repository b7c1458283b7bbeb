//! The entries of the ledger, newest first. Times are absolute: this is where one testifies.

use domain::views::{self, LogHead, LogNow, PAGE_SIZE, Total};
use leptos::prelude::*;

use super::api::get_ledger;
use super::entry::Entry;
use super::witness::seen;
use crate::address::{Query, use_query};
use crate::paths;
use crate::ui::{Column, Empty, LinkButton, PageHead, Pagination, Table, count, loaded, plural, visible};

#[component]
pub fn LedgerPage() -> impl IntoView {
    let before = use_query(|pairs| pairs.get::<u64>("before"));
    let page = Resource::new(move || before.get(), |before| async move { get_ledger(before?).await });
    loaded(page, |page| view! { <Entries page /> })
}

/// The page once its data is there.
#[component]
pub fn Entries(page: views::LedgerPage) -> impl IntoView {
    let views::LedgerPage { lines, next, total, log } = page;
    let newest = lines.iter().find_map(|line| line.seq).unwrap_or(0);
    let is_first = lines.iter().any(|line| line.seq.is_none()) || newest == total;
    let rows = u64::try_from(lines.len()).unwrap_or(0);
    let columns = vec![
        Column::number("Entry"),
        Column::text("Time"),
        Column::text("Who"),
        Column::text("What"),
        Column::text("About"),
        Column::text("Detail"),
        Column::text("In a checkpoint"),
        Column::text("Hash"),
    ];
    let before = |seq: u64| paths::ledger(Query::new().with("before", seq));
    let previous = (newest > 0 && !is_first).then(|| match newest + u64::from(PAGE_SIZE) {
        newer if newer >= total => paths::LEDGER.to_owned(),
        newer => before(newer + 1),
    });
    let content = match lines.is_empty() {
        true => view! {
            <Empty title="No entries here">
                <p>"Each sign-in, change and refused attempt is an entry of its own; what one person is refused again and again is one for each minute."</p>
                <LinkButton href=paths::LEDGER.to_owned()>"See the newest"</LinkButton>
            </Empty>
        }
        .into_any(),
        false => view! {
            <Table caption="Entries of the ledger, the newest first" columns>
                {lines.into_iter().map(|line| view! { <Entry line /> }).collect_view()}
            </Table>
            <Pagination
                first=Some(if is_first { 1 } else { total.saturating_sub(newest) + 1 })
                rows
                total=Some(Total { number: total, more: false })
                previous
                next=next.map(before)
            />
        }
        .into_any(),
    };
    view! {
        <PageHead
            title="Ledger"
            actions=|| view! { <LinkButton href=paths::LEDGER_VERIFICATION.to_owned()>"Verify the log"</LinkButton> }
        >
            {plural(total, "entry").replace("entrys", "entries")}
            " · "
            {state(log)}
        </PageHead>
        {content}
    }
}

/// What shows that nothing is changed, removed or moved unnoticed.
fn state(log: Option<LogNow>) -> String {
    let Some(LogNow { origin, checkpoint }) = log else {
        return "no log is configured: whoever writes the console's table can change them unnoticed"
            .to_owned();
    };
    match checkpoint {
        Err(why) => {
            format!("the checkpoint of the log {} is not to be believed: {}", visible(&origin), visible(&why))
        }
        Ok(None) => format!("the log {} has no checkpoint yet", visible(&origin)),
        Ok(Some(LogHead { size, witnesses, .. })) => {
            let seen: Vec<String> = witnesses.iter().map(seen).collect();
            let seen = match seen.is_empty() {
                true => "no witness is configured".to_owned(),
                false => seen.join("; "),
            };
            format!("the log {} has a signed checkpoint of {} of them; {seen}", visible(&origin), count(size))
        }
    }
}
