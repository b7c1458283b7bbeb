//! Findings: opened and ended by severity, how long they stood open, and who ended them.

use domain::Severity;
use domain::finding::FindingStateName;
use domain::people::Person;
use domain::timestamp::words;
use domain::views::{
    ComplianceQuery, Days, FindingFlow, FindingQuery, FindingStates, OpenFor, SeverityFlow, by_severity,
    by_whom,
};
use leptos::prelude::*;

use crate::paths;
use crate::ui::{Badge, Column, Section, Table, count, visible};

#[component]
pub fn Findings(query: ComplianceQuery, flows: Vec<FindingFlow>) -> impl IntoView {
    let days = Days { from: query.from, to: query.to };
    let any =
        FindingQuery { authority: query.authority, state: FindingStates::Any, ..FindingQuery::default() };
    let (opened, ended) = (FindingQuery { opened: days, ..any.clone() }, FindingQuery { ended: days, ..any });
    let link = |number: u64, list: FindingQuery| match number {
        0 => view! { <td class="num">"0"</td> }.into_any(),
        _ => view! {
            <td class="num">
                <a href=paths::findings(&list)>{count(number)}</a>
            </td>
        }
        .into_any(),
    };
    let of_whom = ended.clone();
    let row = |(severity, flow): (Severity, SeverityFlow)| {
        let of = |query: &FindingQuery| FindingQuery { severity: Some(severity), ..query.clone() };
        let (opened, ended) = (of(&opened), of(&ended));
        let settled = FindingQuery { state: FindingStates::Settled, ..ended.clone() };
        let dismissed =
            FindingQuery { state: FindingStates::Is(FindingStateName::Dismissed), ..ended.clone() };
        let time = |one: &OpenFor| {
            let list = FindingQuery { open_for: Some(*one), ..ended.clone() };
            link(flow.open_for.get(one).copied().unwrap_or(0), list)
        };
        let times = OpenFor::ALL.iter().map(time).collect_view();
        view! {
            <tr>
                <th scope="row">
                    <Badge of=severity />
                </th>
                {link(flow.opened, opened)}
                {link(flow.closed, settled)}
                {link(flow.dismissed, dismissed)}
                {times}
                <td class="num">{flow.mean().map_or_else(|| "–".to_owned(), words)}</td>
            </tr>
        }
    };
    let heads = ["Opened", "Closed", "Dismissed"].map(Column::number).into_iter();
    let columns = std::iter::once(Column::text("Severity"))
        .chain(heads)
        .chain(OpenFor::ALL.iter().map(|one| Column::number(one.label())))
        .chain([Column::number("Mean time open")])
        .collect();
    let rows = by_severity(&flows).into_iter().map(row).collect_view();
    let whom = by_whom(&flows);
    let by = |(how, by, number): (FindingStateName, Option<Person>, u64)| {
        let ended_by = by.as_ref().map(|person| person.id.clone());
        let list = FindingQuery { state: FindingStates::Is(how), ended_by, ..of_whom.clone() };
        let who = match (by, how) {
            (Some(person), _) => visible(&person.name),
            (None, FindingStateName::Resolved) => "A request revoked their certificates".to_owned(),
            (None, _) => "A run no longer saw them".to_owned(),
        };
        view! {
            <tr>
                <th scope="row">{who}</th>
                <td>
                    <Badge of=how />
                </td>
                {link(number, list)}
            </tr>
        }
    };
    let is_any = !whom.is_empty();
    let whom = whom.into_iter().map(by).collect_view();
    let ended = is_any.then(move || {
        view! {
            <Table
                caption="By whom findings came to their end"
                columns=vec![Column::text("By"), Column::text("How"), Column::number("Findings")]
            >
                {whom}
            </Table>
        }
    });
    view! {
        <Section title="Findings">
            <p class="muted small">
                "By the day on which they were first seen, and on which they came to their end, as they are now: one that was opened again has no end."
            </p>
            <Table caption="Findings by severity" columns>
                {rows}
            </Table>
            {ended}
        </Section>
    }
}
