//! The entries of the ledger, newest first. Times are absolute: this is where one testifies.

use domain::ledger::{Action, Ending};
use domain::views::{self, LedgerQuery, LogHead, LogNow, PAGE_SIZE, Total};
use leptos::prelude::*;

use super::api::get_ledger;
use super::entry::Entry;
use crate::address::use_query;
use crate::lists::Files;
use crate::paths;
use crate::queries::{Exported, read_ledger};
use crate::ui::{
    Chip, Chips, Choice, Column, Empty, Filter, FilterSearch, FilterSelect, FilterTime, LinkButton, PageHead,
    Pagination, Table, brief, count, loaded, plural, visible,
};

#[component]
pub fn LedgerPage() -> impl IntoView {
    let query = use_query(read_ledger);
    let page = Resource::new(
        move || query.get(),
        |query| async move {
            let query = query?;
            Ok((query.clone(), get_ledger(query).await?))
        },
    );
    loaded(page, |(query, page)| view! { <Entries query page /> })
}

/// The page once its data is there.
#[component]
pub fn Entries(query: LedgerQuery, page: views::LedgerPage) -> impl IntoView {
    let (total, log) = (page.total, page.log.clone());
    let content = match page.lines.is_empty() {
        true => view! { <Nothing query=query.clone() searched=page.searched next=page.next /> }.into_any(),
        false => view! { <Lines query=query.clone() page /> }.into_any(),
    };
    view! {
        <PageHead
            title="Ledger"
            actions=|| view! { <LinkButton href=paths::LEDGER_VERIFICATION.to_owned()>"Verify the log"</LinkButton> }
        >
            {entries(total)}
            " · "
            {state(log)}
        </PageHead>
        <Narrow query />
        {content}
    }
}

#[component]
fn Lines(query: LedgerQuery, page: views::LedgerPage) -> impl IntoView {
    let views::LedgerPage { lines, next, total, searched, .. } = page;
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
    let exported = Exported::Ledger(query.clone());
    let before = |seq: u64| paths::ledger(&LedgerQuery { before: Some(seq), ..query.clone() });
    let foot = match searched {
        Some(searched) => view! { <Searched query=query.clone() searched next /> }.into_any(),
        None => {
            let previous = (newest > 0 && !is_first).then(|| match newest + u64::from(PAGE_SIZE) {
                newer if newer >= total => paths::LEDGER.to_owned(),
                newer => before(newer + 1),
            });
            view! {
                <Pagination
                    first=Some(if is_first { 1 } else { total.saturating_sub(newest) + 1 })
                    rows
                    total=Some(Total { number: total, more: false })
                    previous
                    next=next.map(before)
                />
            }
            .into_any()
        }
    };
    view! {
        <div class="list-actions">
            <Files of=exported />
        </div>
        <Table caption="Entries of the ledger, the newest first" columns>
            {lines.into_iter().map(|line| view! { <Entry line /> }).collect_view()}
        </Table>
        {foot}
    }
}

#[component]
fn Nothing(query: LedgerQuery, searched: Option<u64>, next: Option<u64>) -> impl IntoView {
    let Some(searched) = searched else {
        return view! {
            <Empty title="No entries here">
                <p>"Each sign-in, change and refused attempt is an entry of its own; what one person is refused again and again is one for each minute."</p>
                <LinkButton href=paths::LEDGER.to_owned()>"See the newest"</LinkButton>
            </Empty>
        }
        .into_any();
    };
    let title = if next.is_some() { "No entry among these matches" } else { "No entry matches" };
    view! {
        <Empty title>
            <p>"Take a part of the filter away, or search among the older ones as far as there are some."</p>
            <LinkButton href=paths::LEDGER.to_owned()>"Show all entries"</LinkButton>
        </Empty>
        <Searched query searched next />
    }
    .into_any()
}

