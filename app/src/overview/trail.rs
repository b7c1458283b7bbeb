//! The trail in one glance: how fresh it is, and today's hours.

use domain::trail::{Hour, Proof};
use domain::views::{CoverageDay, TrailNow};
use leptos::prelude::*;

use crate::activity::Freshness;
use crate::coverage::HourMark;
use crate::paths;
use crate::ui::{Flash, Section, Tone, count, visible};

#[component]
pub fn Trail(trail: TrailNow) -> impl IntoView {
    let TrailNow { ingestion, today } = trail;
    let problem = ingestion.problem.clone().map(|problem| {
        view! {
            <Flash tone=Tone::High title="The trail could not be read anew">
                <p>{visible(&problem)}</p>
            </Flash>
        }
    });
    let links = move || {
        view! {
            <span class="row">
                <a href=paths::ACTIVITY>"Activity"</a>
                <a href=paths::COVERAGE>"Coverage"</a>
            </span>
        }
    };
    view! {
        <Section title="Trail" aside=links>
            {problem}
            <p class="muted">
                <Freshness ingestion />
            </p>
            {today.into_iter().map(|(place, day)| view! { <Today place day /> }).collect_view()}
        </Section>
    }
}

/// The hours so far as drawings, and the same in words.
#[component]
fn Today(place: String, day: CoverageDay) -> impl IntoView {
    let words: Vec<String> = Proof::ALL
        .iter()
        .copied()
        .filter_map(|proof| {
            let hours = day.hours.iter().filter(|hour| hour.proof == Some(proof)).count();
            let hours = u64::try_from(hours).unwrap_or(u64::MAX);
            (hours > 0).then(|| format!("{} {}", count(hours), proof.name()))
        })
        .collect();
    let words = if words.is_empty() { "nothing known yet".to_owned() } else { words.join(", ") };
    let marks = day.hours.into_iter().map(|Hour { proof, .. }| view! { <HourMark proof /> });
    view! {
        <div class="today">
            <p>{format!("{place}, {}", day.date)}</p>
            <div class="today-hours" aria-hidden="true">
                {marks.collect_view()}
            </div>
            <p class="small muted">{format!("Hours: {words}")}</p>
        </div>
    }
}
