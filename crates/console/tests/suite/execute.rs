//! Carrying out: once, by one, and only what was approved (attacks 6, 7, 9, 10).

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ledger::Action;
use domain::revocation::{ItemState, Mode, RequestState, Target};
use domain::views::Narrowed;
use domain::{RevocationReason, Role};
use sandbox::until;

use crate::support::{
    Bench, administrator, description, in_inventory, raw_dynamodb, take, target, test, was_revoked,
};

const DONE: [RequestState; 4] =
    [RequestState::Executed, RequestState::PartlyFailed, RequestState::Proven, RequestState::Cancelled];

#[test]
fn what_is_approved_is_revoked_and_everybody_is_told() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(1).await;
        let request = bench.approved(&certificates).await;
        bench.work().await;
        let done = bench.until(&request.id, &DONE).await;
        assert_eq!((done.state, done.unproven), (RequestState::Executed, 1));
        let item = bench.execution(&request.id).await.items.remove(0);
        assert!(matches!(item.item, ItemState::Revoked { before: false, .. }), "{item:?}");
        bench.until_inventory_told(&request.id).await;
        assert!(bench.execution(&request.id).await.items[0].inventory_at.is_some());
        let recorded = in_inventory(&bench, &certificates[0]).await;
        assert!(recorded.revoked_at.is_some());
        assert_eq!(recorded.revocation_reason.as_deref(), Some("KEY_COMPROMISE"));
        assert!(was_revoked(&certificates[0]).await);
        assert!(bench.aws.outbox().await.unwrap().is_empty());
        let mut told: Vec<Action> = bench.told(&request.id).await.iter().map(|body| body.action).collect();
        // The inventory is told beside the rest.
        told.retain(|action| *action != Action::InventoryRecorded);
        assert_eq!(
            told[..5],
            [
                Action::RevocationRequested,
                Action::RevocationApproved,
                Action::ExecutionStarted,
                Action::CertificateRevoked,
                Action::ExecutionFinished,
            ]
        );
    });
}

#[test]
fn two_replicas_do_it_once_and_at_the_rate() {
    test(async {
        let bench = Bench::with(|parts| {
            parts.revocation.rate = 5;
            parts.settings.policy.quorum.clear();
        })
        .await;
        let certificates = take(8).await;
        let request = bench.approved(&certificates).await;
        let started = tokio::time::Instant::now();
        bench.work().await;
        bench.another_works().await;
        bench.another_works().await;
        bench.until(&request.id, &DONE).await;
        assert!(started.elapsed() >= Duration::from_millis(1400), "eight at five a second");
        assert_eq!(bench.count(&request.id, Action::CertificateRevoked).await, 8);
        assert_eq!(bench.count(&request.id, Action::ExecutionStarted).await, 1);
        assert_eq!(bench.count(&request.id, Action::ExecutionFinished).await, 1);
        let execution = bench.execution(&request.id).await;
        let first = |item: &domain::revocation::ItemProgress| {
            matches!(item.item, ItemState::Revoked { before: false, .. })
        };
        assert!(execution.items.iter().all(first), "{execution:?}");
    });
}

#[test]
fn where_every_request_is_a_drill_nobody_is_called() {
    test(async {
        let bench = Bench::with(|parts| parts.settings.mode = Mode::Drill).await;
        let certificates = take(1).await;
        let request = bench.approved(&certificates).await;
        bench.work().await;
        let done = bench.until(&request.id, &DONE).await;
        assert_eq!((done.state, done.unproven), (RequestState::Executed, 0));
        let item = bench.execution(&request.id).await.items.remove(0);
        assert!(matches!(item.item, ItemState::Rehearsed { .. }) && item.inventory_at.is_none());
        assert_eq!(in_inventory(&bench, &certificates[0]).await.revoked_at, None);
        assert!(!was_revoked(&certificates[0]).await);
    });
}

