//! A case from its opening to its end, and what each step rests on.

use std::time::Duration;

use super::*;
use crate::people::Role;
use crate::revocation::RequestState;
use crate::revocation::fixture::{actor, now};
use crate::trail::{AccessChange, Denies, Event, Identity, What};

const ROLE: &str = "arn:aws:iam::111122223333:role/service/field";
const USER: &str = "arn:aws:iam::111122223333:user/ci";
const CA: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555";

fn at(minutes: u64) -> Timestamp {
    now().plus(Duration::from_secs(minutes * 60))
}

fn principal(arn: &str) -> IdentityKey {
    IdentityKey::Principal(arn.to_owned())
}

fn key(id: &str) -> IdentityKey {
    IdentityKey::AccessKey(id.to_owned())
}

fn incident(callers: &[IdentityKey]) -> Incident {
    let id = "018bcfe5-6800-7000-8000-000000000001".parse().unwrap();
    let by = actor("operator", &[Role::Operator]).person;
    let about = (callers.to_vec(), vec![CA.parse::<crate::AuthorityArn>().unwrap().id()]);
    Incident::opened(id, ("Stolen key", OpenedFrom::Identity), about, &by, at(5)).unwrap()
}

fn caller(key: IdentityKey, seen_with: &[IdentityKey]) -> CallerFacts {
    let seen_with = seen_with.iter().map(|key| (key.clone(), 3)).collect();
    let issued = Some((at(0), at(3)));
    CallerFacts {
        key,
        seen: Some((at(0), at(3))),
        events: 3,
        deeds: Vec::new(),
        seen_with,
        certificates: CertificatesOf { all: 3, valid: 3, issued, ..CertificatesOf::default() },
    }
}

fn facts(callers: Vec<CallerFacts>) -> Facts {
    let authority = AuthorityFacts {
        arn: CA.parse().unwrap(),
        name: "Devices".to_owned(),
        report: None,
        under_way: None,
    };
    Facts {
        now: at(60),
        callers,
        levers: Vec::new(),
        authorities: vec![authority],
        requests: Vec::new(),
        trail_as_of: Some(at(60)),
        iam_is_read: true,
    }
}

fn event(name: &str, minutes: u64, what: What) -> Event {
    Event {
        id: format!("{name}-{minutes}").parse().unwrap(),
        time: at(minutes),
        name: name.to_owned(),
        source: "iam.amazonaws.com".to_owned(),
        region: "us-east-1".to_owned(),
        account: Some("111122223333".to_owned()),
        identity: Identity::of_arn("arn:aws:iam::111122223333:role/admin"),
        address: None,
        user_agent: None,
        request_id: None,
        failure: None,
        read_only: false,
        authority: Some(CA.parse().unwrap()),
        serial: None,
        key: None,
        alternative_names: Vec::new(),
        what,
    }
}

