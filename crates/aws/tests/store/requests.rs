//! Four eyes and one effect, held by the table whatever its callers believe (docs/SECURITY.md).

use std::time::Duration;

use countersign_aws::{Aws, Error, Held, Lease, Taking, Thing};
use domain::revocation::{
    Intervention, ItemProgress, ItemState, Outcome, Request, RequestState, Salt, Step, Target, Verdict,
};
use domain::{AuthorityArn, Role};
use futures::{TryStreamExt, future};

use crate::bench::Bench;
use crate::fixture::{
    actor, approver, authority, body, create_request, decide, decide_request, finding, now, other_authority,
    request, serial,
};

async fn create(aws: &Aws, count: usize, approvals: u32) -> (Request, Vec<Target>) {
    let (request, targets) = request(count, approvals);
    create_request(aws, &request, &targets).await.unwrap();
    (request, targets)
}

async fn approve(aws: &Aws, request: &Request, number: usize) -> Result<(), Error> {
    let outcome = decide(request, &approver(number), Verdict::Approve);
    decide_request(aws, &outcome).await
}

async fn lease(aws: &Aws, silent: Option<&Held>) -> Lease {
    match aws.acquire_lease("request", "worker", silent).await.unwrap() {
        Taking::Taken(lease) => lease,
        Taking::Held(held) => panic!("{held:?}"),
    }
}

