//! Signs of life: one of each process, the newest first, and those of the dead stay a while.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::worker::{Heartbeat, Passes};

use crate::bench::{Bench, CONSOLE};
use crate::fixture::{later, now};

fn heartbeat(holder: &str, seen: u64) -> Heartbeat {
    let problem = Some("S3 does not answer".to_owned());
    let passes = Passes { interval: Duration::from_secs(2), good_at: Some(now()), problem, waiting: false };
    Heartbeat {
        holder: holder.to_owned(),
        version: "1.0.0".to_owned(),
        started_at: now(),
        seen_at: later(seen),
        workers: BTreeMap::from([("trail".to_owned(), passes)]),
    }
}

#[tokio::test]
async fn the_last_one_of_each_process_is_kept() {
    let bench = Bench::new().await;
    let (web, worker) = (bench.web(), bench.worker());
    assert_eq!(web.heartbeats(10).await.unwrap(), []);
    let (dead, alive) = (heartbeat("dead", 10), heartbeat("alive", 30));
    for one in [&heartbeat("dead", 0), &heartbeat("alive", 20), &dead, &alive] {
        worker.save_heartbeat(one).await.unwrap();
    }
    assert_eq!(web.heartbeats(10).await.unwrap(), [alive.clone(), dead]);
    assert_eq!(web.heartbeats(1).await.unwrap(), [alive]);
    assert!(web.save_heartbeat(&heartbeat("web", 40)).await.is_err());
    let items = bench.raw.scan().table_name(CONSOLE).send().await.unwrap();
    let week = later(7 * 24 * 3600 + 30).unix();
    for item in items.items() {
        let expires: i64 = item["expires"].as_n().unwrap().parse().unwrap();
        assert!(expires > week, "a week and more");
    }
}
