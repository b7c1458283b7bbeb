//! The four-eyes rule, attack by attack (docs/SECURITY.md).

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::people::Role;
use crate::revocation::fixture::{actor, id, now, policy, proven, request, target};
use crate::revocation::request::HASH_VERSION;
use crate::revocation::{
    Approved, Demands, NotExecutable, NotProven, Policy, QuorumRule, Represented, Target,
};

fn approver(name: &str) -> Actor {
    actor(name, &[Role::Approver])
}

fn decide(request: &Request, actor: &Actor, verdict: Verdict) -> Result<Outcome, Refusal> {
    decide_at(request, actor, verdict, now())
}

fn decide_at(request: &Request, actor: &Actor, verdict: Verdict, at: Timestamp) -> Result<Outcome, Refusal> {
    let pending = request.pending(at)?;
    let intent =
        pending.intend(actor, verdict, Some("Seen.".to_owned()), &request.hash, Salt::new([7; 32]))?;
    pending.decide(actor, intent, &policy(1), at)
}

/// The request as one that may be executed, with a proof of each decision that is stored.
fn executable(request: &Request, targets: &[Target]) -> Result<Approved, NotExecutable> {
    request.clone().approved(targets, None, proven(request), &policy(1), now())
}

fn approve(request: &Request, actor: &Actor) -> Request {
    decide(request, actor, Verdict::Approve).unwrap().request().clone()
}

#[test]
fn one_approval_by_somebody_else_is_enough_for_a_quorum_of_one() {
    let (request, targets) = request(1);
    let outcome = decide(&request, &approver("approver"), Verdict::Approve).unwrap();
    assert!(matches!(outcome, Outcome::Approved(_)));
    let approved = outcome.request().clone();
    assert_eq!(approved.state, RequestState::Approved);
    assert_eq!(approved.decisions[0].hash, request.hash);
    assert!(executable(&approved, &targets).is_ok());
}

#[test]
fn nobody_decides_on_their_own_request_whatever_roles_they_hold() {
    let (request, _) = request(1);
    for verdict in [Verdict::Approve, Verdict::Reject] {
        // The same issuer and subject in another session, under another name and with more roles.
        let mut both = actor("operator", &[Role::Operator, Role::Approver]);
        both.person.name = "Somebody Else".to_owned();
        assert_eq!(decide(&request, &both, verdict), Err(Refusal::OwnRequest));
    }
}

#[test]
fn only_an_approver_decides() {
    let (request, _) = request(1);
    for roles in [&[][..], &[Role::Auditor], &[Role::Operator], &[Role::Auditor, Role::Operator]] {
        assert_eq!(decide(&request, &actor("other", roles), Verdict::Approve), Err(Refusal::NotApprover));
    }
}

#[test]
fn a_quorum_of_two_needs_two_people() {
    let (request, targets) = request(2);
    let once = approve(&request, &approver("first"));
    assert_eq!(once.state, RequestState::Pending);
    assert_eq!(decide(&once, &approver("first"), Verdict::Approve), Err(Refusal::DecidedAlready));
    assert_eq!(decide(&once, &approver("first"), Verdict::Reject), Err(Refusal::DecidedAlready));
    let twice = approve(&once, &approver("second"));
    assert_eq!((twice.state, twice.approvals()), (RequestState::Approved, 2));
    assert!(executable(&twice, &targets).is_ok());
}

#[test]
fn one_rejection_ends_it_even_after_an_approval() {
    let (request, targets) = request(2);
    let once = approve(&request, &approver("first"));
    let rejected = decide(&once, &approver("second"), Verdict::Reject).unwrap().request().clone();
    assert_eq!(rejected.state, RequestState::Rejected);
    let refusal = decide(&rejected, &approver("third"), Verdict::Approve);
    assert_eq!(refusal, Err(Refusal::NotPending("rejected".to_owned())));
    assert_eq!(executable(&rejected, &targets), Err(NotExecutable::State("rejected".to_owned())));
}