#[test]
fn what_was_approved_as_a_drill_or_for_good_stays_so() {
    test(async {
        let bench = Bench::new().await;
        let rehearsing = Bench::with(|parts| parts.settings.mode = Mode::Drill).await;
        let (rehearsed, live) = (take(1).await, take(1).await);
        // Approved where nothing is revoked, executed by a console that revokes.
        let request = rehearsing.approved(&rehearsed).await;
        let mut parts = rehearsing.parts.clone();
        parts.aws = rehearsing.aws.clone();
        parts.settings.mode = Mode::Live;
        rehearsing.work_with(parts).await;
        rehearsing.until(&request.id, &DONE).await;
        assert!(!was_revoked(&rehearsed[0]).await);
        // And the other way round: it waits, and says why.
        let request = bench.approved(&live).await;
        let mut parts = bench.parts.clone();
        parts.aws = bench.aws.clone();
        parts.settings.mode = Mode::Drill;
        bench.work_with(parts).await;
        bench.until_problem(&request.id).await;
        let item = bench.execution(&request.id).await.items.remove(0);
        assert_eq!(item.item, ItemState::Waiting);
        bench.stop().await;
        bench.work().await;
        bench.until(&request.id, &DONE).await;
        assert!(was_revoked(&live[0]).await);
    });
}

#[test]
fn a_role_lost_before_execution_stops_it() {
    test(async {
        for (name, role) in [("approver", Role::Approver), ("operator", Role::Operator)] {
            let bench = Bench::new().await;
            let certificates = take(1).await;
            let request = bench.approved(&certificates).await;
            // At their next sign-in the groups are others.
            bench.sign_in(name, &[Role::Auditor]).await;
            bench.work().await;
            let stopped = bench.until(&request.id, &DONE).await;
            assert_eq!(stopped.state, RequestState::Cancelled, "{role}");
            assert!(stopped.problem.unwrap().starts_with(&format!("{name} is no longer")));
            let told = bench.told(&request.id).await;
            assert_eq!(told.last().unwrap().action, Action::RevocationCancelled);
            assert!(bench.aws.outbox().await.unwrap().is_empty());
            assert!(!was_revoked(&certificates[0]).await, "{role}");
        }
    });
}

#[test]
fn targets_that_were_exchanged_in_the_store_are_not_revoked() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(2).await;
        let request = bench.approved(&certificates[..1]).await;
        let forged = serde_json::to_string(&[target(&certificates[1])]).unwrap();
        raw_dynamodb(description().await)
            .update_item()
            .table_name(&bench.table)
            .key("pk", AttributeValue::S(format!("REQUEST#{}", request.id)))
            .key("sk", AttributeValue::S("TARGETS#0000".to_owned()))
            .update_expression("SET body = :body")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":body", AttributeValue::S(forged))
            .send()
            .await
            .unwrap();
        let approver = bench.approver().await;
        bench.work().await;
        let stopped = bench.until(&request.id, &DONE).await;
        assert_eq!(stopped.state, RequestState::Cancelled);
        let view = bench.console.request(&approver, &request.id, Narrowed::default()).await.unwrap();
        assert!(view.timeline.iter().any(|moment| moment.what.contains("not what was approved")), "{view:?}");
        for certificate in &certificates {
            assert!(!was_revoked(certificate).await);
        }
    });
}

#[test]
fn what_somebody_else_revoked_meanwhile_counts_and_is_told() {
    test(async {
        for _ in 0..5 {
            let told = revoked_by_somebody_else().await;
            if told == "revoked before, by somebody else" {
                return;
            }
            // The CA of all tests was too busy for the first call: then nobody can tell.
            assert_eq!(told, "revoked before, by a call that got no answer or by somebody else");
        }
        panic!("it is never told that somebody else did it");
    });
}

/// What the ledger says of it.
async fn revoked_by_somebody_else() -> String {
    let bench = Bench::new().await;
    let certificates = take(1).await;
    let request = bench.approved(&certificates).await;
    let (authority, serial) = (&certificates[0].authority, certificates[0].serial);
    let admin = administrator().await;
    // The CA of all tests answers twenty calls a second.
    until("a revocation by somebody else", async || {
        admin.revoke_certificate(authority, serial, RevocationReason::Superseded).await.ok()
    })
    .await;
    bench.work().await;
    bench.until(&request.id, &DONE).await;
    let item = bench.execution(&request.id).await.items.remove(0);
    assert!(matches!(item.item, ItemState::Revoked { before: true, .. }), "{item:?}");
    let told = bench.told(&request.id).await;
    let revoked = told.iter().find(|body| body.action == Action::CertificateRevoked).unwrap();
    revoked.detail["answer"].clone()
}

