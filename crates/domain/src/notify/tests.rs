//! Who is told of what, in which words, and by which channel.

use std::fmt::Write as _;
use std::time::Duration;

use super::*;
use crate::finding::{Disagreement, Evidence, FindingState};
use crate::ledger::{Action, Body, Object, Who};
use crate::revocation::fixture::{actor, now, request};
use crate::revocation::{Mode, Request, RequestState};
use crate::{Finding, FindingKind, IncidentId, RunId};

const ID: &str = "018bcfe5-6800-7000-9000-000000000001";

fn person(name: &str) -> Who {
    Who::Person { person: actor(name, &[]).person, roles: Vec::new() }
}

fn system() -> Who {
    Who::System { part: "executor".to_owned() }
}

fn entry(who: Who, action: Action, request: &Request) -> Body {
    Body::new(now(), who, action, Object::Request(request.id.clone()))
}

/// What is told of the entry, as it comes out of the outbox.
fn told(entry: &Body, known: Known<'_>) -> Option<Notice> {
    of_entry(&concerning(entry)?, ID, known)
}

fn finding() -> Finding {
    let authority = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/1122".parse().unwrap();
    let run: RunId = ID.parse().unwrap();
    let of = Disagreement {
        kind: FindingKind::DatesDiffer,
        authority,
        serial: "0a".parse().unwrap(),
        evidence: Evidence::default(),
    };
    let owner = actor("olga", &[Role::Operator]).person;
    let due = Some(now().plus(Duration::from_secs(86_400)));
    Finding { state: FindingState::Acknowledged { owner, due }, ..Finding::opened(of, run, now()) }
}

/// One of every kind but those of alerts, whose words stand in `tests/snapshots`.
fn each() -> Vec<Notice> {
    let (waiting, _) = request(2);
    let done = Request { state: RequestState::Executed, ..waiting.clone() };
    let drill = Request { mode: Mode::Drill, ..done.clone() };
    let problem = Some("the CRL does not list it".to_owned());
    let overdue = Request { state: RequestState::Overdue, problem, ..waiting.clone() };
    let of = |request: &Request, entry: Body| told(&entry, Known::Request(request, "devices")).unwrap();
    let approved = |request: &Request, counted: &str| {
        let body = entry(person("anna"), Action::RevocationApproved, request);
        of(request, body.with("approvals", counted).with("comment", "-"))
    };
    let finished = |request: &Request, failed: u32| {
        let body = entry(system(), Action::ExecutionFinished, request);
        of(request, body.with("revoked", 2 - failed).with("failed", failed).with("rehearsed", 2))
    };
    let rejected = entry(person("anna"), Action::RevocationRejected, &waiting);
    let finding = finding();
    let one = Object::Finding(finding.id.clone());
    let assigned = Body::new(now(), person("otto"), Action::FindingAssigned, one);
    let many =
        Body::new(now(), person("otto"), Action::FindingAssigned, Object::Route("findings".to_owned()))
            .with("dates_differ.1122", "0a 0b")
            .with("count", 2);
    let incident: IncidentId = ID.parse().unwrap();
    let opened = Body::new(now(), person("otto"), Action::IncidentOpened, Object::Incident(incident));
    vec![
        of(&waiting, entry(person("operator"), Action::RevocationRequested, &waiting)),
        expires_soon(&waiting, "devices", ID, now()),
        approved(&waiting, "1 of 2"),
        approved(&done, "2 of 2"),
        of(&done, rejected.with("comment", "Not without the owner.")),
        of(&done, entry(system(), Action::RevocationExpired, &done)),
        of(&overdue, entry(system(), Action::RevocationCancelled, &overdue)),
        finished(&done, 0),
        finished(&drill, 0),
        finished(&done, 1),
        of(&done, entry(system(), Action::RevocationProven, &done)),
        of(&overdue, entry(system(), Action::RevocationOverdue, &overdue)),
        told(&assigned, Known::Finding(&finding)).unwrap(),
        told(&many, Known::Finding(&finding)).unwrap(),
        due(&finding, ID, now()).unwrap(),
        told(&opened.with("title", "Stolen key"), Known::Nothing).unwrap(),
        Notice::test(ID.to_owned(), None, now()),
    ]
}

#[test]
fn each_kind_says_what_happened_and_to_whom() {
    let mut text = String::new();
    for notice in each() {
        let by = notice.by.as_ref().map_or("-", |by| by.name.as_str());
        let whom = notice.whom().unwrap_or_else(|| "-".to_owned());
        let (severity, kind) = (notice.severity.name(), notice.kind);
        writeln!(text, "{severity} {kind}, by {by}, for {whom}\n  {}\n", notice.sentence).unwrap();
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("notices", text));
    let elsewhere = [Kind::AlertRaised, Kind::WorkerSilent, Kind::ScheduleMissed];
    let all = each();
    let is_there = |kind: &Kind| elsewhere.contains(kind) || all.iter().any(|one| one.kind == *kind);
    assert!(Kind::ALL.iter().all(is_there));
}

