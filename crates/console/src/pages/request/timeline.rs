//! The story of a request, from its making to its proof, with the steps that are still to come.

use std::time::Duration;

use domain::Timestamp;
use domain::revocation::{
    Execution, Intervention, ItemProgress, ItemState, Mode, Request, RequestState, Step, Verdict,
};
use domain::timestamp::words;
use domain::views::Moment;

/// What happened, oldest first, then what is to come.
pub(crate) fn timeline(request: &Request, execution: &Execution, crl_deadline: Duration) -> Vec<Moment> {
    let mut moments = decisions(request);
    moments.extend(executed(execution));
    moments.extend(proofs(request, execution));
    // Equal times keep the order of the steps.
    moments.sort_by_key(|moment| moment.at);
    moments.extend(to_come(request, execution, crl_deadline));
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
    moments.extend(request.interventions.iter().map(stepped_in));
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

fn stepped_in(one: &Intervention) -> Moment {
    let what = match one.step {
        Step::Halt => "Halted",
        Step::Resume => "Resumed",
        Step::Retry => "Failed ones to be tried again",
        Step::Close => "Closed",
    };
    let what = match &one.why {
        Some(why) => format!("{what}: {why}"),
        None => what.to_owned(),
    };
    Moment { who: Some(one.by.name.clone()), ..moment(one.at, what) }
}

/// "1 certificate is", "12 certificates are".
fn counted_left(count: u32) -> String {
    match count {
        1 => "1 certificate is".to_owned(),
        _ => format!("{count} certificates are"),
    }
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
        step(items, all, "played, as a drill: nothing was revoked", |item| match item.item {
            ItemState::Rehearsed { at } => Some(at),
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
    if let [ItemProgress { item: ItemState::Failed { at, error, .. }, .. }] = items.as_slice() {
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
        step(items, revoked, "revoked by OCSP, too", ItemProgress::ocsp_at),
        step(items, revoked, "seen in the report", |item| item.report_at),
        proven,
    ];
    steps.into_iter().flatten().collect()
}

fn to_come(request: &Request, execution: &Execution, crl_deadline: Duration) -> Vec<Moment> {
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
        RequestState::Approved if request.mode == Mode::Drill => {
            vec![later("Execution as a drill: nothing is revoked")]
        }
        RequestState::Approved => vec![later("Execution")],
        RequestState::Executing => {
            let all = execution.items.len();
            let done = all - usize::try_from(counts.waiting).unwrap_or(all).min(all);
            let mut moments = vec![later(format!("Executing: {done} of {all} done"))];
            moments.extend(request.problem.as_ref().map(|why| later(format!("Interrupted: {why}"))));
            moments
        }
        RequestState::Halted => {
            vec![later(format!("Halted: {} not carried out", counted_left(counts.waiting)))]
        }
        RequestState::Executed
        | RequestState::PartlyFailed
        | RequestState::Closed
        | RequestState::Overdue => {
            let mut moments = Vec::new();
            if request.state == RequestState::Overdue {
                let why = request.problem.as_deref().unwrap_or("it is not published");
                let late = words(crl_deadline);
                moments.push(later(format!("Overdue {late} after the revocation, still looking: {why}")));
            } else {
                if counts.off_crl > 0 {
                    moments.push(later("Waiting for the CRL, usually 30 minutes"));
                }
                if counts.not_by_ocsp > 0 {
                    moments.push(later("Waiting for OCSP, up to 60 minutes"));
                }
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

#[cfg(test)]
mod tests {
    use domain::people::{Person, PersonId};
    use domain::revocation::{Channels, Decision, ItemProgress, OcspSeen, Target};

    use super::*;

    fn at(minutes: u64) -> Timestamp {
        Timestamp::from_unix(1_700_000_000).unwrap().plus(Duration::from_secs(60 * minutes))
    }

    fn person(name: &str) -> Person {
        Person { id: PersonId::new("https://idp.example", name).unwrap(), name: name.to_owned(), human: None }
    }

    fn request(state: RequestState) -> Request {
        let target = Target {
            serial: "0a".parse().unwrap(),
            device: None,
            serial_key: None,
            subject: None,
            expires_at: None,
            fingerprint: None,
        };
        Request {
            mode: Mode::Live,
            id: "018bcfe5-6800-7000-8000-000000000001".parse().unwrap(),
            authority: "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/1".parse().unwrap(),
            state,
            requester: person("Olivia"),
            requested_at: at(0),
            expires_at: at(60),
            reason: domain::RevocationReason::KeyCompromise,
            justification: "The key was found".to_owned(),
            ticket: None,
            finding: None,
            origin: Default::default(),
            together: Vec::new(),
            target_count: 1,
            first_target: target,
            hash: "0".repeat(64).parse().unwrap(),
            policy_version: String::new(),
            alone: None,
            hash_version: 2,
            approvals_needed: 1,
            demands: Default::default(),
            decisions: Vec::new(),
            interventions: Vec::new(),
            cancelled_at: None,
            problem: None,
            unproven: 0,
            executed_at: None,
            proven_at: None,
        }
    }

    fn approved(state: RequestState) -> Request {
        let mut request = request(state);
        request.decisions.push(Decision {
            by: person("Anton"),
            at: at(1),
            verdict: Verdict::Approve,
            comment: Some("seen it".to_owned()),
            hash: request.hash.clone(),
            signed_in_at: at(0),
            groups: Vec::new(),
        });
        request
    }

    fn items(states: &[ItemState]) -> Execution {
        let serials = ["0a", "0b", "0c"].iter().zip(states);
        let item = |(serial, state): (&&str, &ItemState)| ItemProgress {
            item: state.clone(),
            ..ItemProgress::waiting(serial.parse().unwrap())
        };
        Execution { items: serials.map(item).collect() }
    }

    fn told(request: &Request, execution: &Execution) -> Vec<(Option<Timestamp>, String)> {
        let moments = timeline(request, execution, Duration::from_secs(3600));
        moments.into_iter().map(|moment| (moment.at, moment.what)).collect()
    }

    fn line(at: Timestamp, what: &str) -> (Option<Timestamp>, String) {
        (Some(at), what.to_owned())
    }

    fn to_come(what: &str) -> (Option<Timestamp>, String) {
        (None, what.to_owned())
    }

    #[test]
    fn from_the_request_to_the_proof() {
        let until = format!("Waiting for approval until {}", at(60).absolute());
        let waiting = items(&[ItemState::Waiting]);
        assert_eq!(
            told(&request(RequestState::Pending), &waiting),
            [line(at(0), "Requested"), to_come(&until)]
        );
        let begun = vec![line(at(0), "Requested"), line(at(1), "Approved: seen it")];
        let with = |more: &[(Option<Timestamp>, String)]| [&begun, more].concat();
        assert_eq!(told(&approved(RequestState::Approved), &waiting), with(&[to_come("Execution")]));

        let mut execution = items(&[ItemState::Revoked { at: at(2), before: false }]);
        let revoked = line(at(2), "Revoked at the CA");
        let crl = to_come("Waiting for the CRL, usually 30 minutes");
        let report = to_come("Waiting for a run with a report made after the revocation");
        let executed = approved(RequestState::Executed);
        assert_eq!(told(&executed, &execution), with(&[revoked.clone(), crl, report.clone()]));

        execution.items[0].inventory_at = Some(at(3));
        execution.items[0].crl_at = Some(at(32));
        let recorded = line(at(3), "Recorded in the inventory");
        let on_crl = line(at(32), "Seen on the CRL");
        let seen = [revoked, recorded, on_crl];
        assert_eq!(told(&executed, &execution), with(&[&seen[..], std::slice::from_ref(&report)].concat()));

        execution.items[0].channels = Some(Channels { crl: true, ocsp: true });
        let ocsp = to_come("Waiting for OCSP, up to 60 minutes");
        assert_eq!(told(&executed, &execution), with(&[&seen[..], &[ocsp, report]].concat()));
        execution.items[0].ocsp = Some(OcspSeen::Revoked { since: at(35) });
        let seen = [&seen[..], &[line(at(35), "Revoked by OCSP, too")]].concat();

        execution.items[0].report_at = Some(at(40));
        let proven = Request { proven_at: Some(at(40)), ..approved(RequestState::Proven) };
        let end = [line(at(40), "Seen in the report"), line(at(40), "Proven")];
        assert_eq!(told(&proven, &execution), with(&[&seen[..], &end].concat()));
    }

    #[test]
    fn many_certificates_are_counted() {
        let execution = items(&[
            ItemState::Revoked { at: at(2), before: false },
            ItemState::Failed { at: at(3), error: "expired".to_owned(), unsure: None },
            ItemState::Waiting,
        ]);
        let told = told(&approved(RequestState::Executing), &execution);
        assert_eq!(
            told[2..],
            [
                line(at(2), "1 of 3 certificates revoked at the CA"),
                line(at(3), "1 of 3 certificates could not be revoked"),
                to_come("Executing: 2 of 3 done"),
            ]
        );
    }

    #[test]
    fn what_went_wrong_says_why() {
        let failed =
            items(&[ItemState::Failed { at: at(2), error: "it has expired".to_owned(), unsure: None }]);
        let last = |request: &Request, execution: &Execution| told(request, execution).pop().unwrap();
        assert_eq!(
            last(&approved(RequestState::PartlyFailed), &failed),
            line(at(2), "Could not be revoked: it has expired")
        );
        let stopped = Request {
            cancelled_at: Some(at(2)),
            problem: Some("Anton is no longer an approver.".to_owned()),
            ..approved(RequestState::Cancelled)
        };
        let nothing = Execution::default();
        assert_eq!(last(&stopped, &nothing), line(at(2), "Not executed: Anton is no longer an approver."));
        let withdrawn = Request { cancelled_at: Some(at(2)), ..request(RequestState::Cancelled) };
        assert_eq!(last(&withdrawn, &nothing), line(at(2), "Cancelled"));
        assert_eq!(
            last(&request(RequestState::Expired), &nothing),
            line(at(60), "Expired without a decision")
        );
        let overdue =
            Request { problem: Some("the CRL cannot be read".to_owned()), ..approved(RequestState::Overdue) };
        let revoked = items(&[ItemState::Revoked { at: at(2), before: false }]);
        let lines = told(&overdue, &revoked);
        assert!(lines[3].1.ends_with("after the revocation, still looking: the CRL cannot be read"));
    }
}
