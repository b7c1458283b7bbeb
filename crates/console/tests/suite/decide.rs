//! Who may decide, and who wins (attacks 1, 3, 4, 5, 7, 8, 11).

use std::time::{Duration, Instant};

use console::{Clock, Error};
use domain::ledger::Action;
use domain::revocation::{Request, RequestState, TargetHash, Verdict};
use domain::views::{DecisionForm, Inbox, LedgerQuery, Narrowed, RequestQuery, Selection};
use domain::{Actor, Role, Serial};
use futures::future::join_all;

use crate::own::unrecorded;
use crate::signed::decide;
use crate::support::{Bench, authority, description, person, says, take, test, test_within};

async fn approvers(bench: &Bench, count: usize) -> Vec<Actor> {
    let names = (0..count).map(|number| format!("approver-{number}"));
    join_all(names.map(|name| async move { bench.sign_in(&name, &[Role::Approver]).await })).await
}

#[test]
fn of_twenty_approvals_at_once_one_wins() {
    test(async {
        let bench = Bench::new().await;
        let request = bench.pending(&take(1).await).await;
        let twenty = approvers(&bench, 20).await;
        // Ten come in through another replica.
        let other = bench.another();
        let decisions = twenty.iter().enumerate().map(|(number, approver)| {
            let console = if number % 2 == 0 { &bench.console } else { &other };
            decide(console, approver, &request.id, says(Verdict::Approve, &request.hash))
        });
        let answers = join_all(decisions).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        for answer in &answers {
            let Err(error) = answer else { continue };
            assert!(matches!(error, Error::Conflict(_)), "{error:?}");
            assert_eq!(error.to_string(), "The request is no longer waiting for approval: it is approved.");
        }
        let stored = bench.request(&request.id).await;
        assert_eq!((stored.state, stored.decisions.len()), (RequestState::Approved, 1));
        assert_eq!(bench.aws.outbox().await.unwrap(), std::slice::from_ref(&request.id));
        assert_eq!(bench.count(&request.id, Action::RevocationApproved).await, 1);
        assert_eq!(bench.count(&request.id, Action::Refused).await, 19);
    });
}

/// How many requests are approved at the same time.
const APPROVALS: &str = "COUNTERSIGN_BENCH_APPROVALS";

#[test]
#[ignore = "a measurement: cargo xtask bench ledger"]
fn approvals_at_once_measured() {
    test_within(Duration::from_secs(1800), async {
        let bench = Bench::new().await;
        let count: usize = std::env::var(APPROVALS).unwrap().parse().unwrap();
        let (mut requests, approver) = (Vec::new(), bench.approver().await);
        let authority = authority(description().await);
        for number in 0..u32::try_from(count).unwrap() {
            // Nobody asks the CA about them: there need be none.
            let serial = Serial::from_bytes(&[&[7; 12][..], &number.to_be_bytes()].concat()).unwrap();
            requests.push(bench.pending_of(authority.clone(), vec![unrecorded(&serial)]).await);
        }
        let measure = async |requests: &[Request]| {
            let (before, begun) = (bench.entries().await.len(), Instant::now());
            let approve = |request: &Request| {
                let form = says(Verdict::Approve, &request.hash);
                let (console, approver, id) = (&bench.console, &approver, request.id.clone());
                async move { decide(console, approver, &id, form).await }
            };
            for answer in join_all(requests.iter().map(approve)).await {
                assert_eq!(answer.unwrap().state, RequestState::Approved);
            }
            let took = begun.elapsed();
            assert_eq!(bench.entries().await.len(), before + requests.len());
            took
        };
        let (one, others) = requests.split_at(1);
        eprintln!("1 approval: {:.2?}", measure(one).await);
        eprintln!("{} approvals of different requests at once: {:.2?}", others.len(), measure(others).await);
    });
}

#[test]
fn of_twenty_approvals_two_win_where_two_are_needed() {
    test(async {
        let bench = Bench::new().await;
        let request = bench.pending(&take(3).await).await;
        assert_eq!(request.approvals_needed, 2);
        let twenty = approvers(&bench, 20).await;
        let counted = DecisionForm { count: Some("3".to_owned()), ..says(Verdict::Approve, &request.hash) };
        let miscounted = DecisionForm { count: Some("2".to_owned()), ..counted.clone() };
        let answer = decide(&bench.console, &twenty[0], &request.id, miscounted).await;
        assert!(matches!(answer, Err(Error::Invalid { field: "count", .. })), "{answer:?}");
        let decisions =
            twenty.iter().map(|approver| decide(&bench.console, approver, &request.id, counted.clone()));
        let answers = join_all(decisions).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 2);
        assert_eq!(bench.request(&request.id).await.decisions.len(), 2);
        assert_eq!(bench.count(&request.id, Action::Refused).await, 18);
    });
}

