//! What is wrong with the trail: which object, in which hours, and the finding that somebody handles.

use std::time::Duration;

use domain::trail::{Problem, Proof};
use domain::views::{ActivityQuery, TrailCoverage, TrailProblem};
use leptos::prelude::*;

use crate::paths;
use crate::ui::{Badge, Column, CopyButton, Mark, Table, Utc, count, visible};

/// The place of a problem on the page.
pub fn anchor(trail: usize, problem: usize) -> String {
    format!("problem-{trail}-{problem}")
}

/// Nothing when nothing is wrong.
#[component]
pub fn Problems(number: usize, trail: TrailCoverage) -> impl IntoView {
    let TrailCoverage { problems, problems_total, hours, .. } = trail;
    if problems.is_empty() {
        let whole = !hours.contains_key(&Proof::Missing) && !hours.contains_key(&Proof::Altered);
        return whole
            .then(|| view! { <p class="muted">"Nothing is missing, and nothing was altered."</p> })
            .into_any();
    }
    let shown = u64::try_from(problems.len()).unwrap_or(u64::MAX);
    let columns = ["Hours (UTC)", "Proof", "What is wrong", "Finding"].map(Column::text).to_vec();
    let row = move |(at, problem): (usize, TrailProblem)| view! { <Line id=anchor(number, at) problem /> };
    view! {
        <Table caption="What is missing or altered, the newest first" columns>
            {problems.into_iter().enumerate().map(row).collect_view()}
        </Table>
        {(shown < problems_total)
            .then(|| view! { <p class="muted">{format!("The newest {} of {}.", count(shown), count(problems_total))}</p> })}
    }
    .into_any()
}

#[component]
fn Line(id: String, problem: TrailProblem) -> impl IntoView {
    let TrailProblem { problem: Problem { from, to, proof, object, what, .. }, finding } = problem;
    let issued = ActivityQuery {
        name: Some("IssueCertificate".to_owned()),
        from: Some(from),
        to: Some(to.max(from.plus(Duration::from_secs(1)))),
        ..ActivityQuery::default()
    };
    view! {
        <tr id=id>
            <th scope="row">
                <Utc at=from />
                <div>"to " <Utc at=to /></div>
            </th>
            <td>
                <Badge of=Mark::from(proof) />
            </td>
            <td class="wrap">
                {visible(&what)}
                <div class="small muted object">
                    <code>{visible(&object)}</code>
                    " "
                    <CopyButton value=object what="object's key" />
                </div>
            </td>
            <td>
                {match finding {
                    Some(id) => view! { <a href=paths::finding(&id)>"Open the finding"</a> }.into_any(),
                    None => view! { <span class="muted">"none yet"</span> }.into_any(),
                }}
                <div>
                    <a href=paths::activity(&issued)>"What was issued then"</a>
                </div>
            </td>
        </tr>
    }
}