#[test]
fn what_the_ca_refuses_has_failed_and_the_rest_goes_on() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(1).await;
        let unknown = Target {
            serial: "0123456789abcdef0123456789abcdef".parse().unwrap(),
            ..target(&certificates[0])
        };
        let request = bench.pending_about(vec![target(&certificates[0]), unknown]).await;
        bench.approve(&request, "approver").await;
        bench.work().await;
        let done = bench.until(&request.id, &DONE).await;
        assert_eq!((done.state, done.unproven), (RequestState::PartlyFailed, 1));
        let counts = bench.execution(&request.id).await.counts();
        assert_eq!((counts.revoked, counts.failed), (1, 1));
        let told = bench.told(&request.id).await;
        let failed = told.iter().find(|body| body.action == Action::RevocationFailed).unwrap();
        assert!(failed.detail["error"].contains("Could not find certificate"), "{failed:?}");
    });
}

#[test]
fn a_shutdown_waits_for_no_more_than_what_was_begun() {
    test(async {
        let bench = Bench::with(|parts| {
            parts.revocation.rate = 1;
            parts.settings.policy.quorum.clear();
        })
        .await;
        let request = bench.approved(&take(6).await).await;
        let worker = bench.work().await;
        until("the first revocation", async || {
            (bench.count(&request.id, Action::CertificateRevoked).await > 0).then_some(())
        })
        .await;
        bench.stop().await;
        worker.await.unwrap();
        let execution = bench.execution(&request.id).await;
        let waiting = execution.items.iter().filter(|item| item.item == ItemState::Waiting).count();
        assert!(waiting > 0, "{execution:?}");
        assert!(!execution.items.iter().any(|item| matches!(item.item, ItemState::Calling { .. })));
        // The leases were given back: the next one goes on at once.
        bench.another_works().await;
        bench.until(&request.id, &DONE).await;
        assert_eq!(bench.count(&request.id, Action::CertificateRevoked).await, 6);
    });
}

#[test]
fn an_executor_without_rights_waits_until_it_has_them() {
    test(async {
        let bench = Bench::without_rights().await;
        let certificates = take(1).await;
        let request = bench.approved(&certificates).await;
        let powerless = bench.work().await;
        let waiting = bench.until_problem(&request.id).await;
        assert_eq!(waiting.state, RequestState::Executing);
        assert!(waiting.problem.unwrap().contains("acm-pca:RevokeCertificate"));
        // It is tried again, but told once.
        let again = bench.work().await;
        // Each waits longer after each try, and says nothing of it once there is nothing that it may try: not both at one moment.
        let tried = Mutex::new(BTreeSet::new());
        until("another worker that has tried", async || {
            let all = bench.aws.heartbeats(100).await.unwrap();
            let in_trouble = all
                .into_iter()
                .filter(|beat| beat.workers.get("executor").is_some_and(|passes| passes.problem.is_some()));
            let mut tried = tried.lock().unwrap();
            tried.extend(in_trouble.map(|beat| beat.holder));
            (tried.len() == 2).then_some(())
        })
        .await;
        assert_eq!(bench.count(&request.id, Action::RevocationFailed).await, 1);
        bench.stop().await;
        powerless.await.unwrap();
        again.await.unwrap();
        bench.another_works().await;
        let done = bench.until(&request.id, &DONE).await;
        assert_eq!((done.state, done.problem), (RequestState::Executed, None));
        assert!(was_revoked(&certificates[0]).await);
    });
}

#[test]
fn a_small_request_does_not_wait_behind_a_large_one() {
    test(async {
        let bench = Bench::with(|parts| parts.settings.policy.quorum.clear()).await;
        let certificates = take(1).await;
        let unknown = |number: u32| Target {
            serial: format!("{:x}", 0xdead_0000_u32 + number).parse().unwrap(),
            ..target(&certificates[0])
        };
        let large = bench.pending_about((0..185).map(unknown).collect()).await;
        bench.approve(&large, "approver").await;
        bench.work().await;
        bench.until(&large.id, &[RequestState::Executing]).await;
        let small = bench.approved(&certificates).await;
        bench.until(&small.id, &[RequestState::Executed]).await;
        assert_eq!(bench.request(&large.id).await.state, RequestState::Executing);
        let done = bench.until(&large.id, &DONE).await;
        assert_eq!(done.state, RequestState::PartlyFailed);
        assert_eq!(bench.execution(&large.id).await.counts().failed, 185);
        assert_eq!(bench.count(&large.id, Action::RevocationFailed).await, 185);
    });
}
