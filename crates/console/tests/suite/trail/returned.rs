//! Verdicts that are taken back: CloudTrail vouches later, or a file that was away is there again.

use domain::trail::Proof;

use super::signer::{Signer, record};
use super::{ago, bench, minutes};
use crate::support::test;

#[test]
fn a_backfill_digest_vouches_for_what_no_other_named() {
    test(async {
        let mut signer = Signer::new().await;
        let start = ago(8);
        let at = minutes(start, 10);
        let late = signer.log(minutes(at, 2), &[record("late", at)]).await;
        signer.quiet([0, 60, 120].map(|later| minutes(start, later))).await;
        let bench = bench(&signer, |_| ()).await;
        bench.work().await;
        let state = bench.until_state(|state| !state.problems.is_empty()).await;
        assert_eq!(state.bad_files.keys().collect::<Vec<_>>(), [&late.key]);
        let backfill = signer.sign_backfill(start, minutes(start, 200), &[late]);
        signer.deliver(&backfill).await;
        let state = bench.until_state(|state| state.bad_files.is_empty()).await;
        assert!(state.problems.iter().all(|told| told.proof == Proof::Unproven), "{:?}", state.problems);
        assert_eq!(state.coverage.worst(start, minutes(start, 180)), Some(Proof::Proven));
    });
}

#[test]
fn a_file_that_was_deleted_and_is_put_back_is_evidence() {
    test(async {
        let mut signer = Signer::new().await;
        let start = ago(8);
        let at = minutes(start, 10);
        let records = [record("away", at)];
        let files = [signer.log_not_delivered(minutes(at, 2), &records)];
        signer.digest(start, minutes(start, 60), &files).await;
        signer.quiet([60, 120].map(|later| minutes(start, later))).await;
        let bench = bench(&signer, |_| ()).await;
        bench.work().await;
        bench.until_state(|state| state.coverage.at(minutes(start, 170)).is_some()).await;
        assert_eq!(bench.events().await, Vec::<String>::new());
        signer.edit(&files[0], &records).await;
        bench.until_files(1).await;
        bench.passes().await;
        let state = bench.state().await;
        assert_eq!(bench.events().await, ["away"]);
        assert_eq!(state.bad_files.len(), 0, "{:?}", state.problems);
        let told = state.problems.iter().filter(|told| told.proof != Proof::Unproven);
        let told: Vec<_> = told.map(|told| (told.proof, &told.object)).collect();
        assert_eq!(told, [(Proof::Missing, &files[0].key)], "it was away");
    });
}
