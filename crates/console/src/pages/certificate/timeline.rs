//! The whole life of one certificate, as far as the records tell it.

use domain::finding::FindingChange;
use domain::revocation::{ItemProgress, ItemState, Request, RequestId, RequestState, Verdict};
use domain::trail::{EventId, Identity, Issuance, RevocationCall};
use domain::views::{Link, Moment};
use domain::{Finding, InventoryItem, ReportRow, Timestamp};

/// What there is about one certificate.
#[derive(Clone, Copy, Default)]
pub(crate) struct Records<'a> {
    pub report: Option<&'a ReportRow>,
    pub inventory: &'a [InventoryItem],
    pub issuance: Option<&'a Issuance>,
    pub revocation: Option<&'a RevocationCall>,
    /// When it was revoked as a CRL says.
    pub listed: Option<Timestamp>,
    pub findings: &'a [Finding],
    pub requests: &'a [Request],
    pub executed: &'a [(RequestId, ItemProgress)],
}

/// What happened, oldest first, then what is to come.
pub(crate) fn timeline(records: &Records<'_>) -> Vec<Moment> {
    let mut moments = Vec::new();
    moments.extend(records.issuance.map(|issuance| {
        let caller = caller(&issuance.identity, issuance.address.as_deref());
        told(issuance.at, format!("Requested by {caller}"), &issuance.event)
    }));
    moments.extend(records.report.map(|row| {
        let who = row.requested_by_service.clone().filter(|_| records.issuance.is_none());
        Moment { who, ..moment(row.issued_at, "Issued by the CA") }
    }));
    for item in records.inventory {
        let recorded = |at| moment(at, format!("Recorded in the inventory for device {}", item.device));
        moments.extend(item.issued_at.map(recorded));
        moments.extend(item.revoked_at.map(|at| moment(at, "Recorded in the inventory as revoked")));
    }
    records.findings.iter().for_each(|finding| moments.extend(found(finding)));
    records.requests.iter().for_each(|request| moments.extend(asked(request)));
    moments.extend(revoked_at_the_ca(records));
    records.executed.iter().for_each(|(id, item)| moments.extend(carried_out(id, item)));
    // Equal times keep the order of the steps.
    moments.sort_by_key(|moment| moment.at);
    moments.extend(to_come(records.requests, records.executed));
    moments
}

/// The revocation itself, once, from whoever knows most of it: the event, what was executed here, the report, a CRL.
fn revoked_at_the_ca(records: &Records<'_>) -> Option<Moment> {
    let here = records.executed.iter().find_map(|(id, item)| match item.item {
        ItemState::Revoked { at, .. } => Some((id, at)),
        _ => None,
    });
    match (records.revocation, here) {
        (Some(call), here) => {
            let caller = caller(&call.identity, call.address.as_deref());
            let from = if here.is_some() { "" } else { ", not from here," };
            Some(told(call.at, format!("Revoked at the CA{from} by {caller}"), &call.event))
        }
        (None, Some((id, at))) => {
            Some(Moment { link: Some(Link::Request(id.clone())), ..moment(at, "Revoked at the CA") })
        }
        (None, None) => {
            let at = records.report.and_then(|row| row.revoked_at).or(records.listed)?;
            Some(moment(at, "Revoked at the CA, not from here"))
        }
    }
}

/// `provisioning (session fleet) from 10.20.0.15`.
fn caller(identity: &Identity, address: Option<&str>) -> String {
    let mut text = identity.short().to_owned();
    if let Some(session) = &identity.session {
        text.push_str(&format!(" (session {session})"));
    }
    if let Some(address) = address {
        text.push_str(&format!(" from {address}"));
    }
    text
}

fn told(at: Timestamp, what: String, event: &EventId) -> Moment {
    Moment { link: Some(Link::Event(event.clone())), ..moment(at, what) }
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
            FindingChange::Assigned { to, .. } => format!("Finding given to {}: {label}", to.name),
            FindingChange::DismissalAsked { .. } => format!("Dismissal of a finding asked for: {label}"),
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
    let drill = request.is_drill();
    let requested = if drill { "Drill requested" } else { "Revocation requested" };
    let mut moments = vec![line(request.requested_at, requested, requester.clone())];
    for decision in &request.decisions {
        let what = match (decision.verdict, drill) {
            (Verdict::Approve, false) => "Revocation approved",
            (Verdict::Approve, true) => "Drill approved",
            (Verdict::Reject, false) => "Revocation rejected",
            (Verdict::Reject, true) => "Drill rejected",
        };
        moments.push(line(decision.at, what, Some(decision.by.name.clone())));
    }
    moments.extend(request.cancelled_at.map(|at| match &request.problem {
        Some(why) => line(at, &format!("Not revoked: {why}"), None),
        None => line(at, "Request withdrawn", requester),
    }));
    moments.into_iter()
}