/// The foot of a list that is narrowed: nobody counts what matches, and each page looks at so many entries.
#[component]
fn Searched(query: LedgerQuery, searched: u64, next: Option<u64>) -> impl IntoView {
    let newest = query.before.map(|_| paths::ledger(&LedgerQuery { before: None, ..query.clone() }));
    let older = next.map(|seq| paths::ledger(&LedgerQuery { before: Some(seq), ..query }));
    let how_far = match next {
        Some(seq) => format!("{} looked at for this page, down to entry {}", entries(searched), count(seq)),
        None => format!("{} looked at for this page: there are no older ones to look at", entries(searched)),
    };
    let link = |href: Option<String>, label: &'static str| {
        // safe link: from crate::paths
        href.map(|href| view! { <a class="button" href=href>{label}</a> })
    };
    view! {
        <div class="table-foot">
            <p>{how_far}</p>
            <nav class="pager" aria-label="Pages">
                {link(newest, "Newest")}
                {link(older, "Search on among older ones")}
            </nav>
        </div>
    }
}

#[component]
fn Narrow(query: LedgerQuery) -> impl IntoView {
    let actions = Action::ALL.iter().map(|one| Choice::new(one.name(), one.label())).collect();
    let outcomes = Ending::ALL.iter().map(|one| Choice::new(one.name(), one.label())).collect();
    let chips = chips(&query);
    view! {
        <Filter action=paths::LEDGER>
            <FilterSearch name="by" label="Who" value=query.person.unwrap_or_default() placeholder="name or id" />
            <FilterSelect
                name="action"
                label="What"
                choices=actions
                chosen=query.action.map(Action::name).unwrap_or_default()
            />
            <FilterSelect
                name="outcome"
                label="Outcome"
                choices=outcomes
                chosen=query.outcome.map(Ending::name).unwrap_or_default()
            />
            <FilterSearch
                name="about"
                label="About"
                value=query.about.map(|about| about.to_string()).unwrap_or_default()
                placeholder="finding:…, request:…, run:…"
            />
            <FilterTime name="from" label="From (UTC)" value=query.from />
            <FilterTime name="to" label="Before (UTC)" value=query.to />
        </Filter>
        <Chips chips />
    }
}

fn chips(query: &LedgerQuery) -> Vec<Chip> {
    let first = LedgerQuery { before: None, ..query.clone() };
    let chip = |label: String, without: LedgerQuery| Chip { label, without: paths::ledger(&without) };
    let by = query
        .person
        .as_ref()
        .map(|part| chip(format!("by: {}", brief(part)), LedgerQuery { person: None, ..first.clone() }));
    let action = query.action.map(|one| {
        chip(format!("what: {}", one.label().to_lowercase()), LedgerQuery { action: None, ..first.clone() })
    });
    let outcome = query
        .outcome
        .map(|one| chip(format!("outcome: {}", one.name()), LedgerQuery { outcome: None, ..first.clone() }));
    let about = query.about.as_ref().map(|about| {
        chip(format!("about: {}", brief(&about.to_string())), LedgerQuery { about: None, ..first.clone() })
    });
    let from = query
        .from
        .map(|at| chip(format!("from {}", at.absolute()), LedgerQuery { from: None, ..first.clone() }));
    let to = query
        .to
        .map(|at| chip(format!("before {}", at.absolute()), LedgerQuery { to: None, ..first.clone() }));
    [by, action, outcome, about, from, to].into_iter().flatten().collect()
}

fn entries(number: u64) -> String {
    plural(number, "entry").replace("entrys", "entries")
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
        Ok(Some(LogHead { size, cosignatures, .. })) => {
            let seen = cosignatures
                .into_iter()
                .map(|one| format!("{} at {}", visible(&one.witness), one.at.absolute()));
            let seen: Vec<String> = seen.collect();
            let seen = match seen.is_empty() {
                true => "no witness has cosigned it".to_owned(),
                false => format!("cosigned by {}", seen.join(", ")),
            };
            format!("the log {} has a signed checkpoint of {} of them; {seen}", visible(&origin), count(size))
        }
    }
}
