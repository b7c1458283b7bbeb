//! What people are told of the ledger's entries, and of days that come near.

use super::{Audience, Kind, Notice};
use crate::authority::AuthorityArn;
use crate::count::{count, plural};
use crate::finding::{Finding, FindingState};
use crate::ledger::{About, Action, Body, Object, Who};
use crate::people::{Person, Role};
use crate::revocation::{Request, RequestState};
use crate::timestamp::Timestamp;

/// What an entry tells of, as it is now.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// A request, and what people call its authority.
    Request(&'a Request, &'a str),
    /// A finding; of several, the first.
    Finding(&'a Finding),
    /// Nothing more is needed, or it is gone.
    Nothing,
}

/// What is told of an entry ([`concerning`](super::concerning)). `None`: it is no news any more, or concerns nobody.
pub fn of_entry(entry: &Body, id: &str, known: Known<'_>) -> Option<Notice> {
    let notice = match (entry.action, known) {
        (Action::FindingAssigned, Known::Finding(finding)) => assigned(entry, id, finding)?,
        (Action::IncidentOpened, _) => opened(entry, id)?,
        (_, Known::Request(request, authority)) => of_request(entry, id, request, authority)?,
        _ => return None,
    };
    let by = match &entry.who {
        Who::Person { person, .. } => Some(person.clone()),
        Who::System { .. } | Who::Stranger => None,
    };
    Some(Notice { by: by.as_ref().map(nameable), ..notice })
}

/// What is told of a request that nobody has decided, so short before it expires.
pub fn expires_soon(request: &Request, authority: &str, id: &str, now: Timestamp) -> Notice {
    let sentence = format!(
        "{} expires at {}, and is not decided: {} of {} have approved.",
        asked(request, authority),
        request.expires_at.absolute(),
        request.approvals(),
        request.approvals_needed
    );
    let audience = Audience { roles: vec![Role::Approver], people: vec![nameable(&request.requester)] };
    about_request(
        Notice { audience, ..Notice::new(id.to_owned(), Kind::ExpiresSoon, &sentence, now) },
        request,
    )
}

/// What is told of a finding whose day is near. `None`: nobody has taken it on until then.
pub fn due(finding: &Finding, id: &str, now: Timestamp) -> Option<Notice> {
    let FindingState::Acknowledged { owner, due: Some(due) } = &finding.state else { return None };
    let sentence =
        format!("{} has {} in hand, which is due at {}.", owner.name, named(finding), due.absolute());
    let audience = Audience { roles: Vec::new(), people: vec![nameable(owner)] };
    Some(about_finding(
        Notice { audience, ..Notice::new(id.to_owned(), Kind::FindingDue, &sentence, now) },
        finding,
    ))
}