#[test]
fn an_approved_request_takes_no_further_decision() {
    let (request, _) = request(1);
    let approved = approve(&request, &approver("first"));
    let refusal = decide(&approved, &approver("second"), Verdict::Reject);
    assert_eq!(refusal, Err(Refusal::NotPending("approved".to_owned())));
}

#[test]
fn what_was_seen_must_be_what_is_stored() {
    let (request, _) = request(1);
    let stale: TargetHash = "0".repeat(64).parse().unwrap();
    let (pending, approver) = (request.pending(now()).unwrap(), approver("approver"));
    let intend = |seen| pending.intend(&approver, Verdict::Approve, None, seen, Salt::new([7; 32]));
    assert_eq!(intend(&stale), Err(Refusal::OtherHash));
    let intent = intend(&request.hash).unwrap();
    let of_another = Intent { request: id(2), ..intent.clone() };
    for moved in [of_another, Intent { hash: stale, ..intent.clone() }] {
        assert_eq!(pending.decide(&approver, moved, &policy(1), now()), Err(Refusal::OtherHash));
    }
}

#[test]
fn whoever_signs_in_to_decide_is_who_pressed_the_button() {
    let (request, _) = request(1);
    let pending = request.pending(now()).unwrap();
    let intent = pending
        .intend(&approver("first"), Verdict::Approve, None, &request.hash, Salt::new([7; 32]))
        .unwrap();
    let decided = pending.decide(&approver("second"), intent, &policy(1), now());
    assert_eq!(decided, Err(Refusal::AnotherPerson));
}

#[test]
fn a_sign_in_must_be_fresh_and_not_from_the_future() {
    let (request, _) = request(1);
    let fresh = policy(1).fresh_sign_in;
    let signed_in = |at| Actor { signed_in_at: at, ..approver("approver") };
    let second = Duration::from_secs(1);
    for at in [now(), now().minus(fresh), now().plus(Duration::from_secs(60))] {
        assert!(decide(&request, &signed_in(at), Verdict::Approve).is_ok(), "{at}");
    }
    let stale = Err(Refusal::StaleSignIn("5 minutes".to_owned()));
    for at in [
        now().minus(fresh + second),
        now().plus(Duration::from_secs(61)),
        Timestamp::EPOCH,
        Timestamp::EPOCH.plus(Duration::MAX),
    ] {
        assert_eq!(decide(&request, &signed_in(at), Verdict::Approve), stale, "{at}");
    }
}

#[test]
fn a_request_expires_at_its_second_and_not_before() {
    let (request, _) = request(1);
    let last = request.expires_at.minus(Duration::from_secs(1));
    let signed_in = Actor { signed_in_at: last, ..approver("approver") };
    assert!(decide_at(&request, &signed_in, Verdict::Approve, last).is_ok());
    assert_eq!(request.expired(last), None);
    let expired = decide_at(&request, &signed_in, Verdict::Approve, request.expires_at);
    assert_eq!(expired, Err(Refusal::Expired(request.expires_at.absolute())));
    let after = request.expired(request.expires_at).unwrap();
    assert_eq!(after.state, RequestState::Expired);
    assert_eq!(after.expired(request.expires_at), None, "once is enough");
}

#[test]
fn only_its_requester_cancels_it_and_only_while_it_waits() {
    let (request, targets) = request(1);
    let operator = actor("operator", &[Role::Operator]);
    for other in
        [actor("other", &[Role::Operator]), approver("approver"), actor("operator", &[Role::Auditor])]
    {
        assert_eq!(request.cancel(&other, now()), Err(Refusal::NotRequester));
    }
    let cancelled = request.cancel(&operator, now()).unwrap();
    assert_eq!((cancelled.state, cancelled.cancelled_at), (RequestState::Cancelled, Some(now())));
    assert!(decide(&cancelled, &approver("approver"), Verdict::Approve).is_err());
    assert!(executable(&cancelled, &targets).is_err());
    let approved = approve(&request, &approver("approver"));
    assert_eq!(approved.cancel(&operator, now()), Err(Refusal::NotPending("approved".to_owned())));
    assert!(matches!(request.cancel(&operator, request.expires_at), Err(Refusal::Expired(_))));
}

