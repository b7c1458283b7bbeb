//! The whole life of one certificate, as far as the records tell it.

use domain::finding::FindingChange;
use domain::revocation::{ItemProgress, ItemState, Request, RequestId, RequestState, Verdict};
use domain::views::{Link, Moment};
use domain::{Finding, InventoryItem, ReportRow, Timestamp};

/// What happened, oldest first, then what is to come.
pub(super) fn timeline(
    report: Option<&ReportRow>,
    inventory: &[InventoryItem],
    findings: &[Finding],
    requests: &[Request],
    executed: &[(RequestId, ItemProgress)],
) -> Vec<Moment> {
    let mut moments = Vec::new();
    moments.extend(report.map(|row| {
        let who = row.requested_by_service.clone();
        Moment { who, ..moment(row.issued_at, "Issued by the CA") }
    }));
    for item in inventory {
        moments.extend(item.issued_at.map(|at| moment(at, format!("Recorded for device {}", item.device))));
        moments.extend(item.revoked_at.map(|at| moment(at, "Recorded in the inventory as revoked")));
    }
    findings.iter().for_each(|finding| moments.extend(found(finding)));
    requests.iter().for_each(|request| moments.extend(asked(request)));
    executed.iter().for_each(|(id, item)| moments.extend(revoked(id, item)));
    let revoked_here = executed.iter().any(|(_, item)| item.is_revoked());
    if !revoked_here {
        moments.extend(
            report.and_then(|row| row.revoked_at).map(|at| moment(at, "Revoked at the CA, not from here")),
        );
    }
    // Equal times keep the order of the steps.
    moments.sort_by_key(|moment| moment.at);
    moments.extend(to_come(requests, executed));
    moments
}

fn moment(at: Timestamp, what: impl Into<String>) -> Moment {
    Moment { at: Some(at), what: what.into(), who: None, link: None }
}

fn later(what: &str, link: Link) -> Moment {
    Moment { at: None, what: what.to_owned(), who: None, link: Some(link) }
}

fn found(finding: &Finding) -> impl Iterator<Item = Moment> {
    finding.history.iter().filter_map(|event| {
        let label = finding.id.kind.label().to_lowercase();
        let what = match &event.what {
            FindingChange::Opened { .. } => format!("Found: {label}"),
            FindingChange::Raised => format!("Alert: {label}"),
            FindingChange::Reopened { .. } => format!("Found again: {label}"),
            FindingChange::Acknowledged { .. } => format!("Finding acknowledged: {label}"),
            FindingChange::Dismissed { .. } => format!("Finding dismissed: {label}"),
            FindingChange::Closed { .. } => format!("No longer found: {label}"),
            // The request and its execution have lines of their own.
            FindingChange::RevocationRequested { .. } | FindingChange::Resolved { .. } => return None,
        };
        let who = event.by.as_ref().map(|person| person.name.clone());
        Some(Moment { who, link: Some(Link::Finding(finding.id.clone())), ..moment(event.at, what) })
    })
}

fn asked(request: &Request) -> impl Iterator<Item = Moment> {
    let link = Some(Link::Request(request.id.clone()));
    let line = |at, what: &str, who: Option<String>| Moment { who, link: link.clone(), ..moment(at, what) };
    let requester = Some(request.requester.name.clone());
    let mut moments = vec![line(request.requested_at, "Revocation requested", requester.clone())];
    for decision in &request.decisions {
        let what = match decision.verdict {
            Verdict::Approve => "Revocation approved",
            Verdict::Reject => "Revocation rejected",
        };
        moments.push(line(decision.at, what, Some(decision.by.name.clone())));
    }
    moments.extend(request.cancelled_at.map(|at| match &request.problem {
        Some(why) => line(at, &format!("Not revoked: {why}"), None),
        None => line(at, "Request withdrawn", requester),
    }));
    moments.into_iter()
}

fn revoked(id: &RequestId, item: &ItemProgress) -> impl Iterator<Item = Moment> {
    let line = |at, what: &str| Moment { link: Some(Link::Request(id.clone())), ..moment(at, what) };
    let at_ca = match &item.item {
        ItemState::Revoked { at, .. } => Some(line(*at, "Revoked at the CA")),
        ItemState::DryRun { at } => Some(line(*at, "Would have been revoked: the mode is dry-run")),
        ItemState::Failed { at, .. } => Some(line(*at, "Could not be revoked")),
        ItemState::Waiting | ItemState::Calling { .. } => None,
    };
    let on_crl = item.crl_at.map(|at| line(at, "Seen on the CRL"));
    let in_report = item.report_at.map(|at| line(at, "Seen in the report"));
    [at_ca, on_crl, in_report].into_iter().flatten()
}

fn to_come(requests: &[Request], executed: &[(RequestId, ItemProgress)]) -> Vec<Moment> {
    let mut moments = Vec::new();
    for request in requests {
        let link = || Link::Request(request.id.clone());
        match request.state {
            RequestState::Pending => moments.push(later("Waiting for approval", link())),
            RequestState::Approved | RequestState::Executing => {
                moments.push(later("Revocation at the CA", link()))
            }
            _ => (),
        }
    }
    for (id, item) in executed.iter().filter(|(_, item)| item.is_revoked()) {
        if item.crl_at.is_none() {
            moments.push(later("Waiting for the CRL, usually 30 minutes", Link::Request(id.clone())));
        }
        if item.report_at.is_none() {
            moments.push(later("Waiting for a run with a later report", Link::Request(id.clone())));
        }
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_revoked_from_here_says_so() {
        let at = |seconds: i64| Timestamp::from_unix(1_700_000_000 + seconds).unwrap();
        let row = ReportRow {
            authority: "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/1".parse().unwrap(),
            serial: "0a".parse().unwrap(),
            subject: "CN=a".to_owned(),
            not_before: at(0),
            not_after: at(1000),
            issued_at: at(10),
            revoked_at: Some(at(20)),
            revocation_reason: None,
            template: None,
            requested_by_service: None,
        };
        let id: RequestId = "01890000-0000-7000-8000-000000000000".parse().unwrap();
        let mut item = ItemProgress::waiting(row.serial);
        item.item = ItemState::Revoked { at: at(20), before: false };
        let told = |executed: &[(RequestId, ItemProgress)]| -> Vec<String> {
            timeline(Some(&row), &[], &[], &[], executed).into_iter().map(|moment| moment.what).collect()
        };
        assert_eq!(told(&[]), ["Issued by the CA", "Revoked at the CA, not from here"]);
        assert_eq!(
            told(&[(id, item)]),
            [
                "Issued by the CA",
                "Revoked at the CA",
                "Waiting for the CRL, usually 30 minutes",
                "Waiting for a run with a later report",
            ]
        );
    }
}
