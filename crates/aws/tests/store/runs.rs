//! Runs: newest first, and moved on by the holder of the lease only.

use std::time::Duration;

use countersign_aws::{Error, Thing};
use domain::run::Stage;
use domain::{Run, RunState};

use crate::bench::Bench;
use crate::fixture::{authority, body, later, now, other_authority, run};

#[tokio::test]
async fn a_run_is_started_moved_on_and_ended_once() {
    let bench = Bench::new().await;
    let aws = bench.aws();
    let ttl = Duration::from_secs(60);
    let first = aws.acquire_lease("run", "a", ttl, now()).await.unwrap().unwrap();
    let started = run();
    aws.commit(vec![aws.start_run(&started, &first).unwrap()], &body("started")).await.unwrap();
    let again = aws.commit(vec![aws.start_run(&started, &first).unwrap()], &body("again")).await;
    assert!(matches!(again, Err(Error::Conflict { what: Thing::Run, .. })));
    let reading = Run { stage: Stage::ReadingReport, ..started.clone() };
    aws.save_run_progress(&reading, &first).await.unwrap();
    assert_eq!(aws.run(&authority().id(), &started.id).await.unwrap(), reading);

    let second = aws.acquire_lease("run", "b", ttl, later(60)).await.unwrap().unwrap();
    let taken_over = Run { stage: Stage::Comparing, ..started.clone() };
    aws.save_run_progress(&taken_over, &second).await.unwrap();
    let stale = aws.save_run_progress(&reading, &first).await;
    assert!(matches!(stale, Err(Error::Conflict { what: Thing::Run, .. })), "a former holder");

    let finished = Run { state: RunState::Finished, stage: Stage::Done, ..started.clone() };
    aws.commit(vec![aws.end_run(&finished, &second).unwrap()], &body("finished")).await.unwrap();
    let late = aws.save_run_progress(&taken_over, &second).await;
    assert!(matches!(late, Err(Error::Conflict { what: Thing::Run, .. })), "it has ended");
    assert_eq!(aws.run(&authority().id(), &started.id).await.unwrap(), finished);
}

#[tokio::test]
async fn runs_are_listed_newest_first_by_authority() {
    let bench = Bench::new().await;
    let aws = bench.aws();
    let lease = aws.acquire_lease("run", "a", Duration::from_secs(60), now()).await.unwrap().unwrap();
    let mut runs = vec![run(), run(), run()];
    for run in &runs {
        aws.commit(vec![aws.start_run(run, &lease).unwrap()], &body("started")).await.unwrap();
    }
    let elsewhere = Run { authority: other_authority(), ..run() };
    aws.commit(vec![aws.start_run(&elsewhere, &lease).unwrap()], &body("started")).await.unwrap();
    runs.reverse();
    assert_eq!(aws.runs(&authority().id(), 50).await.unwrap(), runs);
    assert_eq!(aws.runs(&authority().id(), 2).await.unwrap(), runs[..2]);
    assert_eq!(aws.runs(&other_authority().id(), 50).await.unwrap(), std::slice::from_ref(&elsewhere));
    let missing = aws.run(&authority().id(), &elsewhere.id).await;
    assert!(matches!(missing, Err(Error::NotFound { what: Thing::Run, .. })));
}
