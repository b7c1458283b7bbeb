//! What can happen to a finding, and what cannot.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::FindingKind::{
    self, Duplicate, RevocationNotEffective, RogueIssuer, SubjectDiffers, UnattributedIssuance,
    UnauthorizedIssuance, UnrecordedIssuance,
};
use crate::foreign::stored_json;
use crate::inventory::InventoryItem;
use crate::notify::Notice;
use crate::revocation::fixture::{actor, id, now};
use crate::trail::{Identity, Issuance};
use crate::{Actor, Role, RunId};

const REASON: &str = "Issued by hand for the trade fair";

fn run(number: u8) -> RunId {
    format!("018bcfe5-6800-7000-9000-0000000000{number:02x}").parse().unwrap()
}

fn opened(kind: FindingKind) -> Finding {
    let authority = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/1122".parse().unwrap();
    let serial = "0a".parse().unwrap();
    Finding::opened(Disagreement { kind, authority, serial, evidence: Evidence::default() }, run(1), now())
}

fn operator() -> Actor {
    actor("operator", &[Role::Operator])
}

fn other_evidence() -> Evidence {
    let item = InventoryItem {
        authority: opened(UnauthorizedIssuance).authority.unwrap(),
        serial: "0a".parse().unwrap(),
        decimal: None,
        device: "sensor-1".parse().unwrap(),
        serial_key: "0a".to_owned(),
        subject: None,
        issued_at: None,
        expires_at: None,
        revoked_at: None,
        revocation_unread: false,
        revocation_reason: None,
    };
    Evidence { inventory: vec![item], ..Evidence::default() }
}

#[test]
fn an_id_reads_back_and_hostile_ones_do_not() {
    let id = opened(UnauthorizedIssuance).id;
    assert_eq!(id.to_string().parse(), Ok(id.clone()));
    let spelled = format!("unauthorized_issuance.{}.00:0A", id.scope);
    assert_eq!(spelled.parse(), Ok(id), "a serial in another form is the same finding");
    for wrong in ["", "a", "a.b", "a.b.c", "unauthorized_issuance.x.", "unauthorized_issuance../.0a"] {
        assert_eq!(wrong.parse::<FindingId>(), Err(FindingIdError), "{wrong}");
    }
}

#[test]
fn the_same_trouble_in_the_next_run_changes_nothing() {
    let finding = opened(UnauthorizedIssuance);
    assert_eq!(finding.seen(&finding.evidence, &run(2), now()), None);
    let later = finding.seen(&other_evidence(), &run(2), now()).unwrap();
    assert_eq!((later.version, later.state), (2, FindingState::Open));
    assert_eq!(later.history, finding.history, "new evidence is no change of handling");
}

#[test]
fn what_is_gone_is_closed_and_what_comes_back_reopens() {
    let finding = opened(UnauthorizedIssuance);
    let closed = finding.gone(&run(2), now()).unwrap();
    assert_eq!(closed.state, FindingState::Closed { run: run(2) });
    assert_eq!(closed.gone(&run(3), now()), None);
    let again = closed.seen(&closed.evidence, &run(4), now()).unwrap();
    assert_eq!((again.state.clone(), again.version), (FindingState::Open, 3));
    assert_eq!(again.first_run, Some(run(1)));
    let changes: Vec<_> = again.history.into_iter().map(|event| event.what).collect();
    let expected = [
        FindingChange::Opened { run: run(1) },
        FindingChange::Closed { run: run(2) },
        FindingChange::Reopened { run: run(4) },
    ];
    assert_eq!(changes, expected);
}

#[test]
fn a_dismissed_finding_stays_dismissed_while_it_lasts() {
    let dismissed = opened(UnauthorizedIssuance).dismiss(&operator(), REASON, now()).unwrap();
    assert_eq!(dismissed.seen(&dismissed.evidence, &run(2), now()), None);
    let seen = dismissed.seen(&other_evidence(), &run(2), now()).unwrap();
    assert_eq!(seen.state.name(), FindingStateName::Dismissed);
    assert!(matches!(dismissed.dismiss(&operator(), REASON, now()), Err(FindingRefusal::Already(_))));
}

#[test]
fn only_an_operator_handles_it_and_only_while_it_is_there() {
    let finding = opened(UnauthorizedIssuance);
    for roles in [&[][..], &[Role::Auditor, Role::Approver]] {
        let actor = actor("other", roles);
        assert_eq!(finding.acknowledge(&actor, None, now()), Err(FindingRefusal::NotOperator));
        assert_eq!(finding.dismiss(&actor, REASON, now()), Err(FindingRefusal::NotOperator));
    }
    let closed = finding.gone(&run(2), now()).unwrap();
    assert_eq!(closed.acknowledge(&operator(), None, now()), Err(FindingRefusal::Closed));
    assert_eq!(closed.dismiss(&operator(), REASON, now()), Err(FindingRefusal::Closed));
}

