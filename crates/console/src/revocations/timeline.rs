//! The story of a request, from its making to its proof, with the steps that are still to come.

use std::time::Duration;

use domain::Timestamp;
use domain::revocation::{Execution, ItemProgress, ItemState, Mode, Request, RequestState, Verdict};
use domain::timestamp::words;
use domain::views::Moment;

/// What happened, oldest first, then what is to come.
pub(super) fn timeline(
    request: &Request,
    execution: &Execution,
    mode: Mode,
    crl_deadline: Duration,
) -> Vec<Moment> {
    let mut moments = decisions(request);
    moments.extend(executed(execution));
    moments.extend(proofs(request, execution));
    // Equal times keep the order of the steps.
    moments.sort_by_key(|moment| moment.at);
    moments.extend(to_come(request, execution, mode, crl_deadline));
    moments
}

fn moment(at: Timestamp, what: impl Into<String>) -> Moment {
    Moment { at: Some(at), what: what.into(), who: None, link: None }
}

fn later(what: impl Into<String>) -> Moment {
    Moment { at: None, what: what.into(), who: None, link: None }
}

fn decisions(request: &Request) -> Vec<Moment> {
    let requester = Some(request.requester.name.clone());
    let requested = moment(request.requested_at, "Requested");
    let mut moments = vec![Moment { who: requester.clone(), ..requested }];
    for decision in &request.decisions {
        let said = match decision.verdict {
            Verdict::Approve => "Approved",
            Verdict::Reject => "Rejected",
        };
        let what = match &decision.comment {
            Some(comment) => format!("{said}: {comment}"),
            None => said.to_owned(),
        };
        moments.push(Moment { who: Some(decision.by.name.clone()), ..moment(decision.at, what) });
    }
    if let Some(at) = request.cancelled_at {
        moments.push(match &request.problem {
            Some(why) => moment(at, format!("Not executed: {why}")),
            None => Moment { who: requester, ..moment(at, "Cancelled") },
        });
    }
    if request.state == RequestState::Expired {
        moments.push(moment(request.expires_at, "Expired without a decision"));
    }
    moments
}

/// "Revoked at the CA", or "12 of 40 certificates revoked at the CA" for more than one.
fn counted(count: usize, all: usize, done: &str) -> String {
    match all {
        1 => {
            let mut letters = done.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
        }
        _ if count == all => format!("{all} certificates {done}"),
        _ => format!("{count} of {all} certificates {done}"),
    }
}

fn step(
    items: &[ItemProgress],
    all: usize,
    done: &str,
    at: impl Fn(&ItemProgress) -> Option<Timestamp>,
) -> Option<Moment> {
    let times: Vec<Timestamp> = items.iter().filter_map(at).collect();
    let last = times.iter().max()?;
    Some(moment(*last, counted(times.len(), all, done)))
}

fn executed(execution: &Execution) -> Vec<Moment> {
    let items = &execution.items;
    let all = items.len();
    let mut moments: Vec<Moment> = [
        step(items, all, "revoked at the CA", |item| match item.item {
            ItemState::Revoked { at, .. } => Some(at),
            _ => None,
        }),
        step(items, all, "would have been revoked: the mode is dry-run", |item| match item.item {
            ItemState::DryRun { at } => Some(at),
            _ => None,
        }),
        step(items, all, "could not be revoked", |item| match item.item {
            ItemState::Failed { at, .. } => Some(at),
            _ => None,
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let [ItemProgress { item: ItemState::Failed { at, error }, .. }] = items.as_slice() {
        moments = vec![moment(*at, format!("Could not be revoked: {error}"))];
    }
    moments
}

fn proofs(request: &Request, execution: &Execution) -> Vec<Moment> {
    let items = &execution.items;
    let revoked = items.iter().filter(|item| item.is_revoked()).count();
    let proven = request.proven_at.map(|at| moment(at, "Proven"));
    let steps = [
        step(items, revoked, "recorded in the inventory", |item| item.inventory_at),
        step(items, revoked, "seen on the CRL", |item| item.crl_at),
        step(items, revoked, "seen in the report", |item| item.report_at),
        proven,
    ];
    steps.into_iter().flatten().collect()
}

fn to_come(request: &Request, execution: &Execution, mode: Mode, crl_deadline: Duration) -> Vec<Moment> {
    let counts = execution.counts();
    match request.state {
        RequestState::Pending => {
            let (has, needs) = (request.approvals(), request.approvals_needed);
            vec![later(match needs {
                1 => format!("Waiting for approval until {}", request.expires_at.absolute()),
                _ => {
                    format!("Waiting for approval, {has} of {needs}, until {}", request.expires_at.absolute())
                }
            })]
        }
        RequestState::Approved if mode == Mode::DryRun => vec![later("Execution as a dry run")],
        RequestState::Approved => vec![later("Execution")],
        RequestState::Executing => {
            let all = execution.items.len();
            let done = all - usize::try_from(counts.waiting).unwrap_or(all).min(all);
            vec![later(format!("Executing: {done} of {all} done"))]
        }
        RequestState::Executed | RequestState::PartlyFailed | RequestState::Overdue => {
            let mut moments = Vec::new();
            if counts.on_crl < counts.revoked {
                moments.push(later(match request.state {
                    RequestState::Overdue => {
                        let why = request.problem.as_deref().unwrap_or("the CRL does not show it");
                        format!("Overdue {} after the revocation, still looking: {why}", words(crl_deadline))
                    }
                    _ => "Waiting for the CRL, usually 30 minutes".to_owned(),
                }));
            }
            if counts.in_report < counts.revoked {
                moments.push(later("Waiting for a run with a report made after the revocation"));
            }
            moments
        }
        RequestState::Proven | RequestState::Rejected | RequestState::Expired | RequestState::Cancelled => {
            Vec::new()
        }
    }
}
