//! The console dies while it reads the trail, and another one takes over: every file is in, none twice.

use std::os::unix::process::ExitStatusExt;

use domain::trail::Proof;

use super::signer::{Signer, record};
use super::{ago, bench, minutes};
use crate::child;
use crate::support::{description, test};

const SIGABRT: i32 = 6;

async fn crash_at(point: &str) {
    let mut signer = Signer::new().await;
    let start = ago(6);
    let at = minutes(start, 10);
    let mut files = Vec::new();
    for number in 0..3_u64 {
        let name = format!("e-{number}");
        files.push(signer.log(minutes(at, number), &[record(&name, at)]).await);
    }
    signer.delete(&files[2].key).await;
    signer.digest(start, minutes(start, 60), &files).await;
    signer.quiet([minutes(start, 60)]).await;
    let bench = bench(&signer, |_| ()).await;
    let description = signer.description(description().await);
    let mut dying = child::start_reading(&bench, &description, &signer.bucket, point);
    let status = dying.wait().await.unwrap();
    assert_eq!(status.signal(), Some(SIGABRT), "{point}: {status}");

    bench.work().await;
    let state = bench.until_state(|state| state.coverage.at(minutes(start, 70)).is_some()).await;
    bench.passes().await;
    assert_eq!(bench.events().await, ["e-0", "e-1"], "{point}");
    assert_eq!(state.coverage.at(at), Some(Proof::Missing), "{point}");
    assert_eq!((state.problems.len(), state.problems_total), (1, 1), "{point}");
    let ingestion = bench.coverage().await.ingestion;
    assert_eq!((ingestion.files, ingestion.events, ingestion.problem), (2, 2, None), "{point}");
}

#[test]
fn before_files_are_in() {
    test(crash_at("before-trail-files"));
}

#[test]
fn after_files_are_in() {
    test(crash_at("after-trail-files"));
}

#[test]
fn before_what_is_proven_is_noted() {
    test(crash_at("before-trail-state"));
}

#[test]
fn after_what_is_proven_is_noted() {
    test(crash_at("after-trail-state"));
}

#[test]
fn after_a_whole_pass() {
    test(crash_at("after-trail-status"));
}