#[test]
fn a_comment_is_kept_without_its_blanks_and_has_bounds() {
    let (request, _) = request(1);
    let (pending, approver) = (request.pending(now()).unwrap(), approver("approver"));
    let says = |verdict: Verdict, comment: &str| {
        let comment = Some(comment.to_owned());
        pending.intend(&approver, verdict, comment, &request.hash, Salt::new([7; 32]))
    };
    let intend = |comment: &str| says(Verdict::Approve, comment);
    let comment = |text: &str| {
        let outcome = pending.decide(&approver, intend(text).unwrap(), &policy(1), now());
        outcome.unwrap().request().decisions[0].comment.clone()
    };
    assert_eq!(comment("  not yet \n"), Some("not yet".to_owned()));
    assert_eq!(comment(" \n "), None);
    assert_eq!(intend(&"x".repeat(1001)), Err(Refusal::Comment(1001)));
    assert_eq!(says(Verdict::Reject, " \n "), Err(Refusal::NoReason));
}

#[test]
fn what_was_changed_in_the_store_after_approval_is_not_executed() {
    let (request, targets) = request(1);
    let approved = approve(&request, &approver("approver"));
    let mut others = targets.clone();
    others[1] = target("0c");
    assert_eq!(executable(&approved, &others), Err(NotExecutable::OtherHash));
    assert_eq!(executable(&approved, &targets[..1]), Err(NotExecutable::OtherHash));
    let justified = Request { justification: "Because it was asked for".to_owned(), ..approved.clone() };
    assert_eq!(executable(&justified, &targets), Err(NotExecutable::OtherHash));
    // A changed hash beside changed targets does not help: nobody approved it.
    let mut forged = approved.clone();
    forged.hash = forged.hash_of(&others);
    assert_eq!(executable(&forged, &others), Err(NotExecutable::Quorum));
    let undecided = Request { state: RequestState::Approved, ..request };
    assert_eq!(executable(&undecided, &targets), Err(NotExecutable::Quorum));
}

#[test]
fn approvals_that_do_not_count_are_not_counted() {
    let (request, targets) = request(2);
    let mut once = approve(&request, &approver("first"));
    once.state = RequestState::Approved;
    let twice_the_same =
        Request { decisions: vec![once.decisions[0].clone(), once.decisions[0].clone()], ..once.clone() };
    assert_eq!(executable(&twice_the_same, &targets), Err(NotExecutable::Quorum));
    let mut own = once.clone();
    own.decisions.push(Decision { by: once.requester.clone(), ..once.decisions[0].clone() });
    assert_eq!(executable(&own, &targets), Err(NotExecutable::Quorum));
    let mut of_another = once.clone();
    let hash = Request { id: id(2), ..once.clone() }.hash_of(&targets);
    of_another.decisions.push(Decision { by: approver("second").person, hash, ..once.decisions[0].clone() });
    assert_eq!(executable(&of_another, &targets), Err(NotExecutable::Quorum));
}

#[test]
fn roles_lost_before_execution_stop_it() {
    let (request, targets) = request(1);
    let approved = executable(&approve(&request, &approver("approver")), &targets).unwrap();
    let (operator, approver) = (&request.requester.id, &approver("approver").person.id);
    let roles = |operator_roles: &[Role], approver_roles: &[Role]| {
        BTreeMap::from([
            (operator.clone(), operator_roles.iter().copied().collect()),
            (approver.clone(), approver_roles.iter().copied().collect()),
        ])
    };
    assert_eq!(approved.still_backed(&roles(&[Role::Operator], &[Role::Approver])), Ok(()));
    let lost = |name: &str, role| Err(NotExecutable::RoleLost { name: name.to_owned(), role });
    let without = roles(&[Role::Auditor], &[Role::Approver]);
    assert_eq!(approved.still_backed(&without), lost("operator", "an operator"));
    assert_eq!(approved.still_backed(&roles(&[Role::Operator], &[])), lost("approver", "an approver"));
    assert_eq!(approved.still_backed(&BTreeMap::new()), lost("operator", "an operator"));
}