#[test]
fn acknowledging_names_an_owner_and_a_due_date_and_twice_is_once() {
    let due = Some(now().plus(Duration::from_secs(86_400)));
    let taken = opened(Duplicate).acknowledge(&operator(), due, now()).unwrap();
    assert_eq!(taken.state, FindingState::Acknowledged { owner: operator().person, due });
    assert!(matches!(taken.acknowledge(&operator(), due, now()), Err(FindingRefusal::Already(_))));
    let moved = taken.acknowledge(&operator(), None, now()).unwrap();
    assert_eq!(moved.version, 3);
    let colleague = actor("colleague", &[Role::Operator]);
    assert!(moved.acknowledge(&colleague, None, now()).is_ok());
}

#[test]
fn a_dismissal_needs_a_reason_that_says_something() {
    let finding = opened(Duplicate);
    for reason in ["", "no", "         x         ", &"x".repeat(1001)] {
        let length = reason.trim().chars().count();
        assert_eq!(
            finding.dismiss(&operator(), reason, now()),
            Err(FindingRefusal::Reason(length)),
            "{reason}"
        );
    }
}

#[test]
fn a_revocation_resolves_only_what_revoking_settles() {
    for &kind in FindingKind::ALL {
        let about_being_valid = [RogueIssuer, UnattributedIssuance, UnrecordedIssuance, UnauthorizedIssuance];
        let settles =
            about_being_valid.contains(&kind) || matches!(kind, RevocationNotEffective | SubjectDiffers);
        let resolved = opened(kind).resolved(id(1), now());
        assert_eq!(resolved.is_some(), settles, "{kind}");
    }
    let finding = opened(UnauthorizedIssuance);
    let taken = finding.acknowledge(&operator(), None, now()).unwrap();
    assert_eq!(taken.resolved(id(1), now()).unwrap().state, FindingState::Resolved { request: id(1) });
    let dismissed = finding.dismiss(&operator(), REASON, now()).unwrap();
    assert_eq!(dismissed.resolved(id(1), now()), None);
    assert_eq!(finding.gone(&run(2), now()).unwrap().resolved(id(1), now()), None);
}

#[test]
fn a_request_is_noted_without_changing_the_state() {
    let noted = opened(UnauthorizedIssuance).revocation_requested(&operator().person, id(1), now());
    assert_eq!((noted.state, noted.version), (FindingState::Open, 2));
    assert_eq!(noted.history[1].by, Some(operator().person));
}

#[test]
fn the_history_has_a_bound() {
    let mut finding = opened(UnauthorizedIssuance);
    for _ in 0..FindingEvent::KEPT {
        finding = finding.revocation_requested(&operator().person, id(1), now());
    }
    assert_eq!(finding.history.len(), FindingEvent::KEPT);
    assert!(matches!(finding.history[0].what, FindingChange::RevocationRequested { .. }));
}

fn alert(count: u64) -> Evidence {
    let facts = AlertFacts {
        at: now(),
        what: "Somebody was refused.".to_owned(),
        identity: None,
        address: None,
        events: Vec::new(),
        count,
        proofs: [].into(),
    };
    Evidence { alert: Some(facts), ..Evidence::default() }
}

#[test]
fn an_alert_goes_on_where_it_was_dismissed() {
    let scope = opened(Duplicate).id.scope;
    let subject = Subject::Other("arn:aws:iam::111122223333:user/ci".to_owned());
    let id = FindingId { kind: FindingKind::IssuanceDenied, scope, subject };
    let raised = Finding::raised(id, None, alert(5), now());
    assert_eq!(raised.raised_again(&alert(5), now()), None);
    let more = raised.raised_again(&alert(6), now()).unwrap();
    assert_eq!((more.state.name(), more.history.len()), (FindingStateName::Open, 1));
    let dismissed = more.dismiss(&operator(), REASON, now()).unwrap();
    assert_eq!(dismissed.raised_again(&alert(6), now()), None, "that is what was dismissed");
    let again = dismissed.raised_again(&alert(7), now()).unwrap();
    assert_eq!((again.state.name(), again.version), (FindingStateName::Open, 4));
    assert_eq!(again.history.last().unwrap().what, FindingChange::Raised);
    let certificate = Finding::raised(opened(RogueIssuer).id, None, alert(1), now());
    assert_eq!(certificate.raised_again(&alert(2), now()), None, "runs say that better");
}

#[test]
fn an_alert_that_a_run_was_faster_than_is_told_once() {
    let by_run = opened(RogueIssuer);
    let told = by_run.raised_again(&Evidence::default(), now()).unwrap();
    assert_eq!(told.history.last().unwrap().what, FindingChange::Raised);
    assert_eq!((&told.state, &told.evidence.report), (&by_run.state, &by_run.evidence.report));
    assert_eq!(told.raised_again(&Evidence::default(), now()), None);
    let dismissed = by_run.dismiss(&operator(), REASON, now()).unwrap();
    assert_eq!(dismissed.raised_again(&Evidence::default(), now()), None);
}