#[test]
fn nobody_is_told_of_what_they_did_and_whoever_asked_is() {
    let (waiting, _) = request(2);
    let operator = actor("operator", &[Role::Operator]);
    let both = actor("operator", &[Role::Operator, Role::Approver]);
    let (anna, auditor) = (actor("anna", &[Role::Approver]), actor("auditor", &[Role::Auditor]));
    let requested = entry(person("operator"), Action::RevocationRequested, &waiting);
    let waits = told(&requested, Known::Request(&waiting, "devices")).unwrap();
    assert!(waits.is_for(&anna) && !waits.is_for(&auditor));
    assert!(!waits.is_for(&operator) && !waits.is_for(&both), "their own request");
    let approved = entry(person("anna"), Action::RevocationApproved, &waiting);
    let decided = told(&approved, Known::Request(&waiting, "devices")).unwrap();
    assert!(decided.is_for(&operator) && decided.is_for(&actor("arno", &[Role::Approver])));
    assert!(!decided.is_for(&anna), "their own decision");
    // Two accounts of one human are one person.
    let mut other = actor("anna-2", &[Role::Approver]);
    other.person.human = Some("7".parse().unwrap());
    let by = crate::people::Person { human: Some("7".parse().unwrap()), ..anna.person.clone() };
    assert!(!Notice { by: Some(by), ..decided }.is_for(&other));
}

#[test]
fn what_is_no_news_any_more_is_not_told() {
    let (waiting, _) = request(1);
    let requested = entry(person("operator"), Action::RevocationRequested, &waiting);
    let rejected = Request { state: RequestState::Rejected, ..waiting.clone() };
    assert_eq!(told(&requested, Known::Request(&rejected, "devices")), None);
    assert_eq!(told(&requested, Known::Nothing), None);
    let withdrawn = entry(person("operator"), Action::RevocationCancelled, &waiting);
    assert_eq!(concerning(&withdrawn), None);
    let taken_on = Body::new(now(), person("olga"), Action::FindingAcknowledged, Object::Session);
    assert_eq!(concerning(&taken_on), None, "by themselves");
    let gone = Finding { state: FindingState::Open, ..finding() };
    let assigned =
        Body::new(now(), person("otto"), Action::FindingAssigned, Object::Finding(gone.id.clone()));
    assert_eq!(told(&assigned, Known::Finding(&gone)), None);
    assert_eq!(due(&gone, ID, now()), None);
}

#[test]
fn the_outbox_holds_nothing_that_is_not_told() {
    let (waiting, _) = request(1);
    let entry = entry(person("operator"), Action::RevocationRequested, &waiting)
        .with("justification", "x".repeat(2000))
        .with("count", 3);
    let kept = concerning(&entry).unwrap();
    assert_eq!(kept.detail.keys().collect::<Vec<_>>(), ["count"]);
}

#[test]
fn a_channel_takes_what_meets_all_that_it_asks_for() {
    let (waiting, _) = request(1);
    let requested = entry(person("operator"), Action::RevocationRequested, &waiting);
    let high = told(&requested, Known::Request(&waiting, "devices")).unwrap();
    let elsewhere = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/3344".parse().unwrap();
    let takes = |route: Route, notice: &Notice| route.takes(notice);
    let all = Route::default;
    assert!(takes(all(), &high));
    assert!(takes(Route { severity: Severity::High, ..all() }, &high));
    assert!(!takes(Route { severity: Severity::Critical, ..all() }, &high));
    assert!(takes(Route { kinds: vec![Kind::RequestWaits], ..all() }, &high));
    assert!(!takes(Route { kinds: vec![Kind::Decided], ..all() }, &high));
    let other = Route { authorities: vec![elsewhere], ..all() };
    assert!(!takes(other.clone(), &high));
    assert!(takes(other, &Notice { authority: None, ..high }), "about none in particular");
}

#[test]
fn what_is_not_urgent_waits_for_the_next_digest() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let hour = Duration::from_secs(3600);
    let route = Route { digest: Some(Digest { at: 7 * hour, up_to: Severity::Medium }), ..Route::default() };
    let low = Notice::test(ID.to_owned(), None, now());
    let until = |severity, now: &str| route.waits_until(&Notice { severity, ..low.clone() }, at(now));
    let (before, on_time) = ("2026-11-22T06:59:59Z", "2026-11-22T07:00:00Z");
    assert_eq!(until(Severity::Low, before), Some(at("2026-11-22T07:00:00Z")));
    assert_eq!(until(Severity::Medium, on_time), Some(at("2026-11-23T07:00:00Z")));
    assert_eq!(until(Severity::High, before), None);
    assert_eq!(Route::default().waits_until(&low, at(before)), None);
}
