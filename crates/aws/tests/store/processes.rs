//! What each process may do: the web process is stopped before anything is sent.

use std::time::Instant;

use countersign_aws::certificates::NotYet;
use countersign_aws::{Error, Taking};
use domain::revocation::{ItemProgress, ItemState, Verdict};
use domain::trail::MonthLoad;
use domain::{RevocationReason, Role};

use crate::bench::{Bench, CONSOLE};
use crate::fixture::{
    actor, approver, authority, body, create_request, decide, decide_request, now, request, run, serial,
};

fn is_out_of_bounds<T: std::fmt::Debug>(result: Result<T, Error>, process: &str, prefix: &str) {
    match result {
        Err(Error::Invalid { resource, reason, .. }) => {
            assert!(resource.starts_with(&format!("{prefix} ")), "{resource}");
            assert!(reason.contains(&format!("the {process} process")), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_web_process_cannot_work() {
    let bench = Bench::new().await;
    let (web, worker) = (bench.web(), bench.worker());
    let Taking::Taken(lease) = worker.acquire_lease("request", "worker", None).await.unwrap() else {
        panic!()
    };
    let before = bench.raw.scan().table_name(CONSOLE).send().await.unwrap().items;

    is_out_of_bounds(web.acquire_lease("request", "web", None).await, "web", "LEASE#");
    is_out_of_bounds(web.renew_lease(&lease).await, "web", "LEASE#");
    is_out_of_bounds(web.commit(vec![web.holds_lease(&lease)], &body("held")).await, "web", "LEASE#");
    let (request, _) = request(1, 1);
    let item = ItemProgress::waiting(serial(1));
    let save = web.save_item(&request.id, &item, &lease).unwrap();
    is_out_of_bounds(web.commit(vec![save], &body("saved")).await, "web", "EXECUTION#");
    is_out_of_bounds(web.mark(&request, &[(item, ItemState::Waiting)], &lease).await, "web", "LEASE#");
    is_out_of_bounds(web.untold(None, 1).await, "web", "UNTOLD");
    is_out_of_bounds(web.outbox().await, "web", "OUTBOX");
    is_out_of_bounds(web.tellings(1).await, "web", "TELLING");
    let part = domain::trail::TrailPart { account: "1".to_owned(), region: "eu".to_owned() };
    let known = web.trail_known("bucket", &["key".to_owned()]).await;
    is_out_of_bounds(known, "web", "TRAILFILE#");
    is_out_of_bounds(web.apply(&[web.move_cursor("alerts", &part, 0, 1)]).await, "web", "TRAIL#");

    assert_eq!(
        bench.raw.scan().table_name(CONSOLE).send().await.unwrap().items,
        before,
        "nothing was written"
    );
}

#[tokio::test]
async fn the_web_process_has_nothing_that_revokes() {
    let bench = Bench::new().await;
    let web = bench.web();
    let revoked = web.revoke_certificate(&authority(), serial(1), RevocationReason::Superseded).await;
    is_out_of_bounds(revoked.map_err(NotYet::error).map_err(as_resource), "web", "the web process");
    let device = "sensor-1".parse().unwrap();
    let recorded = web.record_revocation(&device, "1", now(), Some(RevocationReason::Superseded)).await;
    is_out_of_bounds(recorded.map_err(as_resource), "web", "the web process");
}

/// The resource is the process itself.
fn as_resource(error: Error) -> Error {
    match error {
        Error::Invalid { operation, resource, reason } => {
            let reason = format!("{resource}: {reason}");
            Error::Invalid { operation, resource: format!("{resource} "), reason }
        }
        other => other,
    }
}

#[tokio::test]
async fn the_worker_signs_nobody_in_and_decides_nothing() {
    let bench = Bench::new().await;
    let (web, worker) = (bench.web(), bench.worker());
    let (request, targets) = request(1, 1);
    is_out_of_bounds(worker.session("secret", now()).await, "worker", "SESSION#");
    is_out_of_bounds(worker.remember_person(&actor("one", Role::Approver), now()).await, "worker", "PERSON#");
    is_out_of_bounds(worker.create_request(&request, &targets).await, "worker", "REQUEST#");
    create_request(&web, &request, &targets).await.unwrap();
    let outcome = decide(&request, &approver(1), Verdict::Approve);
    is_out_of_bounds(decide_request(&worker, &outcome).await, "worker", "REQUEST#");
    assert_eq!(worker.request(&request.id).await.unwrap(), request);
}

#[tokio::test]
async fn news_is_heard_by_the_other_processes_and_leases_are_none() {
    let bench = Bench::new().await;
    let (web, worker) = (bench.web(), bench.worker());
    assert_eq!(worker.wake_revision().await.unwrap(), 0);
    web.commit(web.order_run(&run()).unwrap(), &body("ordered")).await.unwrap();
    assert_eq!(worker.wake_revision().await.unwrap(), 1);
    worker.acquire_lease("request", "worker", None).await.unwrap();
    assert_eq!(web.wake_revision().await.unwrap(), 1);
    let load = MonthLoad { month: "2026-08".to_owned(), done: 0, total: 0, finished: false, failure: None };
    worker.commit(vec![worker.start_month_load(&load).unwrap()], &body("load")).await.unwrap();
    assert_eq!(web.wake_revision().await.unwrap(), 2);
    let begun = Instant::now();
    for number in 0..20 {
        worker.commit(Vec::new(), &body(number.to_string())).await.unwrap();
    }
    let most = 3 + begun.elapsed().as_millis() / 250;
    assert!(u128::from(web.wake_revision().await.unwrap()) <= most, "not each by itself");
}