#[test]
fn nobody_approves_their_own_request_in_a_second_session() {
    test(async {
        let bench = Bench::new().await;
        let request = bench.pending(&take(1).await).await;
        let again = bench.sign_in("operator", &[Role::Operator, Role::Approver]).await;
        let answer = decide(&bench.console, &again, &request.id, says(Verdict::Approve, &request.hash)).await;
        assert!(matches!(answer, Err(Error::Forbidden(_))), "{answer:?}");
        assert_eq!(bench.request(&request.id).await.state, RequestState::Pending);
        let told = bench.told(&request.id).await;
        let refused = told.iter().find(|body| body.action == Action::Refused).unwrap();
        assert_eq!(refused.detail["attempt"], "approve");
        assert!(refused.detail["why"].starts_with("You made this request"));
    });
}

#[test]
fn nobody_approves_twice_and_nothing_is_replayed() {
    test(async {
        let bench = Bench::new().await;
        let request = bench.pending(&take(3).await).await;
        let once = bench.approve(&request, "first").await;
        assert_eq!(once.state, RequestState::Pending);
        let first = bench.sign_in("first", &[Role::Approver]).await;
        for verdict in [Verdict::Approve, Verdict::Reject] {
            let answer = decide(&bench.console, &first, &request.id, says(verdict, &request.hash)).await;
            assert!(matches!(answer, Err(Error::Conflict(_))), "{answer:?}");
        }
        let twice = bench.approve(&request, "second").await;
        assert_eq!(twice.state, RequestState::Approved);
        let third = bench.sign_in("third", &[Role::Approver]).await;
        let late = decide(&bench.console, &third, &request.id, says(Verdict::Reject, &request.hash)).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        assert_eq!(bench.aws.outbox().await.unwrap().len(), 1);
    });
}

#[test]
fn an_approval_counts_only_for_the_request_that_was_seen() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(2).await;
        let one = bench.pending(&certificates[..1]).await;
        let other = bench.pending(&certificates[1..]).await;
        let approver = bench.approver().await;
        let zeros: TargetHash = "0".repeat(64).parse().unwrap();
        for hash in [&one.hash, &zeros] {
            let answer = decide(&bench.console, &approver, &other.id, says(Verdict::Approve, hash)).await;
            assert!(matches!(answer, Err(Error::Conflict(_))), "{answer:?}");
        }
        assert_eq!(bench.request(&other.id).await.state, RequestState::Pending);
        assert!(bench.aws.outbox().await.unwrap().is_empty());
    });
}

#[test]
fn of_cancelling_and_approving_one_wins() {
    test(async {
        // Minute after minute, so that each refusal is an entry of its own.
        let clock = Clock::standing_at(Clock::system().now());
        let bench = Bench::with(|parts| parts.clock = clock.clone()).await;
        let certificates = take(1).await;
        let (operator, approver) = (bench.operator().await, bench.approver().await);
        for _ in 0..10 {
            clock.advance(Duration::from_secs(60));
            let request = bench.pending(&certificates).await;
            let (cancelled, approved) = tokio::join!(
                bench.console.cancel_request(&operator, &request.id),
                decide(&bench.console, &approver, &request.id, says(Verdict::Approve, &request.hash)),
            );
            assert_ne!(cancelled.is_ok(), approved.is_ok(), "{cancelled:?} {approved:?}");
            let state = bench.request(&request.id).await.state;
            let expected = if approved.is_ok() { RequestState::Approved } else { RequestState::Cancelled };
            assert_eq!(state, expected);
            let ordered = bench.aws.outbox().await.unwrap().contains(&request.id);
            assert_eq!(ordered, approved.is_ok());
            assert_eq!(bench.count(&request.id, Action::Refused).await, 1);
        }
    });
}

#[test]
fn only_the_requester_cancels() {
    test(async {
        let bench = Bench::new().await;
        let request = bench.pending(&take(1).await).await;
        let other = bench.sign_in("another-operator", &[Role::Operator]).await;
        let answer = bench.console.cancel_request(&other, &request.id).await;
        assert!(matches!(answer, Err(Error::Forbidden(_))), "{answer:?}");
        let view = bench.console.request(&other, &request.id, Narrowed::default()).await.unwrap();
        assert!(view.cannot_cancel.is_some() && view.cannot_decide.is_some());
        bench.console.cancel_request(&bench.operator().await, &request.id).await.unwrap();
        assert_eq!(bench.request(&request.id).await.state, RequestState::Cancelled);
    });
}

#[test]
fn a_sign_in_must_be_fresh() {
    test(async {
        let bench = Bench::new().await;
        let request = bench.pending(&take(1).await).await;
        let mut stale = bench.approver().await;
        stale.signed_in_at = stale.signed_in_at.minus(Duration::from_secs(901));
        let answer = decide(&bench.console, &stale, &request.id, says(Verdict::Approve, &request.hash)).await;
        assert!(matches!(answer, Err(Error::SignInAgain(_))), "{answer:?}");
        assert_eq!(bench.count(&request.id, Action::Refused).await, 1);
    });
}