#[test]
fn what_is_stored_as_decided_counts_for_nothing_without_its_proof() {
    let (request, targets) = request(1);
    let approved = approve(&request, &approver("approver"));
    assert_eq!(approved.approved(&targets, None, Vec::new(), &policy(1), now()), Err(NotExecutable::Quorum));
}

#[test]
fn what_a_newer_console_froze_waits_for_a_newer_worker() {
    let (request, targets) = request(1);
    let mut approved = approve(&request, &approver("approver"));
    approved.hash_version = HASH_VERSION + 1;
    let why = executable(&approved, &targets).unwrap_err();
    assert_eq!(why, NotExecutable::Newer);
    assert!(why.may_pass() && why.alert(&approved, now()).is_none());
}

/// As consoles stored it that did not name the version of its hash.
#[test]
fn what_an_older_console_froze_is_carried_out() {
    let (mut request, targets) = request(1);
    (request.hash_version, request.demands) = (2, Demands::default());
    // That of the policy in force then.
    request.policy_version = "13d1fdff788de0f5".to_owned();
    request.hash = request.hash_of(&targets);
    let approved = approve(&request, &approver("approver"));
    assert_eq!(approved.hash.as_str(), "36b856e594370c9b631652d880cac15efb2a27fe0b829c3e135eeb296f522d42");
    let mut stored = serde_json::to_value(&approved).unwrap();
    stored.as_object_mut().unwrap().retain(|key, _| key != "hash_version" && key != "demands");
    stored["decisions"][0].as_object_mut().unwrap().remove("groups").unwrap();
    let read: Request = serde_json::from_value(stored).unwrap();
    assert!(executable(&read, &targets).is_ok());
}

#[test]
fn a_policy_that_has_become_stricter_counts() {
    let (request, targets) = request(1);
    let approved = approve(&request, &approver("approver"));
    let executed = approved.clone().approved(&targets, None, proven(&approved), &policy(2), now());
    assert_eq!(executed, Err(NotExecutable::Stricter("2 approvals".to_owned())));
}

fn of(groups: &[&str], name: &str) -> Actor {
    Actor { groups: groups.iter().map(|&group| group.to_owned()).collect(), ..approver(name) }
}

/// Two of security and one of operations.
fn represented() -> Policy {
    let one = |group: &str, approvals| Represented { group: group.to_owned(), approvals };
    let represented = vec![one("security", 2), one("operations", 1)];
    let rule = QuorumRule { from_targets: 1, approvals: 1, represented, ..QuorumRule::default() };
    Policy { quorum: vec![rule], ..policy(1) }
}

fn decide_by(request: &Request, actor: &Actor, policy: &Policy) -> Request {
    let pending = request.pending(now()).unwrap();
    let intent = pending.intend(actor, Verdict::Approve, None, &request.hash, Salt::new([7; 32])).unwrap();
    pending.decide(actor, intent, policy, now()).unwrap().request().clone()
}

#[test]
fn groups_are_each_represented_before_it_is_approved() {
    let policy = represented();
    let operator = actor("operator", &[Role::Operator]);
    let (request, targets) =
        crate::revocation::fixture::draft(&["0a"]).freeze(id(1), &operator, &policy, &[], now()).unwrap();
    assert_eq!(request.approvals_needed, 3);
    let mut waits = request;
    for name in ["s1", "s2", "s3"] {
        waits = decide_by(&waits, &of(&["security"], name), &policy);
        assert_eq!(waits.state, RequestState::Pending, "{name}");
    }
    let missing = waits.still_needed(&policy, None).unwrap();
    assert_eq!((missing.approvals, missing.groups()), (1, "1 of operations".to_owned()));
    // Whatever is stored of it.
    let claimed = Request { state: RequestState::Approved, ..waits.clone() };
    assert_eq!(
        claimed.clone().approved(&targets, None, proven(&claimed), &policy, now()),
        Err(NotExecutable::Quorum)
    );
    let done = decide_by(&waits, &of(&["operations"], "o1"), &policy);
    assert_eq!((done.state, done.still_needed(&policy, None)), (RequestState::Approved, None));
    assert!(done.clone().approved(&targets, None, proven(&done), &policy, now()).is_ok());
}