fn of_request(entry: &Body, id: &str, request: &Request, authority: &str) -> Option<Notice> {
    let detail = |name: &str| entry.detail.get(name).map(String::as_str);
    let number = |name: &str| detail(name).and_then(|number| number.parse::<u64>().ok()).unwrap_or(0);
    let (what, by) = (asked(request, authority), name(entry));
    let waits = request.state == RequestState::Pending;
    let comment = detail("comment").filter(|comment| *comment != "-");
    let said = comment.map_or_else(String::new, |comment| format!(": {comment}"));
    let (kind, sentence) = match entry.action {
        // Whoever executes alone has nobody to wait for; the glass that is broken is an alert.
        Action::RevocationRequested if !waits || request.alone.is_some() => return None,
        Action::RevocationRequested => {
            (Kind::RequestWaits, format!("{what} waits for approval: {} needed.", request.approvals_needed))
        }
        Action::RevocationApproved => {
            let counted = detail("approvals").unwrap_or("approved");
            (Kind::Decided, format!("{by} approved: {what} ({counted}{said})."))
        }
        Action::RevocationRejected => (Kind::Decided, format!("{by} rejected: {what}{said}")),
        Action::RevocationExpired => (Kind::Decided, format!("Nobody decided in time: {what}.")),
        Action::RevocationCancelled => {
            let why = request.problem.as_deref().unwrap_or("its approval does not hold");
            (Kind::Decided, format!("Not carried out: {what}: {why}"))
        }
        Action::ExecutionFinished if number("failed") > 0 => {
            let failed = number("failed");
            (
                Kind::PartlyFailed,
                format!("{what}: revoked {}, not revoked {}.", count(number("revoked")), count(failed)),
            )
        }
        Action::ExecutionFinished if request.is_drill() => {
            (Kind::Executed, format!("{what}: played {}, revoked none.", count(number("rehearsed"))))
        }
        Action::ExecutionFinished => {
            (Kind::Executed, format!("{what}: revoked at the CA {}.", count(number("revoked"))))
        }
        Action::RevocationProven => (Kind::Proven, format!("{what}: proven wherever it must show.")),
        Action::RevocationOverdue => {
            let why = request.problem.as_deref().unwrap_or("it was not published in time");
            (Kind::Overdue, format!("{what}: not proven in time: {why}"))
        }
        _ => return None,
    };
    let sentence = if sentence.ends_with('.') { sentence } else { sentence + "." };
    let roles = match kind {
        Kind::RequestWaits => vec![Role::Approver],
        // Others are still to approve it.
        Kind::Decided if entry.action == Action::RevocationApproved && waits => vec![Role::Approver],
        Kind::PartlyFailed | Kind::Overdue => vec![Role::Operator, Role::Approver],
        _ => Vec::new(),
    };
    let asked_by = (kind != Kind::RequestWaits).then(|| nameable(&request.requester));
    let audience = Audience { roles, people: asked_by.into_iter().collect() };
    let notice = Notice { audience, ..Notice::new(id.to_owned(), kind, &sentence, entry.at) };
    Some(about_request(notice, request))
}

fn assigned(entry: &Body, id: &str, finding: &Finding) -> Option<Notice> {
    // Somebody else has it by now, or it is over.
    let FindingState::Acknowledged { owner, .. } = &finding.state else { return None };
    let more = entry.detail.get("count").and_then(|count| count.parse::<u64>().ok()).unwrap_or(1);
    let more = match more.saturating_sub(1) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let sentence = format!("{} gave {}{more} to {}.", name(entry), named(finding), owner.name);
    let audience = Audience { roles: Vec::new(), people: vec![nameable(owner)] };
    let notice = Notice::new(id.to_owned(), Kind::FindingAssigned, &sentence, entry.at);
    Some(about_finding(Notice { audience, ..notice }, finding))
}

fn opened(entry: &Body, id: &str) -> Option<Notice> {
    let Object::Incident(incident) = &entry.object else { return None };
    let title = entry.detail.get("title").map(String::as_str).unwrap_or_default();
    let sentence = format!("{} opened an incident: {title}", name(entry));
    Some(Notice {
        about: Some(About::Incident(incident.clone())),
        audience: Audience { roles: vec![Role::Operator, Role::Approver], people: Vec::new() },
        ..Notice::new(id.to_owned(), Kind::IncidentOpened, &sentence, entry.at)
    })
}

fn about_request(notice: Notice, request: &Request) -> Notice {
    Notice {
        about: Some(About::Request(request.id.clone())),
        authority: Some(request.authority.clone()),
        serial: (request.target_count == 1).then_some(request.first_target.serial),
        ..notice
    }
}

fn about_finding(notice: Notice, finding: &Finding) -> Notice {
    let authority: Option<AuthorityArn> = finding.authority.clone();
    Notice {
        about: Some(About::Finding(finding.id.clone())),
        authority,
        serial: finding.id.subject.serial(),
        ..notice
    }
}

/// `Olga's request to revoke 3 certificates of devices`.
fn asked(request: &Request, authority: &str) -> String {
    let certificates = plural(request.target_count.into(), "certificate");
    format!("{}'s {} to revoke {certificates} of {authority}", request.requester.name, request.noun())
}

fn named(finding: &Finding) -> String {
    format!("the finding {} ({})", finding.id.kind.label(), finding.id.subject)
}

fn name(entry: &Body) -> &str {
    match &entry.who {
        Who::Person { person, .. } => &person.name,
        Who::System { .. } | Who::Stranger => "Countersign",
    }
}

/// Without what names the human behind the account: that is nobody's business outside.
fn nameable(person: &Person) -> Person {
    Person { human: None, ..person.clone() }
}
