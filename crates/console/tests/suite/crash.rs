//! The console dies, at the worst moments, and another takes over: nothing is lost, nothing done twice (attack 9).

use std::os::unix::process::ExitStatusExt;

use domain::Role;
use domain::ledger::Action;
use domain::revocation::{ItemState, Request, RequestState, Step};

use crate::child;
use crate::support::{Bench, in_inventory, take, test};

const SIGABRT: i32 = 6;

/// Lets a console die at `point`, gives what it left behind to `look`, and lets another one finish.
async fn crash_at(point: &str, look: impl AsyncFnOnce(&Bench, &Request)) {
    let bench = Bench::new().await;
    let certificates = take(1).await;
    let request = bench.pending(&certificates).await;
    bench.approver().await;
    let mut dying = child::start(&bench, point, Some(&request)).await;
    let status = dying.wait().await.unwrap();
    assert_eq!(status.signal(), Some(SIGABRT), "{point}: {status}");
    look(&bench, &request).await;

    bench.work().await;
    let done = bench.until(&request.id, &[RequestState::Executed, RequestState::PartlyFailed]).await;
    assert_eq!(done.state, RequestState::Executed, "{point}");
    bench.until_inventory_told(&request.id).await;
    for action in [
        Action::RevocationApproved,
        Action::ExecutionStarted,
        Action::CertificateRevoked,
        Action::InventoryRecorded,
        Action::ExecutionFinished,
    ] {
        assert_eq!(bench.count(&request.id, action).await, 1, "{point}: {action:?}");
    }
    assert!(in_inventory(&bench, &certificates[0]).await.revoked_at.is_some(), "{point}");
    assert!(bench.aws.outbox().await.unwrap().is_empty(), "{point}");
}

async fn left(bench: &Bench, request: &Request) -> ItemState {
    bench.execution(&request.id).await.items.remove(0).item
}

#[test]
fn between_approval_and_execution() {
    test(crash_at("after-approval", async |bench, request| {
        assert_eq!(bench.request(&request.id).await.state, RequestState::Approved);
        assert_eq!(left(bench, request).await, ItemState::Waiting);
    }));
}

#[test]
fn before_the_call() {
    test(crash_at("before-revoke-call", async |bench, request| {
        assert!(matches!(left(bench, request).await, ItemState::Calling { .. }));
    }));
}

#[test]
fn between_the_call_and_its_record() {
    test(async {
        crash_at("after-revoke-call", async |bench, request| {
            assert!(matches!(left(bench, request).await, ItemState::Calling { .. }));
            assert_eq!(bench.count(&request.id, Action::CertificateRevoked).await, 0);
        })
        .await;
    });
}

#[test]
fn between_the_record_and_the_inventory() {
    test(crash_at("after-revoke-record", async |bench, request| {
        assert!(matches!(left(bench, request).await, ItemState::Revoked { before: false, .. }));
        assert_eq!(bench.count(&request.id, Action::InventoryRecorded).await, 0);
    }));
}

#[test]
fn a_call_that_nobody_knows_of_is_learnt_from_the_crl() {
    test(async {
        let bench = Bench::new().await;
        let request = bench.pending(&take(1).await).await;
        bench.approver().await;
        child::start(&bench, "after-revoke-call", Some(&request)).await.wait().await.unwrap();
        // Nobody calls again.
        bench.console.step_in(&bench.operator().await, &request.id, Step::Halt, None).await.unwrap();
        let another = bench.sign_in("another", &[Role::Approver]).await;
        let why = Some("The worker died, and nothing more of it is wanted");
        let closed = bench.console.step_in(&another, &request.id, Step::Close, why).await.unwrap();
        assert_eq!((closed.state, closed.unproven), (RequestState::Closed, 1));
        bench.work().await;
        bench.until_on_crl(&request.id).await;
        assert!(matches!(left(&bench, &request).await, ItemState::Revoked { before: true, .. }));
        assert_eq!(bench.count(&request.id, Action::CertificateRevoked).await, 1);
        assert_eq!(bench.request(&request.id).await.state, RequestState::Closed);
        // The inventory is told of it as of any other.
        let told = async || bench.execution(&request.id).await.items[0].inventory_at;
        sandbox::until("the inventory's word", told).await;
        assert_eq!(bench.count(&request.id, Action::InventoryRecorded).await, 1);
    });
}
