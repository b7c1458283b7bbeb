//! The history of a finding as a timeline, with what is still to come.

use domain::finding::{FindingChange, FindingEvent, FindingStateName};
use domain::{Finding, FindingState};
use leptos::prelude::*;

use crate::paths;
use crate::ui::{Event, Mark, Timeline, visible};

#[component]
pub fn History(finding: Finding) -> impl IntoView {
    let authority = finding.id.scope.authority().cloned();
    let severity = finding.id.kind.severity();
    let event = move |FindingEvent { at, by, what }: FindingEvent| {
        let (words, mark) = told(&what);
        let mark = mark.map_or(Mark::from(severity), Mark::from);
        let more = match what {
            FindingChange::Opened { run }
            | FindingChange::Reopened { run }
            | FindingChange::Closed { run } => {
                // safe link: from crate::paths
                authority
                    .as_ref()
                    .map(|id| view! { <a href=paths::run(id, &run)>"Open the run"</a> })
                    .into_any()
            }
            FindingChange::RevocationRequested { request } | FindingChange::Resolved { request } => {
                view! { <a href=paths::revocation(&request)>"Open the request"</a> }.into_any()
            }
            FindingChange::Acknowledged { due: Some(due) } => {
                view! { <p>{format!("Due {}", due.date())}</p> }.into_any()
            }
            FindingChange::Dismissed { reason } | FindingChange::DismissalAsked { reason } => {
                view! { <p class="quote">{visible(&reason)}</p> }.into_any()
            }
            FindingChange::Assigned { to, due } => {
                let due = due.map(|due| format!(", due {}", due.date()));
                view! { <p>"To " {to.name} {due}</p> }.into_any()
            }
            FindingChange::Acknowledged { due: None } | FindingChange::Raised => ().into_any(),
        };
        view! {
            <Event at=Some(at) what=words who=by.map(|person| person.name) mark>
                {more}
            </Event>
        }
    };
    let ahead = match finding.state {
        FindingState::Resolved { .. } => Some("The next run confirms that the trouble is gone".to_owned()),
        FindingState::Acknowledged { due: Some(due), .. } => Some(format!("Due {}", due.date())),
        _ => None,
    };
    view! {
        <Timeline>
            {finding.history.into_iter().map(event).collect_view()}
            {ahead.map(|what| view! { <Event at=None what /> })}
        </Timeline>
    }
}

/// What happened in words, and the state whose mark it takes; the finding's severity without one.
fn told(what: &FindingChange) -> (&'static str, Option<FindingStateName>) {
    match what {
        FindingChange::Opened { .. } => ("A run saw it for the first time", None),
        FindingChange::Raised => ("An alert raised it", None),
        FindingChange::Reopened { .. } => ("A run saw it again: reopened", None),
        FindingChange::Acknowledged { .. } => ("Acknowledged", Some(FindingStateName::Acknowledged)),
        FindingChange::Assigned { .. } => ("Assigned", Some(FindingStateName::Acknowledged)),
        FindingChange::DismissalAsked { .. } => {
            ("Dismissal asked for: a second person must confirm it", None)
        }
        FindingChange::Dismissed { .. } => ("Dismissed", Some(FindingStateName::Dismissed)),
        FindingChange::RevocationRequested { .. } => {
            ("Revocation requested", Some(FindingStateName::Acknowledged))
        }
        FindingChange::Resolved { .. } => {
            ("Resolved: its certificate was revoked", Some(FindingStateName::Resolved))
        }
        FindingChange::Closed { .. } => ("Closed: a run no longer saw it", Some(FindingStateName::Closed)),
    }
}
