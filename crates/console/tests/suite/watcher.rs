//! Workers that have fallen silent become an alert, once.

use std::collections::BTreeMap;
use std::time::Duration;

use countersign_aws::leases::Taking;
use domain::finding::Seen;
use domain::worker::{Heartbeat, Passes};
use domain::{FindingId, FindingState, Timestamp};

use crate::alerts::{raised, until};
use crate::notify::{NOWHERE, channel, until_told};
use crate::support::{Bench, test};
use crate::trail;

/// A process elsewhere that is alive, and that could last read the trail at `good`.
async fn beat(bench: &Bench, good: Timestamp, problem: &str) {
    let now = bench.parts.clock.now();
    let passes = Passes {
        interval: Duration::from_secs(1),
        good_at: Some(good),
        problem: Some(problem.to_owned()),
        waiting: false,
    };
    let heartbeat = Heartbeat {
        holder: "elsewhere".to_owned(),
        version: "1.0.0".to_owned(),
        started_at: now.minus(Duration::from_secs(3600)),
        seen_at: now.plus(sandbox::PATIENCE),
        workers: BTreeMap::from([("ingester".to_owned(), passes)]),
    };
    bench.aws.save_heartbeat(&heartbeat).await.unwrap();
}

/// Starts one more process, and waits until its watcher has looked.
async fn watch(bench: &Bench) {
    let looked = async || {
        let all = bench.aws.heartbeats(100).await.unwrap();
        let good =
            |beat: &Heartbeat| beat.workers.get("watcher").is_some_and(|passes| passes.good_at.is_some());
        all.iter().filter(|beat| good(beat)).count()
    };
    let before = looked().await;
    bench.another_works().await;
    sandbox::until("a look", async || (looked().await > before).then_some(())).await;
}

#[test]
fn attack_a_worker_that_is_kept_from_its_work_is_told_of_once() {
    test(async {
        let bench = Bench::with(|parts| parts.notify.channels.push(channel("on-call", NOWHERE))).await;
        let ago = |minutes: u64| bench.parts.clock.now().minus(Duration::from_secs(minutes * 60));
        let id: FindingId = "worker_silent.countersign.ingester".parse().unwrap();
        beat(&bench, ago(4), "S3 said: AccessDenied").await;
        watch(&bench).await;
        assert!(raised(&bench).await.is_empty(), "not yet");

        let since = ago(10);
        beat(&bench, since, "S3 said: AccessDenied").await;
        watch(&bench).await;
        let finding = until(&bench, std::slice::from_ref(&id)).await.remove(0);
        let facts = finding.evidence.alert.clone().unwrap();
        let what =
            format!("Countersign has not read the trail since {}: S3 said: AccessDenied", since.absolute());
        assert_eq!((facts.at, facts.what), (since, what));
        let operator = bench.operator().await;
        until_told(&bench, &id, 1).await;
        assert_eq!(bench.console.finding(&operator, &id).await.unwrap().cannot_handle, None);

        // The same silence in other words, after somebody has dismissed it.
        let why = "The bucket's policy is being changed.";
        bench
            .console
            .dismiss_findings(&operator, &[Seen { id: id.clone(), version: finding.version }], why)
            .await
            .unwrap();
        beat(&bench, since, "S3 said: AccessDenied, request 4711").await;
        watch(&bench).await;
        let dismissed = bench.aws.finding(&id).await.unwrap();
        assert!(matches!(dismissed.state, FindingState::Dismissed { .. }), "{dismissed:?}");

        // It worked again for a moment.
        beat(&bench, ago(6), "S3 said: SlowDown").await;
        bench.another_works().await;
        sandbox::until("the alert of the new silence", async || {
            (bench.aws.finding(&id).await.unwrap().state == FindingState::Open).then_some(())
        })
        .await;
        until_told(&bench, &id, 2).await;
        assert_eq!(raised(&bench).await.len(), 2, "and of nobody else");
    });
}

#[test]
fn attack_a_worker_that_only_waits_for_the_lease_does_not_hide_that_its_holder_fails() {
    test(async {
        let bench = Bench::with(|parts| parts.trail = Some(trail::settings("not-read", ""))).await;
        let name = format!("trail/{}/{}", trail::ACCOUNT, trail::REGION);
        let taken = bench.aws.acquire_lease(&name, "elsewhere", None).await.unwrap();
        let Taking::Taken(lease) = taken else { panic!("{taken:?}") };
        let aws = bench.aws.clone();
        let held = tokio::spawn(async move {
            let mut beat = tokio::time::interval(Duration::from_secs(1));
            loop {
                beat.tick().await;
                aws.renew_lease(&lease).await.unwrap();
            }
        });
        let since = bench.parts.clock.now().minus(Duration::from_secs(600));
        beat(&bench, since, "S3 said: AccessDenied").await;
        watch(&bench).await;
        let waits = sandbox::until("an ingester that waits", async || {
            let all = bench.aws.heartbeats(100).await.unwrap();
            let mut here = all.into_iter().filter(|beat| beat.holder != "elsewhere");
            here.find_map(|mut beat| beat.workers.remove("ingester")).filter(|passes| passes.waiting)
        })
        .await;
        assert_eq!((waits.good_at, waits.problem), (None, None), "neither good nor bad");
        watch(&bench).await;
        let id: FindingId = "worker_silent.countersign.ingester".parse().unwrap();
        let finding = until(&bench, std::slice::from_ref(&id)).await.remove(0);
        assert_eq!(finding.evidence.alert.unwrap().at, since);
        held.abort();
    });
}