#[test]
fn a_request_is_decided_under_the_stricter_of_its_policy_and_todays() {
    let (request, targets) = request(1);
    let once = decide_by(&request, &of(&["operations"], "o1"), &represented());
    assert_eq!(once.state, RequestState::Pending, "enough for the policy it was made under");
    let twice = decide_by(&once, &of(&["security"], "s1"), &represented());
    let done = decide_by(&twice, &of(&["security"], "s2"), &represented());
    assert_eq!(done.state, RequestState::Approved);
    let short = Request { decisions: done.decisions[..2].to_vec(), ..done.clone() };
    let why = short.clone().approved(&targets, None, proven(&short), &represented(), now()).unwrap_err();
    assert_eq!(why, NotExecutable::Stricter("1 of security".to_owned()));
    assert!(why.alert(&short, now()).is_none(), "nobody has forged anything");
    let strong = Policy { acr: vec!["phr".to_owned()], ..policy(1) };
    let why = done.clone().approved(&targets, None, proven(&done), &strong, now()).unwrap_err();
    assert!(matches!(&why, NotExecutable::Stricter(what) if what.contains("acr: phr")), "{why}");
    assert!(why.alert(&done, now()).is_none());
    // A policy that has become looser does not help what was frozen.
    let frozen = Demands { amr: vec!["hwk".to_owned()], ..done.demands.clone() };
    let mut frozen = Request { demands: frozen, ..done };
    frozen.hash = frozen.hash_of(&targets);
    frozen.decisions.iter_mut().for_each(|decision| decision.hash = frozen.hash.clone());
    let why = frozen.clone().approved(&targets, None, proven(&frozen), &policy(1), now()).unwrap_err();
    assert!(matches!(why, NotExecutable::NotProven { why: NotProven::Weak(_), .. }), "{why}");
}

#[test]
fn deciding_needs_the_sign_in_that_either_policy_asks_for() {
    let (request, _) = request(1);
    let strong = Policy { acr: vec!["phr".to_owned()], amr: vec!["hwk".to_owned()], ..policy(1) };
    let pending = request.pending(now()).unwrap();
    let decide = |actor: &Actor| {
        let intent = pending.intend(actor, Verdict::Approve, None, &request.hash, Salt::new([7; 32]))?;
        pending.decide(actor, intent, &strong, now())
    };
    assert!(matches!(decide(&approver("a")), Err(Refusal::WeakSignIn(why)) if why.contains("acr: phr")));
    let mut strongly = approver("a");
    strongly.strength.acr = Some("phr".to_owned());
    assert!(matches!(decide(&strongly), Err(Refusal::WeakSignIn(why)) if why.contains("amr: hwk")));
    strongly.strength.amr = vec!["hwk".to_owned()];
    assert!(decide(&strongly).is_ok());
    assert_eq!(request.acr_values(&strong), ["phr"]);
}

#[test]
fn an_approval_is_carried_out_within_its_life_or_not_at_all() {
    let (request, targets) = request(1);
    let approved = approve(&request, &approver("approver"));
    let roles = BTreeMap::from([
        (request.requester.id.clone(), [Role::Operator].into()),
        (approver("approver").person.id, [Role::Approver].into()),
    ]);
    let life = policy(1).approval_life;
    let begins = |policy: &Policy, at| {
        let approved = approved.clone().approved(&targets, None, proven(&approved), policy, at);
        approved.unwrap().still_backed(&roles)
    };
    assert_eq!(begins(&policy(1), now().plus(life)), Ok(()));
    let late = now().plus(life + Duration::from_secs(1));
    let why = begins(&policy(1), late).unwrap_err();
    assert_eq!(why, NotExecutable::Outlived { name: "approver".to_owned(), life: "7 days".to_owned() });
    assert!(why.alert(&approved, late).is_none() && !why.may_pass());
    // Today's counts where it is the stricter, and never where it is not.
    let today = |approval_life| Policy { approval_life, ..policy(1) };
    assert!(begins(&today(Duration::from_secs(60)), now().plus(Duration::from_secs(61))).is_err());
    assert!(begins(&today(life * 2), late).is_err());
}
