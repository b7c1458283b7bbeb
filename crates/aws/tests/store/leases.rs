//! One holder at a time, a former one is told apart, and nobody's clock is asked.

use countersign_aws::{Aws, Error, Held, Lease, Taking, Thing};
use futures::future;

use crate::bench::Bench;
use crate::fixture::body;

async fn take(aws: &Aws, name: &str, holder: &str, silent: Option<&Held>) -> Taking {
    aws.acquire_lease(name, holder, silent).await.unwrap()
}

async fn taken(aws: &Aws, holder: &str, silent: Option<&Held>) -> Lease {
    match take(aws, "run", holder, silent).await {
        Taking::Taken(lease) => lease,
        Taking::Held(held) => panic!("{held:?}"),
    }
}

async fn watch(aws: &Aws, silent: Option<&Held>) -> Held {
    match take(aws, "run", "watcher", silent).await {
        Taking::Held(held) => held,
        Taking::Taken(lease) => panic!("{lease:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_takers_one_gets_it() {
    let bench = Bench::new().await;
    for round in 1..=3 {
        let takers = (0..20).map(|number| {
            let aws = bench.worker();
            tokio::spawn(async move { take(&aws, "run", &format!("replica-{number}"), None).await })
        });
        let takings: Vec<_> = future::join_all(takers).await.into_iter().map(Result::unwrap).collect();
        let leases: Vec<_> = takings
            .iter()
            .filter_map(|taking| match taking {
                Taking::Taken(lease) => Some(lease),
                Taking::Held(_) => None,
            })
            .collect();
        assert_eq!(leases.len(), 1);
        assert_eq!(leases[0].fence, round, "it only grows");
        let seen = Held { holder: leases[0].holder.clone(), fence: round, beat: 0 };
        assert!(
            takings
                .iter()
                .all(|taking| matches!(taking, Taking::Taken(_)) || *taking == Taking::Held(seen.clone()))
        );
        bench.worker().release_lease(leases[0]).await.unwrap();
    }
}

#[tokio::test]
async fn a_lease_that_beats_is_not_taken_over() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let first = taken(&aws, "a", None).await;
    assert!(matches!(take(&aws, "other", "b", None).await, Taking::Taken(_)), "another lease");
    let silent = watch(&aws, None).await;
    aws.renew_lease(&first).await.unwrap();
    let beats = watch(&aws, Some(&silent)).await;
    assert_eq!(beats, Held { holder: "a".to_owned(), fence: 1, beat: 1 });
    aws.commit(vec![aws.holds_lease(&first)], &body("held")).await.unwrap();
}

#[tokio::test]
async fn a_silent_lease_is_taken_over_by_one_and_its_former_holder_is_refused() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let first = taken(&aws, "a", None).await;
    let silent = watch(&aws, None).await;
    let second = taken(&aws, "b", Some(&silent)).await;
    assert_eq!(second.fence, 2);
    assert_eq!(watch(&aws, Some(&silent)).await.holder, "b", "the other watcher is late");

    let lost = |error| matches!(error, Error::Conflict { what: Thing::Lease, .. });
    assert!(lost(aws.renew_lease(&first).await.unwrap_err()));
    assert!(lost(aws.release_lease(&first).await.unwrap_err()));
    assert!(lost(aws.commit(vec![aws.holds_lease(&first)], &body("late")).await.unwrap_err()));
    aws.commit(vec![aws.holds_lease(&second)], &body("held")).await.unwrap();

    aws.release_lease(&second).await.unwrap();
    assert_eq!(taken(&aws, "a", None).await.fence, 3, "nobody has to be watched");
    assert!(lost(aws.renew_lease(&first).await.unwrap_err()), "not by its name alone");
}
