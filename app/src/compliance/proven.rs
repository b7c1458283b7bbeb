//! What the numbers rest on: runs that were held, and hours of the trail that are proven.

use domain::timestamp::words;
use domain::trail::Proof;
use domain::views::{Authority, RunsHeld, TrailHours};
use leptos::prelude::*;

use crate::address::Query;
use crate::authorities::name_of;
use crate::paths;
use crate::ui::{Column, Empty, Section, Table, Utc, count, visible};

#[component]
pub fn Runs(runs: Vec<RunsHeld>, authorities: Vec<Authority>) -> impl IntoView {
    let row = |held: RunsHeld| {
        let id = held.authority.id();
        let (name, href) = (name_of(&authorities, &id), paths::runs(Query::new().with("authority", &id)));
        let at_least = if held.cut { "at least " } else { "" };
        let gap = held.gap.map(|(from, to)| {
            view! {
                {words(to.since(from))}
                <div class="small muted">"from " <Utc at=from /> " to " <Utc at=to /></div>
            }
        });
        let last = held.last.map(|(run, at)| {
            view! {
                <a href=paths::run(&id, &run)>
                    <Utc at />
                </a>
            }
        });
        view! {
            <tr>
                <th scope="row">
                    // safe link: from crate::paths
                    <a href=href>{name}</a>
                </th>
                <td class="num">{format!("{at_least}{}", count(held.finished))}</td>
                <td class="num">{count(held.incomplete)}</td>
                <td class="num">{count(held.failed)}</td>
                <td>{gap}</td>
                <td>{last}</td>
            </tr>
        }
    };
    let columns = vec![
        Column::text("Authority"),
        Column::number("Held"),
        Column::number("Of those incomplete"),
        Column::number("Failed"),
        Column::text("Longest time without one"),
        Column::text("The last"),
    ];
    let rows = runs.into_iter().map(row).collect_view();
    view! {
        <Section title="Runs">
            <Table caption="Runs by authority" columns>
                {rows}
            </Table>
        </Section>
    }
}

#[component]
pub fn Trails(trails: Vec<TrailHours>) -> impl IntoView {
    let row = |trail: TrailHours| {
        let cells = Proof::ALL.iter().map(|proof| trail.hours.get(proof).copied().unwrap_or(0));
        let cells = cells.chain([trail.unknown, trail.total()]);
        view! {
            <tr>
                <th scope="row">
                    <a href=paths::COVERAGE>{visible(&format!("{} · {}", trail.account, trail.region))}</a>
                </th>
                {cells.map(|number| view! { <td class="num">{count(number)}</td> }).collect_view()}
            </tr>
        }
    };
    let columns = std::iter::once(Column::text("Trail"))
        .chain(Proof::ALL.iter().map(|proof| Column::number(proof.label())))
        .chain(["Nothing known", "All hours"].map(Column::number))
        .collect();
    let content = match trails.is_empty() {
        true => view! {
            <Empty title="No trail is configured">
                <p>"Nobody knows who had which certificate issued."</p>
            </Empty>
        }
        .into_any(),
        false => view! {
            <Table caption="Hours of the trail by their proof" columns>
                {trails.into_iter().map(row).collect_view()}
            </Table>
        }
        .into_any(),
    };
    view! { <Section title="Hours of the trail">{content}</Section> }
}
