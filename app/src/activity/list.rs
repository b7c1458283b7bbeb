//! The list of events, newest first: narrowed and paged by the address alone.

use domain::trail::Outcome;
use domain::views::{self, ActivityQuery, Authority};
use leptos::prelude::*;

use super::api::list_activity;
use super::freshness::{Freshness, NoTrail, Unread};
use super::table::Events;
use crate::address::use_query;
use crate::authorities::{choices, name_of};
use crate::lists::Files;
use crate::paths;
use crate::queries::{Exported, READS_SHOWN, read_activity};
use crate::ui::{
    Chip, Chips, Choice, Empty, Filter, FilterSearch, FilterSelect, FilterTime, LinkButton, Live, Mark,
    Numbered, Pace, PageHead, brief, is_beyond, loaded,
};

#[component]
pub fn ActivityPage() -> impl IntoView {
    let query = use_query(read_activity);
    let list = Resource::new(
        move || query.get(),
        |query| async move {
            let query = query?;
            Ok((query.clone(), list_activity(query).await?))
        },
    );
    loaded(list, |(query, (page, authorities))| view! { <Activity query page authorities /> })
}

/// The page once its data is there.
#[component]
pub fn Activity(
    query: ActivityQuery,
    page: views::ActivityPage,
    authorities: Vec<Authority>,
) -> impl IntoView {
    let ingestion = page.ingestion.clone();
    let configured = ingestion.configured;
    let unread = ingestion.clone();
    // What is new comes to the first page, unless somebody has narrowed it to look at something.
    let narrowed = query != ActivityQuery::default();
    view! {
        {narrowed.then(|| view! { <Live pace=Pace::Never /> })}
        <PageHead title="Activity">
            <Freshness ingestion />
        </PageHead>
        {match configured {
            false => view! { <NoTrail /> }.into_any(),
            true => view! {
                <Unread ingestion=unread />
                <Narrow query=query.clone() names=page.names.clone() authorities=authorities.clone() />
                <Content query page authorities />
            }
            .into_any(),
        }}
    }
}

#[component]
fn Content(query: ActivityQuery, page: views::ActivityPage, authorities: Vec<Authority>) -> impl IntoView {
    if !page.lines.is_empty() {
        return view! { <Lines query page authorities /> }.into_any();
    }
    if is_beyond(page.page, 0, page.total) {
        let to = move |page| paths::activity(&ActivityQuery { page, ..query.clone() });
        return view! { <Numbered page=page.page rows=0 total=page.total to /> }.into_any();
    }
    if query == ActivityQuery::default() {
        let again = paths::activity(&query);
        return view! {
            <Empty title="No event yet">
                <p>
                    "AWS delivers log files about five minutes after a call. Every call to an authority appears here then, and
                    those that only read where they are asked for."
                </p>
                // safe link: from crate::paths
                <LinkButton href=again>"Look again"</LinkButton>
                // safe link: from crate::paths below
                <LinkButton href=with_reads(&query)>"Show reads too"</LinkButton>
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty title="No event matches">
            <p>"Take a part of the filter away. Older months are read on request: see the coverage."</p>
            <LinkButton href=paths::activity(&ActivityQuery::default())>"Show all events"</LinkButton>
        </Empty>
    }
    .into_any()
}

/// The same, with the calls that only read.
fn with_reads(query: &ActivityQuery) -> String {
    paths::activity(&ActivityQuery { reads: true, page: 0, ..query.clone() })
}

#[component]
fn Narrow(query: ActivityQuery, names: Vec<String>, authorities: Vec<Authority>) -> impl IntoView {
    let outcomes = Outcome::ALL.iter().map(|one| Choice::new(one.name(), Mark::from(*one).word)).collect();
    // A name that the address asks for stays chosen, also when there is no such event.
    let asked = query.name.iter().filter(|name| !names.contains(name));
    let names = names.iter().chain(asked).map(|name| Choice::new(name, brief(name))).collect();
    let chips = chips(&query, &authorities);
    view! {
        <Filter action=paths::ACTIVITY>
            <FilterSelect name="event" label="Event" choices=names chosen=query.name.unwrap_or_default() />
            <FilterSelect
                name="result"
                label="Result"
                choices=outcomes
                chosen=query.outcome.map(Outcome::name).unwrap_or_default()
            />
            <FilterSelect
                name="authority"
                label="Authority"
                choices=choices(&authorities)
                chosen=query.authority.map(|id| id.to_string()).unwrap_or_default()
            />
            <FilterSearch
                name="identity"
                label="Identity"
                value=query.identity.unwrap_or_default()
                placeholder="role, session or access key"
            />
            <FilterSearch
                name="address"
                label="Address"
                value=query.address.unwrap_or_default()
                placeholder="203.0.113."
            />
            <FilterTime name="from" label="From (UTC)" value=query.from />
            <FilterTime name="to" label="Before (UTC)" value=query.to />
            <FilterSelect
                name="reads"
                label="Calls that only read"
                choices=vec![Choice::new(READS_SHOWN, "Shown too")]
                chosen=if query.reads { READS_SHOWN } else { "" }
                all="Left out"
            />
        </Filter>
        <Chips chips />
    }
}

fn chips(query: &ActivityQuery, authorities: &[Authority]) -> Vec<Chip> {
    let first = ActivityQuery { page: 0, ..query.clone() };
    let mut chips = Vec::new();
    let mut chip = |label: Option<String>, without: ActivityQuery| {
        chips.extend(label.map(|label| Chip { label, without: paths::activity(&without) }));
    };
    let said = |what: &str, value: &Option<String>| {
        value.as_deref().map(|value| format!("{what}: {}", brief(value)))
    };
    chip(said("event", &query.name), ActivityQuery { name: None, ..first.clone() });
    chip(
        query.outcome.map(|one| format!("result: {}", one.name())),
        ActivityQuery { outcome: None, ..first.clone() },
    );
    let authority = query.authority.as_ref().map(|id| format!("authority: {}", name_of(authorities, id)));
    chip(authority, ActivityQuery { authority: None, ..first.clone() });
    chip(said("identity", &query.identity), ActivityQuery { identity: None, ..first.clone() });
    chip(said("address", &query.address), ActivityQuery { address: None, ..first.clone() });
    chip(query.reads.then(|| "reads shown too".to_owned()), ActivityQuery { reads: false, ..first.clone() });
    chip(
        query.from.map(|at| format!("from {}", at.absolute())),
        ActivityQuery { from: None, ..first.clone() },
    );
    chip(query.to.map(|at| format!("before {}", at.absolute())), ActivityQuery { to: None, ..first });
    chips
}

#[component]
fn Lines(query: ActivityQuery, page: views::ActivityPage, authorities: Vec<Authority>) -> impl IntoView {
    let views::ActivityPage { lines, total, page, ingestion, .. } = page;
    let rows = lines.len();
    let exported = Exported::Activity(query.clone());
    let left_out = (!query.reads && query.name.is_none()).then(|| {
        view! {
            <p class="muted">
                // safe link: from crate::paths below
                "Calls that only read are left out, but for those that were denied. " <a href=with_reads(&query)>"Show them too"</a>
            </p>
        }
    });
    let to = move |number: u32| paths::activity(&ActivityQuery { page: number, ..query.clone() });
    view! {
        <div class="list-actions">
            <Files of=exported />
            {left_out}
        </div>
        <Events caption="Events, the newest first" lines authorities />
        <Numbered page rows total as_of=ingestion.as_of to />
    }
}
