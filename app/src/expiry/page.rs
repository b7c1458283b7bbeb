//! The page: which part of the calendar, a chart of it, and for days the calendar itself.

use domain::AuthorityId;
use domain::views::{Authority, CalendarUnit, ExpiryQuery, ExpirySpan, ExpiryView};
use leptos::prelude::*;

use super::api::{MakeCalendar, WithdrawCalendar, get_expiry};
use super::calendar::OwnCalendar;
use super::month::Weeks;
use crate::address::use_query;
use crate::authorities::{choices, name_of};
use crate::paths;
use crate::queries::read_expiry;
use crate::ui::{
    Ago, Bar, Chart, Choice, Empty, Filter, FilterSelect, LinkButton, PageHead, SERIES, Section, Together,
    loaded, plural,
};

#[component]
pub fn ExpiryPage() -> impl IntoView {
    let query = use_query(read_expiry);
    let view = Resource::new(
        move || query.get(),
        |query| async move {
            let query = query?;
            Ok((query.clone(), get_expiry(query).await?))
        },
    );
    let (make, withdraw) = (ServerAction::new(), ServerAction::new());
    loaded(view, move |(query, view)| view! { <Expiry query view make withdraw /> })
}

/// The page once its data is there.
#[component]
pub fn Expiry(
    query: ExpiryQuery,
    view: ExpiryView,
    make: ServerAction<MakeCalendar>,
    withdraw: ServerAction<WithdrawCalendar>,
) -> impl IntoView {
    let ExpiryView { authorities, mut spans, as_of, calendar: key } = view;
    if let Some(only) = &query.authority {
        spans.iter_mut().for_each(|span| span.counts.retain(|id, _| id == only));
    }
    let total: u64 = spans.iter().map(ExpirySpan::total).sum();
    let (first, end) = match (spans.first(), spans.last()) {
        (Some(first), Some(last)) => (first.from, last.to),
        _ => return view! { <PageHead title="Expiry" /> }.into_any(),
    };
    let at = |from| paths::expiry(&ExpiryQuery { from: Some(from), ..query.clone() });
    let (before, after) = (at(query.unit.page_before(first)), at(end));
    let title = format!("{} to {}", first.date(), end.minus(std::time::Duration::from_secs(1)).date());
    let calendar = (query.unit == CalendarUnit::Day)
        .then(|| view! { <Weeks spans=spans.clone() authority=query.authority.clone() /> });
    let unread = as_of.is_none().then(|| {
        view! {
            <Empty title="The inventory is being read for the first time">
                <p>"Nothing is known of any certificate before that is done. Look again in a moment."</p>
            </Empty>
        }
    });
    let facts = match total {
        0 => "No certificate that is not revoked expires in this time.".to_owned(),
        1 => "1 certificate that is not revoked expires in this time.".to_owned(),
        more => format!("{} that are not revoked expire in this time.", plural(more, "certificate")),
    };
    view! {
        <PageHead title="Expiry">
            "When certificates expire that are not revoked, UTC" {as_of.map(|at| view! { " · as of " <Ago at /> })}
        </PageHead>
        <Narrow query=query.clone() authorities=authorities.clone() />
        {unread}
        <Section title>
            <p>{facts}</p>
            <nav class="row" aria-label="Parts of the calendar">
                // safe link: from crate::paths
                <LinkButton href=before>"Earlier"</LinkButton>
                // safe link: from crate::paths
                <LinkButton href=after>"Later"</LinkButton>
            </nav>
            <Expiries query authorities spans />
            {calendar}
        </Section>
        <OwnCalendar key make withdraw />
    }
    .into_any()
}

#[component]
fn Narrow(query: ExpiryQuery, authorities: Vec<Authority>) -> impl IntoView {
    let units = CalendarUnit::ALL.iter().filter(|unit| **unit != CalendarUnit::default());
    let units = units.map(|unit| Choice::new(unit.name(), unit.label())).collect();
    let unit = if query.unit == CalendarUnit::default() { "" } else { query.unit.name() };
    let chosen = query.authority.map(|id| id.to_string()).unwrap_or_default();
    view! {
        <Filter action=paths::EXPIRY>
            <FilterSelect name="by" label="By" choices=units chosen=unit all=CalendarUnit::default().label() />
            <FilterSelect name="authority" label="Authority" choices=choices(&authorities) chosen all="All" />
        </Filter>
    }
}

#[component]
fn Expiries(query: ExpiryQuery, authorities: Vec<Authority>, spans: Vec<ExpirySpan>) -> impl IntoView {
    let (shown, others) = series(&spans);
    let mut names: Vec<String> = shown.iter().map(|id| name_of(&authorities, id)).collect();
    if others {
        names.push("Others".to_owned());
    }
    let bar = |span: &ExpirySpan| {
        let mut numbers: Vec<u64> =
            shown.iter().map(|id| span.counts.get(id).copied().unwrap_or(0)).collect();
        if others {
            numbers.push(span.total() - numbers.iter().sum::<u64>());
        }
        let day = span.from.date();
        let (name, brief) = match query.unit {
            CalendarUnit::Day | CalendarUnit::Week => {
                (day.clone(), day.get(5..).unwrap_or_default().to_owned())
            }
            CalendarUnit::Month => {
                let month = day.get(..7).unwrap_or_default().to_owned();
                (month.clone(), month)
            }
        };
        let name = if query.unit == CalendarUnit::Week { format!("Week of {name}") } else { name };
        let href = (span.total() > 0).then(|| paths::certificates(&span.list(query.authority.as_ref())));
        Bar { name, brief, numbers, href }
    };
    let bars = spans.iter().map(bar).collect();
    // safe link: from crate::paths above
    view! { <Chart id="expiry" caption="Certificates that expire" unit=query.unit.label() together=Together::Stacked series=names bars /> }
}

/// The authorities with the most certificates, as many as a chart tells apart, and whether there are others.
fn series(spans: &[ExpirySpan]) -> (Vec<AuthorityId>, bool) {
    let mut totals = std::collections::BTreeMap::<AuthorityId, u64>::new();
    for (id, count) in spans.iter().flat_map(|span| &span.counts) {
        *totals.entry(id.clone()).or_default() += count;
    }
    let mut ids: Vec<(AuthorityId, u64)> = totals.into_iter().collect();
    ids.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let others = ids.len() > SERIES;
    ids.truncate(if others { SERIES - 1 } else { SERIES });
    (ids.into_iter().map(|(id, _)| id).collect(), others)
}