#[test]
fn a_request_expires_for_its_readers_and_deciders_at_once_and_in_the_ledger_soon() {
    test(async {
        let clock = Clock::standing_at(Clock::system().now());
        let bench = Bench::with(|parts| parts.clock = clock.clone()).await;
        let request = bench.pending(&take(1).await).await;
        clock.advance(Duration::from_secs(3600));
        let approver = bench.approver().await;
        let view = bench.console.request(&approver, &request.id, Narrowed::default()).await.unwrap();
        assert_eq!(view.request.state, RequestState::Expired);
        let answer =
            decide(&bench.console, &approver, &request.id, says(Verdict::Approve, &request.hash)).await;
        assert!(answer.unwrap_err().to_string().starts_with("The request expired at"));
        let pending = RequestQuery { state: Some(RequestState::Pending), ..RequestQuery::default() };
        let list = bench.console.requests(&approver, &pending).await.unwrap();
        assert!(list.page.requests.is_empty());
        assert_eq!(bench.request(&request.id).await.state, RequestState::Pending, "nobody has written it");
        bench.work().await;
        bench.until(&request.id, &[RequestState::Expired]).await;
        assert_eq!(bench.count(&request.id, Action::RevocationExpired).await, 1);
    });
}

#[test]
fn everybody_has_an_inbox_and_the_history_is_narrowed_and_paged() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(2).await;
        let first = bench.pending(&certificates[..1]).await;
        let second = bench.pending(&certificates[1..]).await;
        let (operator, approver) = (bench.operator().await, bench.approver().await);
        let other = bench.sign_in("other", &[Role::Operator, Role::Approver]).await;
        let of = |inbox| RequestQuery { inbox, ..RequestQuery::default() };
        let listed = async |actor: &Actor, query: RequestQuery| {
            let list = bench.console.requests(actor, &query).await.unwrap();
            let ids: Vec<_> = list.page.requests.into_iter().map(|request| request.id).collect();
            (ids, list.for_me)
        };
        let both = vec![second.id.clone(), first.id.clone()];
        assert_eq!(listed(&approver, of(Inbox::ForMe)).await, (both.clone(), 2));
        assert_eq!(listed(&operator, of(Inbox::ForMe)).await, (vec![], 0), "nobody decides on their own");
        assert_eq!(listed(&operator, of(Inbox::Mine)).await, (both.clone(), 0));
        assert_eq!(listed(&other, of(Inbox::Mine)).await, (vec![], 2));
        decide(&bench.console, &approver, &second.id, says(Verdict::Reject, &second.hash)).await.unwrap();
        assert_eq!(listed(&approver, of(Inbox::ForMe)).await, (vec![first.id.clone()], 1));
        let rejected = RequestQuery { state: Some(RequestState::Rejected), ..of(Inbox::All) };
        assert_eq!(listed(&approver, rejected).await.0, std::slice::from_ref(&second.id));
        let before = RequestQuery { before: Some(second.id.clone()), ..of(Inbox::All) };
        assert_eq!(listed(&approver, before).await.0, std::slice::from_ref(&first.id));
        let nobody = RequestQuery { requester: Some("nobody".to_owned()), ..of(Inbox::All) };
        assert_eq!(listed(&approver, nobody).await.0, []);
    });
}

#[test]
fn who_has_no_role_sees_and_does_nothing() {
    test(async {
        let bench = Bench::new().await;
        let request = bench.pending(&take(1).await).await;
        let stranger = person("stranger", &[]).await;
        let auditor = person("auditor", &[Role::Auditor]).await;
        let (console, id, hash) = (&bench.console, &request.id, &request.hash);
        let answers = [
            console.request(&stranger, id, Narrowed::default()).await.map(drop),
            console.requests(&stranger, &RequestQuery::default()).await.map(drop),
            decide(console, &stranger, id, says(Verdict::Approve, hash)).await.map(drop),
            decide(console, &auditor, id, says(Verdict::Approve, hash)).await.map(drop),
            console.cancel_request(&stranger, id).await.map(drop),
            console.ledger(&stranger, &LedgerQuery::default()).await.map(drop),
            console.verify_ledger(&stranger).await.map(drop),
            console
                .dry_run(
                    &auditor,
                    &request.authority.id(),
                    &Selection::Serials(vec![request.first_target.serial]),
                )
                .await
                .map(drop),
        ];
        let refused = answers.len();
        for (number, answer) in answers.into_iter().enumerate() {
            assert!(matches!(answer, Err(Error::Forbidden(_))), "{number}: {answer:?}");
        }
        console.journal().finish().await;
        let ledger = console.ledger(&auditor, &LedgerQuery::default()).await.unwrap();
        let bodies = ledger.lines.iter().filter_map(|line| line.body.as_ref().ok());
        let refusals: Vec<_> = bodies.filter(|body| body.action == Action::Refused).collect();
        let told =
            refusals.iter().map(|body| body.detail.get("more").map_or(1, |more| more.parse().unwrap()));
        assert_eq!((refusals.len(), told.sum::<usize>()), (4, refused), "two people, each at once and after");
        let report = console.verify_ledger(&auditor).await.unwrap();
        assert_eq!((report.broken, report.log), (None, None), "no log is configured");
        assert_eq!(ledger.total, bench.written().await);
    });
}
