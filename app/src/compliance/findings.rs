//! Findings: opened and ended by severity, how long they stood open, and who ended them.

use domain::Severity;
use domain::finding::FindingStateName;
use domain::people::Person;
use domain::timestamp::words;
use domain::views::{
    ComplianceQuery, FindingFlow, FindingQuery, OpenFor, SeverityFlow, by_severity, by_whom,
};
use leptos::prelude::*;

use crate::paths;
use crate::ui::{Badge, Column, Section, Table, count, visible};

#[component]
pub fn Findings(query: ComplianceQuery, flows: Vec<FindingFlow>) -> impl IntoView {
    let authority = query.authority;
    let list = move |severity, state| {
        let authority = authority.clone();
        paths::findings(&FindingQuery { severity, state, authority, ..FindingQuery::default() })
    };
    let link = |number: u64, href: String| match number {
        0 => view! { <td class="num">"0"</td> }.into_any(),
        // safe link: from crate::paths above
        _ => view! { <td class="num"><a href=href>{count(number)}</a></td> }.into_any(),
    };
    let row = |(severity, flow): (Severity, SeverityFlow)| {
        let times = OpenFor::ALL.iter().map(|one| flow.open_for.get(one).copied().unwrap_or(0));
        let times = times.map(|number| view! { <td class="num">{count(number)}</td> }).collect_view();
        view! {
            <tr>
                <th scope="row">
                    <Badge of=severity />
                </th>
                <td class="num">{count(flow.opened)}</td>
                {link(flow.closed, list(Some(severity), Some(FindingStateName::Closed)))}
                {link(flow.dismissed, list(Some(severity), Some(FindingStateName::Dismissed)))}
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
                {link(number, list(None, Some(how)))}
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
                "By the day on which they were first seen, and on which they came to their end, as they are now: one that was opened again has no end. Lists show all of a state, whenever that was."
            </p>
            <Table caption="Findings by severity" columns>
                {rows}
            </Table>
            {ended}
        </Section>
    }
}