fn access(name: &str, minutes: u64, access: AccessChange) -> Lever {
    Lever::of(&event(name, minutes, What::AccessChange { access })).unwrap()
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn deny(minutes: u64, denies: Denies) -> Lever {
    let policy = text("AWSRevokeOlderSessions");
    access(
        "PutRolePolicy",
        minutes,
        AccessChange { role: text("field"), policy, denies, ..Default::default() },
    )
}

/// Of sessions that were begun before then.
fn older(minutes: u64) -> Denies {
    Denies::OlderSessions { before: at(minutes) }
}

fn switch(minutes: u64, status: &str) -> Lever {
    let what = What::AuthorityUpdate { status: text(status), off: Vec::new() };
    Lever::of(&event("UpdateCertificateAuthority", minutes, what)).unwrap()
}

fn step(facts: &Facts, name: StepName) -> Step {
    let incident = incident(&facts.callers.iter().map(|caller| caller.key.clone()).collect::<Vec<_>>());
    steps(&incident, facts).into_iter().find(|step| step.name == name).unwrap()
}

#[test]
fn a_role_is_stopped_by_a_deny_of_older_sessions_until_that_is_taken_away_or_does_not_hold() {
    let mut facts = facts(vec![caller(principal(ROLE), &[key("ASIA1")])]);
    let contain = step(&facts, StepName::Contain);
    assert!(contain.is_open() && contain.missing[0].contains("Nothing in the trail stops"), "{contain:?}");

    facts.levers = vec![deny(80, older(10))];
    assert!(step(&facts, StepName::Contain).is_open(), "what was begun in the hour before lives on");
    facts.levers = vec![deny(10, older(10))];
    let contain = step(&facts, StepName::Contain);
    assert_eq!((contain.done, contain.since()), (true, Some(at(10))));

    // Another role's, another account's, or a policy that denies nothing.
    let Pull::Policy { policy, denies, .. } = facts.levers[0].pull.clone() else { panic!() };
    let other = Pull::Policy { of: "role/other".to_owned(), policy, denies };
    for wrong in [
        vec![Lever { pull: other, ..facts.levers[0].clone() }],
        vec![Lever { account: text("999999999999"), ..facts.levers[0].clone() }],
        vec![deny(10, Denies::Nothing)],
        vec![deny(10, Denies::Everything), deny(11, Denies::Nothing)],
    ] {
        assert!(step(&Facts { levers: wrong, ..facts.clone() }, StepName::Contain).is_open());
    }

    facts.callers[0].certificates.issued = Some((at(0), at(12)));
    let contain = step(&facts, StepName::Contain);
    assert!(contain.is_open() && contain.missing[0].contains("issued after that"), "{contain:?}");
}

#[test]
fn a_user_is_stopped_by_all_its_keys_unless_it_had_sessions_and_never_by_a_deny_of_older_sessions() {
    let off = |id: &str, minutes, status: &str| {
        let change = AccessChange { access_key: text(id), status: text(status), ..Default::default() };
        access("UpdateAccessKey", minutes, change)
    };
    let of = |seen: &[IdentityKey], levers: Vec<Lever>| {
        let facts = Facts { levers, ..facts(vec![caller(principal(USER), seen)]) };
        step(&facts, StepName::Contain).done
    };
    let both = [key("AKIA1"), key("AKIA2")];
    assert!(!of(&both, vec![off("AKIA1", 10, "Inactive")]));
    assert!(of(&both, vec![off("AKIA1", 10, "Inactive"), off("AKIA2", 11, "Inactive")]));
    assert!(!of(&both[..1], vec![off("AKIA1", 10, "Inactive"), off("AKIA1", 12, "Active")]));
    assert!(!of(&[key("AKIA1"), key("ASIA1")], vec![off("AKIA1", 10, "Inactive")]), "its sessions live on");
    let policy = |denies| {
        let change = AccessChange { user: text("ci"), policy: text("stop"), denies, ..Default::default() };
        access("PutUserPolicy", 10, change)
    };
    assert!(of(&both, vec![policy(Denies::Everything)]));
    assert!(!of(&both, vec![policy(older(10))]), "an access key is no session");
    let key_alone =
        Facts { levers: vec![off("AKIA1", 10, "Inactive")], ..facts(vec![caller(both[0].clone(), &[])]) };
    assert!(step(&key_alone, StepName::Contain).done);
}

#[test]
fn an_authority_that_issues_no_more_contains_as_well_until_it_issues_again() {
    let mut facts = facts(vec![caller(principal(ROLE), &[])]);
    facts.levers = vec![switch(10, "DISABLED")];
    assert!(step(&facts, StepName::Contain).done);
    assert_eq!(step(&facts, StepName::Rotate).missing[0], "Devices is still DISABLED.");
    facts.levers.push(switch(20, "ACTIVE"));
    assert!(step(&facts, StepName::Contain).is_open());
    facts.levers.push(deny(21, older(10)));
    assert!(step(&facts, StepName::Contain).done);
    let address = caller(IdentityKey::Address("192.0.2.1".to_owned()), &[]);
    assert!(step(&self::facts(vec![address]), StepName::Contain).is_open(), "an address is nobody");
}

#[test]
fn where_iam_is_not_read_it_is_said() {
    let facts = Facts { iam_is_read: false, ..facts(vec![caller(principal(ROLE), &[])]) };
    assert!(step(&facts, StepName::Contain).missing[1].contains("us-east-1"));
}

/// Everything done, at the minutes of a quick day.
fn over() -> Facts {
    let mut facts = facts(vec![caller(principal(ROLE), &[])]);
    let trust = AccessChange { role: text("field"), ..Default::default() };
    facts.levers = vec![deny(10, older(10)), access("UpdateAssumeRolePolicy", 40, trust)];
    let run = "018bcfe5-6800-7000-8000-000000000002".parse().unwrap();
    facts.authorities[0].report = Some(ReportSeen { run, made_at: at(12), is_incomplete: false });
    let of = &mut facts.callers[0].certificates;
    (of.valid, of.revoked) = (0, 3);
    let people = |name| actor(name, &[Role::Approver]).person;
    facts.requests = vec![RequestFacts {
        id: "018bcfe5-6800-7000-8000-000000000003".parse().unwrap(),
        state: RequestState::Proven,
        drill: false,
        targets: 3,
        requester: people("operator"),
        requested_at: at(15),
        decided: Some((at(17), people("approver"))),
        executed_at: Some(at(18)),
        unproven: 0,
        proven_at: Some(at(50)),
    }];
    facts
}

#[test]
fn a_case_is_closed_when_every_step_is_done_or_answered() {
    let (facts, by) = (over(), actor("approver", &[Role::Approver]).person);
    let case = incident(&[principal(ROLE)]);
    let open: Vec<StepName> =
        steps(&case, &facts).into_iter().filter(Step::is_open).map(|step| step.name).collect();
    assert_eq!(open, [StepName::Close], "{:#?}", steps(&case, &facts));
    let closed = case.closed("All were revoked in time.", &facts, (&by, at(60))).unwrap();
    assert!(!closed.is_open() && closed.people.len() == 2 && closed.version == 2);
    assert_eq!(closed.noted("late", &by, at(61)), Err(Refusal::Closed));

    let early = Facts { trail_as_of: Some(at(20)), ..facts.clone() };
    let refused = case.closed("All were revoked in time.", &early, (&by, at(60)));
    assert_eq!(refused, Err(Refusal::Steps("Verify".to_owned())));
    let say = |case: &Incident, said, reason: &str| {
        case.answered((StepName::Verify, said), reason, &early, (&by, at(30)))
    };
    assert!(matches!(say(&case, Some(Said::Outside), "short"), Err(Refusal::Text { length: 5, .. })));
    let answered = say(&case, Some(Said::Outside), "Looked with the CLI.").unwrap();
    assert!(answered.closed("All were revoked in time.", &early, (&by, at(60))).is_ok());
    let taken_back = say(&answered, None, "").unwrap();
    assert!(taken_back.answers.is_empty());
    let shown =
        case.answered((StepName::Revoke, Some(Said::Outside)), "By hand, all.", &facts, (&by, at(30)));
    assert_eq!(shown, Err(Refusal::Shown));
}

#[test]
fn what_is_in_a_request_that_is_under_way_is_not_asked_for_again() {
    let mut facts = over();
    facts.callers[0].certificates.valid = 4;
    assert_eq!(facts.not_asked_for(), 4, "that request is over");
    facts.requests[0].state = RequestState::Executing;
    assert_eq!(facts.not_asked_for(), 1);
    facts.callers[0].certificates.valid = 2;
    assert_eq!(facts.not_asked_for(), 0, "it has revoked one of its three");
    facts.requests[0].drill = true;
    assert_eq!(facts.not_asked_for(), 2, "a drill revokes nothing");
}

#[test]
fn each_step_says_what_is_missing() {
    let done = over();
    let missing = |facts: &Facts, name| step(facts, name).missing.join(" ");
    let mut facts = done.clone();
    facts.authorities[0].report =
        Some(ReportSeen { made_at: at(9), ..done.authorities[0].report.clone().unwrap() });
    assert!(missing(&facts, StepName::Report).contains("No run of Devices"), "older than the containment");
    facts = done.clone();
    facts.callers[0].certificates =
        CertificatesOf { all: 3, valid: 1, revoked: 1, issued: Some((at(0), at(3))), ..Default::default() };
    assert_eq!(
        step(&facts, StepName::Revoke).missing,
        [
            format!("One certificate that {ROLE} had issued is still valid."),
            format!("In no report that was read yet, of {ROLE}: 1.")
        ]
    );
    facts = done.clone();
    (facts.requests[0].state, facts.requests[0].proven_at) = (RequestState::Overdue, None);
    assert!(missing(&facts, StepName::Verify).contains("Overdue"));
    facts.requests[0].state = RequestState::Rejected;
    assert_eq!(missing(&facts, StepName::Verify), "", "nothing of it was revoked");
    facts = done.clone();
    facts.levers.truncate(1);
    assert!(missing(&facts, StepName::Rotate).contains("no new credentials"));
    facts.callers[0].seen = None;
    assert!(missing(&facts, StepName::Identify).contains("has no event"));
    assert!(missing(&self::facts(Vec::new()), StepName::Identify).contains("Nobody is named"));
}

#[test]
fn the_story_is_in_order_and_whole() {
    let lines = story(&incident(&[principal(ROLE)]), &over());
    let told: Vec<(u64, &str)> =
        lines.iter().map(|line| (line.at.unwrap().since(now()).as_secs() / 60, line.what.as_str())).collect();
    let minutes: Vec<u64> = told.iter().map(|(minute, _)| *minute).collect();
    assert_eq!(minutes, [0, 0, 3, 5, 10, 15, 17, 18, 40, 50], "{told:?}");
    assert_eq!(told[9].1, "Request of 3 proven");
}

#[test]
fn what_is_full_or_there_already_is_refused() {
    let by = actor("operator", &[Role::Operator]).person;
    let mut case = incident(&[principal(ROLE)]);
    assert_eq!(case.also_about(principal(ROLE), &by), Err(Refusal::Known));
    case.notes = vec![Note { at: now(), by: by.clone(), text: "x".to_owned() }; Incident::NOTES];
    assert!(matches!(case.noted("one more", &by, now()), Err(Refusal::Full(_))));
    case.callers = (0..Incident::CALLERS).map(|number| key(&number.to_string())).collect();
    assert!(matches!(case.also_about(key("more"), &by), Err(Refusal::Full(_))));
}

#[test]
fn a_call_that_failed_is_no_lever_and_paths_are_no_part_of_a_name() {
    let mut event = event(
        "UpdateCertificateAuthority",
        1,
        What::AuthorityUpdate { status: text("DISABLED"), off: Vec::new() },
    );
    assert!(Lever::of(&event).is_some());
    event.failure = Some(crate::trail::Failure { code: "AccessDenied".to_owned(), message: None });
    assert!(Lever::of(&event).is_none());
    assert_eq!(name_of(ROLE), Some(("111122223333", "role/field".to_owned())));
    for none in ["arn:aws:iam::111122223333:root", "acm.amazonaws.com", "unknown", "arn:aws:iam::1:user/"] {
        assert_eq!(name_of(none), None, "{none}");
    }
}
