//! Runs by schedule: for each authority when the next one is due, what became of the last one, and what was missed.

use domain::AuthorityId;
use domain::schedule::{Kept, Outcome};
use domain::views::{Authority, ScheduleView};
use leptos::prelude::*;

use crate::authorities::name_of;
use crate::paths;
use crate::session::use_now;
use crate::ui::{Ago, Badge, Column, Due, Section, Table, count};

#[component]
pub fn Schedules(schedules: Vec<ScheduleView>, authorities: Vec<Authority>) -> impl IntoView {
    let columns =
        ["Authority", "Schedule (UTC)", "Next", "Last", "Missed", "In 90 days"].map(Column::text).to_vec();
    let row = |schedule: ScheduleView| {
        let name = name_of(&authorities, &schedule.authority);
        view! { <Row name schedule /> }
    };
    let rows = schedules.into_iter().map(row).collect_view();
    view! {
        <Section title="By schedule">
            <Table caption="Runs by schedule" columns>
                {rows}
            </Table>
        </Section>
    }
}

#[component]
fn Row(name: String, schedule: ScheduleView) -> impl IntoView {
    let now = use_now();
    let ScheduleView { authority, is_known, cron, next, last, missed, outcomes, .. } = schedule;
    let schedule = match (cron, is_known) {
        (Some(cron), _) => view! { <code>{cron}</code> }.into_any(),
        (None, true) => view! { <span class="muted">"never"</span> }.into_any(),
        (None, false) => view! { <span class="muted">"no worker has looked at it yet"</span> }.into_any(),
    };
    let next = next.map(|at| view! { <Due at /> });
    let last = last.map(|kept| view! { <Time kept authority=authority.clone() /> });
    let none = missed.is_empty().then(|| view! { <span class="muted">"none"</span> });
    let missed = missed.into_iter().map(|kept| view! { <li><Time kept authority=authority.clone() /></li> });
    let said = |outcome: &Outcome| {
        let number = outcomes.get(outcome).copied().filter(|number| *number > 0)?;
        Some(format!("{} {}", count(number), outcome.label().to_lowercase()))
    };
    let said: Vec<String> = Outcome::ALL.iter().filter_map(said).collect();
    let said = if said.is_empty() { "nothing was due".to_owned() } else { said.join(" · ") };
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td>{schedule}</td>
            <td>{next}</td>
            <td>{last}</td>
            <td class="wrap">
                {none}
                <ul class="counts">{missed.collect_view()}</ul>
            </td>
            <td class="wrap" title=format!("until {}", now.absolute())>
                {said}
            </td>
        </tr>
    }
}

/// A time of the schedule, with what became of it, leading to its run.
#[component]
fn Time(kept: Kept, authority: AuthorityId) -> impl IntoView {
    let Kept { at, outcome, run } = kept;
    let time = match run {
        Some(run) => view! {
            <a href=paths::run(&authority, &run)>
                <Ago at />
            </a>
        }
        .into_any(),
        None => view! { <Ago at /> }.into_any(),
    };
    view! {
        {time}
        " "
        <Badge of=outcome />
    }
}
