//! Runs: one of an authority at a time, newest first, and moved on by the holder of the lease only.

use countersign_aws::{Aws, Error, Lease, Taking, Thing};
use domain::run::Stage;
use domain::{Run, RunState};

use crate::bench::Bench;
use crate::fixture::{authority, body, other_authority, run};

async fn lease(aws: &Aws, holder: &str) -> Lease {
    match aws.acquire_lease("run", holder, None).await.unwrap() {
        Taking::Taken(lease) => lease,
        Taking::Held(held) => panic!("{held:?}"),
    }
}

async fn order(aws: &Aws, run: &Run) -> Result<(), Error> {
    aws.commit(aws.order_run(run)?, &body("ordered")).await.map(drop)
}

#[tokio::test]
async fn a_run_is_ordered_taken_up_moved_on_and_ended_once() {
    let bench = Bench::new().await;
    let (web, aws) = (bench.web(), bench.worker());
    let ordered = Run { stage: Stage::Waiting, ..run() };
    order(&web, &ordered).await.unwrap();
    assert_eq!(aws.run_under_way(&authority().id()).await.unwrap(), Some(ordered.id.clone()));
    assert_eq!(aws.run(&authority().id(), &ordered.id).await.unwrap(), ordered);

    let first = lease(&aws, "a").await;
    let started = Run { stage: Stage::Starting, ..ordered.clone() };
    aws.commit(vec![aws.start_run(&started, &first).unwrap()], &body("started")).await.unwrap();
    let reading = Run { stage: Stage::ReadingReport, ..ordered.clone() };
    aws.save_run_progress(&reading, &first).await.unwrap();
    assert_eq!(aws.run(&authority().id(), &ordered.id).await.unwrap(), reading);

    aws.release_lease(&first).await.unwrap();
    let second = lease(&aws, "b").await;
    let taken_over = Run { stage: Stage::Comparing, ..ordered.clone() };
    aws.save_run_progress(&taken_over, &second).await.unwrap();
    let stale = aws.save_run_progress(&reading, &first).await;
    assert!(matches!(stale, Err(Error::Conflict { what: Thing::Run, .. })), "a former holder");

    let finished = Run { state: RunState::Finished, stage: Stage::Done, ..ordered.clone() };
    aws.commit(aws.end_run(&finished, &second).unwrap(), &body("finished")).await.unwrap();
    let late = aws.save_run_progress(&taken_over, &second).await;
    assert!(matches!(late, Err(Error::Conflict { what: Thing::Run, .. })), "it has ended");
    assert_eq!(aws.run(&authority().id(), &ordered.id).await.unwrap(), finished);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_orders_at_once_one_is_taken_and_the_next_one_after_its_end() {
    let bench = Bench::new().await;
    let orders = (0..10).map(|_| {
        let (web, run) = (bench.web(), run());
        tokio::spawn(async move { order(&web, &run).await.map(|()| run) })
    });
    let orders: Vec<_> = futures::future::join_all(orders).await.into_iter().map(Result::unwrap).collect();
    assert!(orders.iter().all(|one| matches!(one, Ok(_) | Err(Error::Conflict { what: Thing::Run, .. }))));
    let [run] = &orders.iter().flatten().collect::<Vec<_>>()[..] else { panic!("{orders:?}") };
    let aws = bench.worker();
    assert_eq!(aws.run_under_way(&authority().id()).await.unwrap().as_ref(), Some(&run.id));
    assert_eq!(aws.run_under_way(&other_authority().id()).await.unwrap(), None);
    assert_eq!(aws.wake_revision().await.unwrap(), 1, "the refused ones woke nobody");

    let lease = lease(&aws, "a").await;
    let failed = Run { state: RunState::Failed, ..(*run).clone() };
    aws.commit(aws.end_run(&failed, &lease).unwrap(), &body("failed")).await.unwrap();
    assert_eq!(aws.run_under_way(&authority().id()).await.unwrap(), None);
    order(&bench.web(), &crate::fixture::run()).await.unwrap();
}

#[tokio::test]
async fn runs_are_listed_newest_first_by_authority() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let lease = lease(&aws, "a").await;
    let mut runs = Vec::new();
    for _ in 0..3 {
        let run = run();
        order(&aws, &run).await.unwrap();
        let finished = Run { state: RunState::Finished, ..run };
        aws.commit(aws.end_run(&finished, &lease).unwrap(), &body("finished")).await.unwrap();
        runs.insert(0, finished);
    }
    let elsewhere = Run { authority: other_authority(), ..run() };
    order(&aws, &elsewhere).await.unwrap();
    assert_eq!(aws.runs(&authority().id(), 50).await.unwrap(), runs);
    assert_eq!(aws.runs(&authority().id(), 2).await.unwrap(), runs[..2]);
    assert_eq!(aws.runs(&other_authority().id(), 50).await.unwrap(), std::slice::from_ref(&elsewhere));
    let missing = aws.run(&authority().id(), &elsewhere.id).await;
    assert!(matches!(missing, Err(Error::NotFound { what: Thing::Run, .. })));
}
