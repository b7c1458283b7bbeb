//! The page: which time, the numbers at a glance, and a section for each question.

use domain::finding::FindingStateName;
use domain::views::{
    Authority, ComplianceQuery, ComplianceView, FindingQuery, FindingStates, RequestQuery, TrailHours,
};
use domain::{FindingKind, Severity};
use leptos::prelude::*;

use super::api::get_compliance;
use super::certificates::Certificates;
use super::exceptions::{Exceptions, People};
use super::findings::Findings;
use super::proven::{Runs, Trails};
use super::revocations::Revocations;
use crate::address::use_query;
use crate::authorities::{choices, name_of};
use crate::paths;
use crate::queries::read_compliance;
use crate::ui::{
    Ago, Filter, FilterDay, FilterSelect, Icon, LinkButton, Mark, PageHead, Tile, Tiles, Tone, loaded,
};

#[component]
pub fn CompliancePage() -> impl IntoView {
    let query = use_query(read_compliance);
    let view = Resource::new(
        move || query.get(),
        |query| async move {
            let query = query?;
            Ok((query.clone(), get_compliance(query).await?))
        },
    );
    loaded(view, |(query, view)| view! { <Compliance query view /> })
}

/// The page once its data is there.
#[component]
pub fn Compliance(query: ComplianceQuery, view: ComplianceView) -> impl IntoView {
    let period = view.period;
    // Links keep the time that is shown, whatever day it is when they are followed.
    let query = ComplianceQuery { from: Some(period.from()), to: Some(period.last()), ..query };
    let (controls, pack) = (paths::controls(&query), paths::packs_of(&query));
    let of = match &query.authority {
        Some(id) => name_of(&view.authorities, id),
        None => "all authorities".to_owned(),
    };
    view! {
        <PageHead
            title="Compliance"
            actions=move || {
                view! {
                    // safe link: from crate::paths
                    <LinkButton href=controls>"Controls"</LinkButton>
                    // safe link: from crate::paths
                    <LinkButton href=pack>"Take evidence along"</LinkButton>
                }
            }
        >
            {format!("{} to {} UTC, both days whole · {of}", period.from().date(), period.last().date())}
            {view.as_of.map(|at| view! { " · certificates as of " <Ago at /> })}
        </PageHead>
        <Narrow action=paths::COMPLIANCE query=query.clone() authorities=view.authorities.clone() />
        <Glance query=query.clone() view=view.clone() />
        <Certificates
            query=query.clone()
            counts=view.certificates.clone()
            issuers=view.issuers.clone()
            issuers_total=view.totals.issuers
            authorities=view.authorities.clone()
        />
        <Findings query=query.clone() flows=view.findings.clone() />
        <Revocations query=query.clone() view=view.clone() />
        <Runs runs=view.runs.clone() authorities=view.authorities.clone() />
        <Trails trails=view.trails.clone() />
        <Exceptions query view=view.clone() />
        <People people=view.people total=view.totals.roles_seen period ledger=view.ledger />
    }
}

#[component]
pub fn Narrow(action: &'static str, query: ComplianceQuery, authorities: Vec<Authority>) -> impl IntoView {
    let chosen = query.authority.map(|id| id.to_string()).unwrap_or_default();
    view! {
        <Filter action>
            <FilterDay name="from" label="From" value=query.from />
            <FilterDay name="to" label="To" value=query.to />
            <FilterSelect name="authority" label="Authority" choices=choices(&authorities) chosen all="All" />
        </Filter>
    }
}

/// What somebody looks for first, each with the list that it counts.
#[component]
fn Glance(query: ComplianceQuery, view: ComplianceView) -> impl IntoView {
    let requests = RequestQuery {
        authority: query.authority.clone(),
        from: Some(view.period.from()),
        to: Some(view.period.to()),
        ..RequestQuery::default()
    };
    let out_of_band = FindingKind::RevocationNotCountersigned;
    let authority = query.authority.clone();
    let of_critical = FindingQuery {
        severity: Some(Severity::Critical),
        state: FindingStates::Is(FindingStateName::Dismissed),
        ended: view.period.into(),
        authority: authority.clone(),
        ..FindingQuery::default()
    };
    let past = FindingQuery {
        kind: Some(out_of_band),
        state: FindingStates::Any,
        opened: view.period.into(),
        authority,
        ..FindingQuery::default()
    };
    let mark = |number: u64, tone: Tone, word| match number {
        0 => Mark::new(Tone::Ok, Icon::Check, word),
        _ => Mark::new(tone, Icon::Alert, word),
    };
    let (all, past, of_critical) =
        (paths::revocations(&requests), paths::findings(&past), paths::findings(&of_critical));
    let (others, dismissed) = (view.opened(out_of_band), view.critical_dismissed());
    let hours = |count: &dyn Fn(&TrailHours) -> u64| view.trails.iter().map(count).sum::<u64>();
    let unproven = hours(&TrailHours::total) - hours(&TrailHours::proven);
    view! {
        <Tiles>
            <Tile
                of=Mark::new(Tone::Info, Icon::Ban, "Requests")
                number=view.requests.all
                note="made, without drills"
                // safe link: from crate::paths above
                href=all
            />
            <Tile
                of=mark(view.requests.break_glass, Tone::High, "Break-glass")
                number=view.requests.break_glass
                note="carried out by their requesters alone"
                href="#exceptions".to_owned()
            />
            <Tile
                of=mark(others, Tone::High, "Out of band")
                number=others
                note="revocations that nobody here agreed to"
                // safe link: from crate::paths above
                href=past
            />
            <Tile
                of=mark(dismissed, Tone::Medium, "Dismissed")
                number=dismissed
                note="critical findings that were said to be no trouble"
                // safe link: from crate::paths above
                href=of_critical
            />
            <Tile
                of=mark(unproven, Tone::Medium, "Not proven")
                number=unproven
                note="hours of the trail"
                href=paths::COVERAGE.to_owned()
            />
        </Tiles>
    }
}
