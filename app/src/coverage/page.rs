//! The page: how fresh it is, a calendar for each account and Region, the problems, the older months.

use domain::views::{CoverageView, TrailCoverage};
use leptos::prelude::*;

use super::api::{LoadMonth, get_coverage};
use super::calendar::{Calendar, Legend};
use super::months::Months;
use super::problems::Problems;
use crate::activity::{Freshness, NoTrail, Unread};
use crate::ui::{Empty, PageHead, Section, Utc, loaded};

#[component]
pub fn CoveragePage() -> impl IntoView {
    let load = ServerAction::<LoadMonth>::new();
    let coverage = Resource::new(|| (), |()| get_coverage());
    loaded(coverage, move |view| view! { <Coverage view load /> })
}

/// The page once its data is there.
#[component]
pub fn Coverage(view: CoverageView, load: ServerAction<LoadMonth>) -> impl IntoView {
    let CoverageView { trails, ingestion, since, .. } = view.clone();
    let (configured, unread) = (ingestion.configured, ingestion.clone());
    if !configured {
        return view! {
            <PageHead title="Coverage">
                <Freshness ingestion />
            </PageHead>
            <NoTrail />
        }
        .into_any();
    }
    let none = trails.iter().all(|trail| trail.days.is_empty());
    let trails = trails.into_iter().enumerate().map(|(number, trail)| view! { <OneTrail number trail /> });
    let content = match none {
        true => view! {
            <Empty title="Nothing is known of any hour yet">
                <p>
                    "AWS signs a digest of the log files about every hour. As soon as the first is read, each hour is shown here as proven, unproven, missing or altered."
                </p>
            </Empty>
        }
        .into_any(),
        false => view! {
            <Legend />
            {trails.collect_view()}
        }
        .into_any(),
    };
    view! {
        <PageHead title="Coverage">
            <Freshness ingestion />
            {since.map(|at| view! { " · read by itself since " <Utc at /> })}
        </PageHead>
        <Unread ingestion=unread />
        {content}
        <Months view load />
    }
    .into_any()
}

#[component]
fn OneTrail(number: usize, trail: TrailCoverage) -> impl IntoView {
    let title = format!("{} · {}", trail.account, trail.region);
    let problems = trail.clone();
    view! {
        <Section title>
            <Problems number trail=problems />
            <Calendar number trail />
        </Section>
    }
}