fn is_conflict(what: Thing, result: &Result<(), Error>) -> bool {
    matches!(result, Err(Error::Conflict { what: found, .. }) if *found == what)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_approvals_at_once_one_wins() {
    let bench = Bench::new().await;
    let (request, _) = create(&bench.web(), 2, 1).await;
    let races = (0..20).map(|number| {
        let (aws, request) = (bench.web(), request.clone());
        tokio::spawn(async move { approve(&aws, &request, number).await })
    });
    let results: Vec<_> = future::join_all(races).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(results.iter().filter(|result| result.is_err()).all(|one| is_conflict(Thing::Request, one)));
    let aws = bench.worker();
    let stored = aws.request(&request.id).await.unwrap();
    assert_eq!((stored.state, stored.decisions.len()), (RequestState::Approved, 1));
    let decisions = aws.decisions(&request.id).await.unwrap();
    assert_eq!(
        decisions.iter().flatten().map(|(decision, _)| decision).collect::<Vec<_>>(),
        [&stored.decisions[0]]
    );
    assert_eq!(aws.outbox().await.unwrap(), [request.id]);
    assert_eq!(crate::ledger::placed(&aws).await.len(), 2, "the request and one approval");
}

/// Attacks 1, 7, 8 and 11: a caller that has been fooled about what is stored gets nowhere.
#[tokio::test]
async fn the_stored_request_decides_and_not_the_callers_picture_of_it() {
    let bench = Bench::new().await;
    let (web, aws) = (bench.web(), bench.worker());
    let (request, _) = create(&web, 1, 1).await;
    let somebody = actor("somebody", Role::Operator).person;
    let requester = actor("operator", Role::Approver);
    let own = Request { requester: somebody, ..request.clone() };
    let other_hash = Request { hash: "0".repeat(64).parse().unwrap(), ..request.clone() };
    let late = request.expires_at;
    let long_lived = Request { expires_at: late.plus(Duration::from_secs(60)), ..request.clone() };
    let late_approver = domain::Actor { signed_in_at: late, ..approver(1) };
    let too_late = long_lived.pending(late).unwrap();
    let policy = crate::fixture::policy(1);
    let salt = Salt::new([7; 32]);
    let intent = too_late.intend(&late_approver, Verdict::Approve, None, &request.hash, salt).unwrap();
    let too_late = too_late.decide(&late_approver, intent, &policy, late);
    for outcome in [
        decide(&own, &requester, Verdict::Approve),
        decide(&own, &requester, Verdict::Reject),
        decide(&other_hash, &approver(1), Verdict::Approve),
        too_late.unwrap(),
    ] {
        let result = decide_request(&web, &outcome).await;
        assert!(is_conflict(Thing::Request, &result), "{outcome:?}: {result:?}");
    }
    assert_eq!(aws.request(&request.id).await.unwrap(), request);
    assert_eq!((crate::ledger::placed(&aws).await.len(), aws.outbox().await.unwrap().len()), (1, 0));
    approve(&web, &request, 1).await.unwrap();
}

#[tokio::test]
async fn a_quorum_of_two_needs_two_people_and_no_decision_is_lost() {
    let bench = Bench::new().await;
    let (web, aws) = (bench.web(), bench.worker());
    let (request, _) = create(&web, 1, 2).await;
    let (one, other) = tokio::join!(approve(&web, &request, 1), approve(&web, &request, 2));
    assert!(one.is_ok() != other.is_ok(), "both saw no decision: one has to look again");
    let first = if one.is_ok() { 1 } else { 2 };
    let stored = aws.request(&request.id).await.unwrap();
    assert_eq!((stored.state, stored.decisions.len()), (RequestState::Pending, 1));
    assert!(
        is_conflict(Thing::Request, &approve(&web, &request, first).await),
        "the same person, stale page"
    );

    // The same person with a forged memory of the request.
    let forgotten = Request { decisions: vec![decided_by_nobody(&stored)], ..stored.clone() };
    assert!(is_conflict(Thing::Decision, &approve(&web, &forgotten, first).await));

    approve(&web, &stored, 3 - first).await.unwrap();
    assert_eq!(aws.request(&request.id).await.unwrap().state, RequestState::Approved);
    assert_eq!(aws.outbox().await.unwrap().len(), 1);
}

fn decided_by_nobody(request: &Request) -> domain::revocation::Decision {
    let mut decision = request.decisions[0].clone();
    decision.by = actor("nobody", Role::Approver).person;
    decision
}

#[tokio::test(flavor = "multi_thread")]
async fn approval_rejection_cancellation_and_expiry_race_and_one_wins() {
    for _ in 0..5 {
        let bench = Bench::new().await;
        let (request, _) = create(&bench.web(), 1, 1).await;
        let operator = actor("operator", Role::Operator);
        let cancelled = request.cancel(&operator, now()).unwrap();
        let expired = request.expired(request.expires_at).unwrap();
        let rejected = decide(&request, &approver(2), Verdict::Reject);
        let aws = [bench.web(), bench.web(), bench.web(), bench.worker()];
        let cancelled = aws[2].cancel_request(&cancelled).unwrap();
        let expired = aws[3].expire_request(&expired, request.expires_at).unwrap();
        let texts = ["cancelled", "expired"].map(body);
        let (a, b, c, d) = tokio::join!(
            approve(&aws[0], &request, 1),
            decide_request(&aws[1], &rejected),
            aws[2].commit(vec![cancelled], &texts[0]),
            aws[3].commit(vec![expired], &texts[1]),
        );
        let results = [a, b, c.map(drop), d.map(drop)];
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        let approved = results[0].is_ok();
        assert_eq!(bench.worker().outbox().await.unwrap().len(), usize::from(approved));
    }
}

#[tokio::test]
async fn only_the_requester_cancels_and_nothing_expires_early() {
    let bench = Bench::new().await;
    let (web, aws) = (bench.web(), bench.worker());
    let (request, _) = create(&web, 1, 1).await;
    let mut forged = request.cancel(&actor("operator", Role::Operator), now()).unwrap();
    forged.requester = actor("somebody", Role::Operator).person;
    let result = web.commit(vec![web.cancel_request(&forged).unwrap()], &body("forged")).await.map(drop);
    assert!(is_conflict(Thing::Request, &result));
    let expired = request.expired(request.expires_at).unwrap();
    let early = aws.expire_request(&expired, now()).unwrap();
    let result = aws.commit(vec![early], &body("early")).await.map(drop);
    assert!(is_conflict(Thing::Request, &result));
    assert_eq!(aws.request(&request.id).await.unwrap(), request);
}

#[tokio::test]
async fn a_request_comes_with_its_targets_and_is_found_by_them() {
    let bench = Bench::new().await;
    let (web, aws) = (bench.web(), bench.worker());
    let (request, targets) = create(&web, 2500, 1).await;
    assert_eq!(aws.request_targets(&request.id).await.unwrap(), targets);
    assert_eq!(request.hash_of(&targets), request.hash);
    let (second, _) = create(&web, 1, 1).await;
    let id = authority().id();
    assert_eq!(web.requests_of(&id, serial(1)).await.unwrap(), [second, request.clone()]);
    assert_eq!(web.requests_of(&id, serial(2500)).await.unwrap(), [request]);
    assert_eq!(web.requests_of(&id, serial(2501)).await.unwrap(), []);
    assert_eq!(web.requests_of(&other_authority().id(), serial(1)).await.unwrap(), []);
}

#[tokio::test]
async fn a_request_that_was_not_written_is_not_found_by_its_targets() {
    let bench = Bench::new().await;
    let (web, aws) = (bench.web(), bench.worker());
    let known = finding(domain::FindingKind::Duplicate, 1, now());
    aws.commit(vec![aws.save_finding(&known, None, now()).unwrap()], &body("finding")).await.unwrap();
    let (request, targets) = request(3, 1);
    let stale = aws.save_finding(&known, None, now()).unwrap();
    let made = web.create_request(&request, &targets).await.unwrap();
    let result = web.commit(vec![made, stale], &body("requested")).await.map(drop);
    assert!(is_conflict(Thing::Finding, &result));
    assert!(matches!(aws.request(&request.id).await, Err(Error::NotFound { what: Thing::Request, .. })));
    assert_eq!(web.requests_of(&authority().id(), serial(1)).await.unwrap(), []);
    assert_eq!(aws.requests(None, None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn requests_are_listed_newest_first_and_by_state() {
    let bench = Bench::new().await;
    let (web, aws) = (bench.web(), bench.worker());
    let mut requests = Vec::new();
    for _ in 0..5 {
        requests.insert(0, create(&web, 1, 1).await.0);
    }
    assert_eq!(aws.requests(None, None, 3).await.unwrap(), requests[..3]);
    assert_eq!(aws.requests(None, Some(&requests[2].id), 3).await.unwrap(), requests[3..]);
    approve(&web, &requests[1], 1).await.unwrap();
    let pending = Some(RequestState::Pending);
    let ids = |requests: Vec<Request>| requests.into_iter().map(|one| one.id).collect::<Vec<_>>();
    let waiting = [&requests[0], &requests[2], &requests[3], &requests[4]].map(|one| one.id.clone());
    assert_eq!(ids(aws.requests(pending, None, 10).await.unwrap()), waiting);
    assert_eq!(ids(aws.requests(pending, Some(&waiting[1]), 1).await.unwrap()), waiting[2..3]);
    assert_eq!(aws.count_requests(RequestState::Pending).await.unwrap(), 4);
    assert_eq!(aws.count_requests(RequestState::Approved).await.unwrap(), 1);
}

#[tokio::test]
async fn what_is_said_to_be_countersigned_is_listed_by_authority() {
    let bench = Bench::new().await;
    let (web, aws) = (bench.web(), bench.worker());
    let countersigned = async |authority: AuthorityArn| -> Vec<Request> {
        aws.countersigned(&authority.id()).try_collect().await.unwrap()
    };
    let (request, _) = create(&web, 3, 1).await;
    assert_eq!(countersigned(authority()).await, []);
    approve(&web, &request, 1).await.unwrap();
    assert_eq!(countersigned(authority()).await, [aws.request(&request.id).await.unwrap()]);
    assert_eq!(countersigned(other_authority()).await, []);
}

#[tokio::test]
async fn only_the_holder_of_the_lease_moves_an_execution_on() {
    let bench = Bench::new().await;
    let (web, aws) = (bench.web(), bench.worker());
    let (request, targets) = create(&web, 3, 1).await;
    let Outcome::Approved(approved) = decide(&request, &approver(1), Verdict::Approve) else { panic!() };
    approve(&web, &request, 1).await.unwrap();
    let first = lease(&aws, None).await;
    let executing = Request { state: RequestState::Executing, ..approved.clone() };
    let step = |lease: &Lease| vec![aws.save_request(&executing, RequestState::Approved, lease).unwrap()];
    aws.commit(step(&first), &body("executing")).await.unwrap();
    let twice = aws.commit(step(&first), &body("executing")).await.map(drop);
    assert!(is_conflict(Thing::Request, &twice), "it is no longer approved");

    let calling = |number| ItemProgress {
        item: ItemState::Calling { since: now() },
        ..ItemProgress::waiting(serial(number))
    };
    let mark = async |number, before: &ItemState, lease: &Lease| {
        aws.mark(&approved, &[(calling(number), before.clone())], lease).await
    };
    mark(2, &ItemState::Waiting, &first).await.unwrap();
    let seen = Held { holder: first.holder.clone(), fence: first.fence, beat: 0 };
    let second = lease(&aws, Some(&seen)).await;
    let revoked = ItemProgress { item: ItemState::Revoked { at: now(), before: false }, ..calling(2) };
    aws.commit(vec![aws.save_item(&request.id, &revoked, &second).unwrap()], &body("revoked")).await.unwrap();
    let again = mark(2, &calling(2).item, &second).await;
    assert!(is_conflict(Thing::ExecutionItem, &again), "it is revoked meanwhile");
    let late = mark(1, &ItemState::Waiting, &first).await;
    assert!(is_conflict(Thing::Lease, &late), "a former holder, whose first mark this is");
    let other = Request { hash: "0".repeat(64).parse().unwrap(), ..approved.clone() };
    let other = aws.mark(&other, &[(calling(1), ItemState::Waiting)], &second).await;
    assert!(is_conflict(Thing::Request, &other), "another request than was approved");
    let stepped = |step| Intervention { step, by: request.requester.clone(), at: now(), why: None };
    let interventions = vec![stepped(Step::Halt)];
    let halted = Request { state: RequestState::Halted, interventions, ..executing.clone() };
    aws.commit(aws.step_in(&halted, &executing).unwrap(), &body("halted")).await.unwrap();
    assert_eq!(aws.outbox().await.unwrap(), []);
    let late = mark(1, &ItemState::Waiting, &second).await;
    assert!(is_conflict(Thing::Request, &late), "after a halt");
    let interventions = vec![stepped(Step::Halt), stepped(Step::Resume)];
    let resumed = Request { interventions: interventions.clone(), ..approved.clone() };
    aws.commit(aws.step_in(&resumed, &halted).unwrap(), &body("resumed")).await.unwrap();
    assert_eq!(aws.outbox().await.unwrap(), std::slice::from_ref(&request.id));
    let again = Request { interventions, ..executing.clone() };
    let go_on = aws.save_request(&again, RequestState::Approved, &second).unwrap();
    aws.commit(vec![go_on], &body("executing")).await.unwrap();
    let stale = aws.commit(aws.step_in(&halted, &executing).unwrap(), &body("halted")).await.map(drop);
    assert!(is_conflict(Thing::Request, &stale), "upon what it was before the first halt");
    let execution = aws.execution(&request.id, &targets).await.unwrap();
    let expected = [ItemProgress::waiting(serial(1)), revoked, ItemProgress::waiting(serial(3))];
    assert_eq!(execution.items, expected);

    let executed = Request { state: RequestState::Executed, ..executing.clone() };
    let finish = |lease: &Lease| {
        let save = aws.save_request(&executed, RequestState::Executing, lease).unwrap();
        vec![save, aws.empty_outbox(&request.id)]
    };
    aws.commit(finish(&second), &body("executed")).await.unwrap();
    assert_eq!(aws.outbox().await.unwrap(), []);
    assert_eq!(aws.request(&request.id).await.unwrap(), executed);
    let again = aws.commit(vec![aws.empty_outbox(&request.id)], &body("again")).await.map(drop);
    assert!(is_conflict(Thing::Outbox, &again));
}
