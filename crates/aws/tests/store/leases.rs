//! One holder at a time, and a former one is told apart.

use std::time::Duration;

use countersign_aws::{Error, Thing};
use futures::future;

use crate::bench::Bench;
use crate::fixture::{body, later, now};

const TTL: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_takers_one_gets_it() {
    let bench = Bench::new().await;
    let takers = (0..20).map(|number| {
        let aws = bench.aws();
        tokio::spawn(async move { aws.acquire_lease("run", &format!("replica-{number}"), TTL, now()).await })
    });
    let leases: Vec<_> =
        future::join_all(takers).await.into_iter().filter_map(|lease| lease.unwrap().unwrap()).collect();
    assert_eq!(leases.len(), 1);
    assert_eq!((leases[0].fence, leases[0].until), (1, later(60)));
}

#[tokio::test]
async fn a_lease_is_taken_over_only_after_its_end_and_its_number_only_grows() {
    let bench = Bench::new().await;
    let aws = bench.aws();
    let first = aws.acquire_lease("run", "a", TTL, now()).await.unwrap().unwrap();
    assert_eq!(aws.acquire_lease("run", "a", TTL, later(1)).await.unwrap(), None, "not even by itself");
    assert!(aws.acquire_lease("other", "b", TTL, now()).await.unwrap().is_some());
    let first = aws.renew_lease(&first, TTL, later(30)).await.unwrap();
    assert_eq!((first.fence, first.until), (1, later(90)));
    assert_eq!(aws.acquire_lease("run", "b", TTL, later(89)).await.unwrap(), None);
    let second = aws.acquire_lease("run", "b", TTL, later(90)).await.unwrap().unwrap();
    assert_eq!(second.fence, 2);

    let lost = |error| matches!(error, Error::Conflict { what: Thing::Lease, .. });
    assert!(lost(aws.renew_lease(&first, TTL, later(91)).await.unwrap_err()));
    assert!(lost(aws.release_lease(&first).await.unwrap_err()));
    assert!(lost(aws.commit(vec![aws.holds_lease(&first)], &body("late")).await.unwrap_err()));
    aws.commit(vec![aws.holds_lease(&second)], &body("held")).await.unwrap();

    aws.release_lease(&second).await.unwrap();
    let third = aws.acquire_lease("run", "c", TTL, later(92)).await.unwrap().unwrap();
    assert_eq!(third.fence, 3);
}
