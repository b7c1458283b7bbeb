//! What is in a pack twice, as JSON Lines for programs and as CSV for people: the columns.

use domain::certificate::CertificateLine;
use domain::revocation::{ItemProgress, ItemState, OcspSeen, Request, Verdict};
use domain::views::IssuerCount;
use domain::{AuthorityId, Finding, Timestamp};

pub const ISSUERS: [&str; 4] = ["authority", "issuer", "issued", "unauthorised"];

/// `authority`: none of a pack of all.
pub fn issuer(authority: Option<&AuthorityId>, one: &IssuerCount) -> [String; 4] {
    let authority = authority.map(ToString::to_string).unwrap_or_default();
    [authority, one.issuer.clone(), one.issued.to_string(), one.unauthorised.to_string()]
}

pub const CERTIFICATES: [&str; 9] = [
    "authority",
    "serial",
    "device",
    "subject",
    "issued_at",
    "expires_at",
    "revoked_at",
    "in_report",
    "in_inventory",
];

pub fn certificate(line: &CertificateLine) -> [String; 9] {
    [
        line.authority.to_string(),
        line.serial.colons(),
        line.device.as_ref().map(ToString::to_string).unwrap_or_default(),
        line.subject.clone().unwrap_or_default(),
        time(line.issued_at),
        time(line.expires_at),
        time(line.revoked_at),
        line.in_report.to_string(),
        line.in_inventory.to_string(),
    ]
}

pub const REVOCATIONS: [&str; 13] = [
    "request",
    "authority",
    "serial",
    "reason",
    "requested_by",
    "requested_at",
    "approved_by",
    "outcome",
    "effective_at",
    "on_crl_at",
    "by_ocsp_since",
    "in_report_at",
    "error",
];

/// One certificate of a request, and what came of it.
pub fn revocation(request: &Request, item: &ItemProgress) -> [String; 13] {
    let approvals = request.decisions.iter().filter(|decision| decision.verdict == Verdict::Approve);
    let by: Vec<String> =
        approvals.map(|decision| format!("{} at {}", decision.by.id, decision.at)).collect();
    let (at, error) = match &item.item {
        ItemState::Revoked { at, .. } | ItemState::Rehearsed { at } => (Some(*at), String::new()),
        ItemState::Failed { at, error, .. } => (Some(*at), error.clone()),
        ItemState::Waiting | ItemState::Calling { .. } => (None, String::new()),
    };
    let ocsp = match item.ocsp {
        Some(OcspSeen::Revoked { since }) => Some(since),
        _ => None,
    };
    [
        request.id.to_string(),
        request.authority.to_string(),
        item.serial.colons(),
        request.reason.aws().to_owned(),
        request.requester.id.to_string(),
        request.requested_at.to_string(),
        by.join("; "),
        item.item.name().to_owned(),
        time(at),
        time(item.crl_at),
        time(ocsp),
        time(item.report_at),
        error,
    ]
}

pub const FINDINGS: [&str; 7] =
    ["finding", "kind", "severity", "state", "first_seen", "changed_at", "dismissed_by"];

pub fn finding(finding: &Finding) -> [String; 7] {
    let by = match &finding.state {
        domain::FindingState::Dismissed { by, .. } => by.id.to_string(),
        _ => String::new(),
    };
    [
        finding.id.to_string(),
        finding.id.kind.name().to_owned(),
        finding.id.kind.severity().name().to_owned(),
        finding.state.name().name().to_owned(),
        finding.first_seen.to_string(),
        finding.changed_at.to_string(),
        by,
    ]
}

fn time(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}