#[test]
fn where_a_call_came_from_is_added_when_it_is_known_and_told_to_nobody() {
    let of_call = |address: Option<&str>| {
        let issuance = Issuance {
            event: "event-1".parse().unwrap(),
            at: now(),
            identity: Identity::of_arn("arn:aws:iam::111122223333:user/ci"),
            address: address.map(str::to_owned),
            user_agent: None,
            template: None,
            key: None,
        };
        Evidence { issuance: Some(issuance), ..Evidence::default() }
    };
    let raised = Finding::raised(opened(RogueIssuer).id, None, of_call(None), now());
    assert_eq!(raised.raised_again(&of_call(None), now()), None);
    let known = raised.raised_again(&of_call(Some("192.0.2.1")), now()).unwrap();
    assert_eq!(known.evidence, of_call(Some("192.0.2.1")));
    assert_eq!((known.version, &known.history), (raised.version + 1, &raised.history));
    assert_eq!(known.raised_again(&of_call(None), now()), None, "nothing is forgotten");
    assert_eq!(known.raised_again(&of_call(Some("192.0.2.9")), now()), None);
}

#[test]
fn a_message_to_a_chat_room_shows_everything() {
    let mut finding = opened(UnattributedIssuance);
    let identity = Identity { principal: "\u{202e}eve\r\n@channel\u{1b}".to_owned(), ..Identity::unknown() };
    let facts = AlertFacts {
        at: now(),
        what: format!("{} asked.\u{200b}", identity.principal),
        identity: Some(identity),
        address: Some("10.0.0.1\u{2066}".to_owned()),
        events: Vec::new(),
        count: 1,
        proofs: [].into(),
    };
    finding.evidence.alert = Some(facts);
    let message = Notice::of_alert(&finding, String::new());
    assert_eq!(message.sentence, "\\u{202e}eve\\r\\n@channel\\u{1b} asked.\\u{200b}");
    assert_eq!(message.principal.as_deref(), Some("\\u{202e}eve\\r\\n@channel\\u{1b}"));
    assert_eq!(message.address.as_deref(), Some("10.0.0.1\\u{2066}"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_finding_can_be_stored_whatever_strangers_wrote(
        text in prop_oneof![any::<String>(), "[\\x01-\\x1f\"\\\\]{1,80}", "[\u{10000}-\u{1ffff}]{1,80}"],
        times in 1_usize..40,
        items in 0_usize..120,
        reasons in 0_usize..130,
    ) {
        let long = text.repeat(times * 30);
        let device = format!("{:.340}x", text).repeat(2);
        let mut evidence = other_evidence();
        let item = InventoryItem {
            subject: Some(long.clone()),
            revocation_reason: Some(long.clone()),
            device: device.parse().unwrap_or_else(|_| "sensor-1".parse().unwrap()),
            ..evidence.inventory[0].clone()
        };
        evidence.inventory = vec![item; items];
        let identity =
            Identity { principal: long.clone(), session: Some(long.clone()), ..Identity::unknown() };
        evidence.alert = Some(AlertFacts {
            at: now(),
            what: long.clone(),
            identity: Some(identity),
            address: Some(long.clone()),
            events: Vec::new(),
            count: 1,
            proofs: [].into(),
        });
        let bounded = evidence.clone().bounded();
        prop_assert!(stored_json(&bounded) <= Evidence::BYTES);
        prop_assert!(items == 0 || !bounded.inventory.is_empty());
        let left_out = u64::try_from(items - bounded.inventory.len()).unwrap();
        prop_assert_eq!(bounded.left_out, (left_out > 0).then_some(LeftOut::Items(left_out)));
        prop_assert_eq!(&bounded.clone().bounded(), &bounded, "once is enough");

        let id = FindingId { subject: Subject::other(&long), kind: FindingKind::IssuanceDenied, ..opened(Duplicate).id };
        prop_assert_eq!(id.to_string().parse::<FindingId>().ok(), Some(id.clone()));
        let mut finding = Finding::raised(id, None, bounded, now());
        let reason: String = format!("{text}{REASON}").chars().cycle().take(1000).collect();
        for _ in 0..reasons {
            let open = Finding { state: FindingState::Open, ..finding };
            finding = match open.dismiss(&operator(), &reason, now()) {
                Ok(dismissed) => dismissed,
                Err(_) => open,
            };
        }
        prop_assert!(stored_json(&finding) < 200_000);
        let whole = Finding { evidence, ..finding };
        prop_assert!(stored_json(&whole.stub()) < 40_000);
        prop_assert_eq!(whole.stub().evidence.left_out, Some(LeftOut::Everything));
        let message = Notice::of_alert(&whole, String::new());
        prop_assert!(stored_json(&message) < 60_000);
    }
}