fn carried_out(id: &RequestId, item: &ItemProgress) -> impl Iterator<Item = Moment> {
    let line = |at, what: &str| Moment { link: Some(Link::Request(id.clone())), ..moment(at, what) };
    let attempt = match &item.item {
        ItemState::Waiting | ItemState::Calling { .. } | ItemState::Revoked { .. } => None,
        ItemState::Rehearsed { at } => Some(line(*at, "Drill: would have been revoked")),
        ItemState::Failed { at, .. } => Some(line(*at, "Could not be revoked")),
    };
    let on_crl = item.crl_at.map(|at| line(at, "Seen on the CRL"));
    let by_ocsp = item.ocsp_at().map(|at| line(at, "Revoked by OCSP, too"));
    let in_report = item.report_at.map(|at| line(at, "Seen in the report"));
    [attempt, on_crl, by_ocsp, in_report].into_iter().flatten()
}

fn to_come(requests: &[Request], executed: &[(RequestId, ItemProgress)]) -> Vec<Moment> {
    let mut moments = Vec::new();
    for request in requests {
        let link = || Link::Request(request.id.clone());
        match request.state {
            // Nothing comes of a drill.
            _ if request.is_drill() => (),
            RequestState::Pending => moments.push(later("Waiting for approval", link())),
            RequestState::Approved | RequestState::Executing => {
                moments.push(later("Revocation at the CA", link()))
            }
            _ => (),
        }
    }
    for (id, item) in executed.iter().filter(|(_, item)| item.is_revoked()) {
        if item.lacks_crl() {
            moments.push(later("Waiting for the CRL, usually 30 minutes", Link::Request(id.clone())));
        }
        if item.lacks_ocsp() {
            moments.push(later("Waiting for OCSP, up to 60 minutes", Link::Request(id.clone())));
        }
        if item.report_at.is_none() {
            moments.push(later("Waiting for a run with a later report", Link::Request(id.clone())));
        }
    }
    moments
}

#[cfg(test)]
mod tests {
    use domain::revocation::{Channels, OcspSeen};

    use super::*;

    #[test]
    fn what_was_not_revoked_from_here_says_so() {
        let at = |seconds: i64| Timestamp::from_unix(1_700_000_000 + seconds).unwrap();
        let row = ReportRow {
            authority: "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/1".parse().unwrap(),
            serial: "0a".parse().unwrap(),
            subject: Some("CN=a".to_owned()),
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
        let told = |records: Records<'_>| -> Vec<String> {
            timeline(&records).into_iter().map(|moment| moment.what).collect()
        };
        let records = Records { report: Some(&row), ..Records::default() };
        assert_eq!(told(records), ["Issued by the CA", "Revoked at the CA, not from here"]);
        let executed = [(id.clone(), item)];
        let here = [
            "Issued by the CA",
            "Revoked at the CA",
            "Waiting for the CRL, usually 30 minutes",
            "Waiting for a run with a later report",
        ];
        assert_eq!(told(Records { executed: &executed, ..records }), here);
        let (_, mut item) = executed[0].clone();
        item.channels = Some(Channels { crl: false, ocsp: true });
        let asked = [(id.clone(), item.clone())];
        let waiting = [here[0], here[1], "Waiting for OCSP, up to 60 minutes", here[3]];
        assert_eq!(told(Records { executed: &asked, ..records }), waiting);
        item.ocsp = Some(OcspSeen::Revoked { since: at(30) });
        let answered = [(id.clone(), item)];
        let seen = [here[0], here[1], "Revoked by OCSP, too", here[3]];
        assert_eq!(told(Records { executed: &answered, ..records }), seen);

        let issuance = Issuance {
            event: "e-1".parse().unwrap(),
            at: at(9),
            identity: Identity::of_arn("arn:aws:sts::111122223333:assumed-role/provisioning/fleet"),
            address: Some("10.20.0.15".to_owned()),
            user_agent: None,
            template: None,
            key: None,
        };
        let call = RevocationCall {
            event: "e-2".parse().unwrap(),
            at: at(19),
            identity: Identity::of_arn("arn:aws:iam::111122223333:user/m"),
            address: Some("203.0.113.9".to_owned()),
            reason: None,
        };
        let records = Records { issuance: Some(&issuance), revocation: Some(&call), ..records };
        let requested = "Requested by provisioning (session fleet) from 10.20.0.15";
        let outside = "Revoked at the CA, not from here, by m from 203.0.113.9";
        assert_eq!(told(records), [requested, "Issued by the CA", outside]);
        let records = Records { executed: &executed, ..records };
        let once = [requested, here[0], "Revoked at the CA by m from 203.0.113.9", here[2], here[3]];
        assert_eq!(told(records), once);
        let links: Vec<_> = timeline(&records).into_iter().map(|moment| moment.link).collect();
        assert_eq!(
            (&links[0], &links[2]),
            (&Some(Link::Event(issuance.event.clone())), &Some(Link::Event(call.event.clone())))
        );
    }
}
