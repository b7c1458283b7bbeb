//! Whether a trail is whole, hour by hour.

use std::time::Duration;

use domain::Timestamp;
use domain::trail::{Problem, Proof, Wholeness};
use feeds::trail::{Directory, Known, Limits, PublicKeys, Stored, verify};
use sandbox::until;

use super::signer::{Signer, event, public_keys, record};
use super::{ago, bench, minutes};
use crate::support::test;

/// What is wrong, and since which hour.
fn told(problem: &Problem) -> (Proof, Timestamp) {
    let hour = problem.from.unix().div_euclid(3600) * 3600;
    (problem.proof, Timestamp::from_unix(hour).unwrap())
}

#[test]
fn deleted_and_edited_files_are_found_and_the_rest_is_proven() {
    test(async {
        let mut signer = Signer::new().await;
        let start = ago(10);
        let hour = |number: u64| minutes(start, number * 60);
        let mut files = Vec::new();
        for number in 0..5 {
            let at = minutes(hour(number), 10);
            files.push(signer.log(minutes(at, 5), &[record(&format!("e-{number}"), at)]).await);
        }
        signer.delete(&files[1].key).await;
        signer.edit(&files[3], &[record("e-3", hour(3)), record("forged", hour(3))]).await;
        for (number, file) in (0..).zip(&files) {
            signer.digest(hour(number), hour(number + 1), std::slice::from_ref(file)).await;
        }
        let bench = bench(&signer, |_| ()).await;
        bench.work().await;
        let state = bench
            .until_state(|state| state.coverage.at(hour(5).minus(Duration::from_secs(1))).is_some())
            .await;
        let problems: Vec<_> = state.problems.iter().map(told).collect();
        assert_eq!(problems, [(Proof::Altered, hour(3)), (Proof::Missing, hour(1))]);
        assert_eq!(state.bad_files.into_iter().collect::<Vec<_>>(), [(files[3].key.clone(), Proof::Altered)]);
        bench.passes().await;
        let view = bench.coverage().await;
        let hours: Vec<_> = view.trails[0].days.iter().flat_map(|day| &day.hours).collect();
        let proof = |at| hours.iter().find(|hour| hour.from == at).unwrap().proof;
        let proofs: Vec<_> = (0..7).map(|number| proof(hour(number)).unwrap()).collect();
        let (proven, unproven) = (Proof::Proven, Proof::Unproven);
        assert_eq!(
            proofs,
            [proven, Proof::Missing, proven, Proof::Altered, proven, unproven, unproven],
            "after the last digest nothing is proven"
        );
        assert_eq!(view.trails[0].problems_total, 2);
    });
}

#[test]
fn a_file_that_is_changed_after_it_was_read_does_no_harm() {
    test(async {
        let mut signer = Signer::new().await;
        let (start, at) = (ago(3), minutes(ago(3), 10));
        let bench = bench(&signer, |_| ()).await;
        bench.work().await;
        let file = signer.log(minutes(at, 5), &[record("one", at)]).await;
        bench.until_files(1).await;
        signer.delete(&file.key).await;
        signer.digest(start, minutes(start, 60), &[file]).await;
        let state = bench.until_state(|state| !state.coverage.spans().is_empty()).await;
        assert_eq!((state.coverage.at(at), state.problems), (Some(Proof::Proven), vec![]));
        assert_eq!(bench.events().await, ["one"]);
    });
}

#[test]
fn time_without_logging_is_missing_since_it_was_stopped() {
    test(async {
        let mut signer = Signer::new().await;
        let start = ago(9);
        signer.quiet([start]).await;
        // The last digest ends in the hour after the one in which logging was stopped.
        let stopped = minutes(start, 118);
        let stop = event("stop", stopped, "cloudtrail.amazonaws.com", "StopLogging");
        let file = signer.log(minutes(stopped, 3), &[stop]).await;
        signer.digest(minutes(start, 60), minutes(start, 123), &[file]).await;
        signer.begin();
        signer.quiet([minutes(start, 240)]).await;
        let bench = bench(&signer, |_| ()).await;
        bench.work().await;
        let state = bench.until_state(|state| state.coverage.at(minutes(start, 250)).is_some()).await;
        let gaps: Vec<_> = state.problems.iter().filter(|problem| problem.proof == Proof::Missing).collect();
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        assert_eq!((gaps[0].from, gaps[0].to), (minutes(start, 123), minutes(start, 240)));
        assert_eq!(state.coverage.at(minutes(start, 200)), Some(Proof::Missing));
    });
}

/// Online and offline, the same files get one answer.
#[test]
fn a_trail_that_takes_over_late_leaves_the_gap_that_a_download_shows() {
    test(async {
        let mut signer = Signer::new().await;
        let start = ago(9);
        signer.quiet([0, 60].map(|later| minutes(start, later))).await;
        signer.begin();
        signer.trail = "other";
        signer.quiet([240, 300].map(|later| minutes(start, later))).await;
        let bench = bench(&signer, |_| ()).await;
        bench.work().await;
        let state = bench.until_state(|state| state.coverage.at(minutes(start, 310)).is_some()).await;
        let online: Vec<_> =
            state.problems.into_iter().filter(|problem| problem.proof == Proof::Missing).collect();
        let online: Vec<_> = online.into_iter().map(|gap| (gap.from, gap.to, gap.object, gap.what)).collect();
        assert_eq!(online.len(), 1, "{online:?}");
        assert_eq!((online[0].0, online[0].1), (minutes(start, 120), minutes(start, 240)));

        let folder = std::env::temp_dir().join(format!("console-{}-{}", signer.bucket, std::process::id()));
        signer.download(&folder).await;
        let keys = PublicKeys::from_json(public_keys().as_bytes()).unwrap();
        let nothing = |_: &Stored<_>| Ok(Known::Absent);
        let offline = verify(&Directory::open(&folder).unwrap(), &keys, &Limits::default(), nothing).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(!offline.is_whole());
        let offline = offline.problems.into_iter().map(|(_, gap)| (gap.from, gap.to, gap.object, gap.what));
        assert_eq!(offline.collect::<Vec<_>>(), online);
    });
}

#[test]
fn digests_that_stop_coming_are_told_of_until_they_come_again() {
    test(async {
        let mut signer = Signer::new().await;
        let start = ago(8);
        signer.quiet([start]).await;
        let late = signer.sign(minutes(start, 60), minutes(start, 120), &[]);
        let bench = bench(&signer, |parts| {
            parts.clock = console::Clock::standing_at(minutes(start, 120));
        })
        .await;
        bench.work().await;
        bench.until_state(|state| !state.coverage.spans().is_empty()).await;
        // Two digests and the delay: three hours after its end.
        bench.parts.clock.advance(Duration::from_secs(2 * 3600));
        bench.pass_of_now().await;
        assert_eq!(bench.state().await.problems, []);
        let state = until("a problem", async || {
            bench.parts.clock.advance(Duration::from_secs(40));
            bench.pass_of_now().await;
            Some(bench.state().await).filter(|state| !state.problems.is_empty())
        })
        .await;
        assert_eq!(
            state.problems.iter().map(told).collect::<Vec<_>>(),
            [(Proof::Unproven, minutes(start, 60))]
        );
        assert!(bench.coverage().await.ingestion.problem.unwrap().contains("No digest"));

        signer.deliver(&late).await;
        // It is overdue again, but what was said of the first one is taken back.
        let told_of = |state: &Wholeness, end| state.problems.iter().any(|problem| problem.from == end);
        let state = bench.until_state(|state| !told_of(state, minutes(start, 60))).await;
        assert_eq!(state.coverage.worst(start, minutes(start, 120)), Some(Proof::Proven));
    });
}

#[test]
fn a_file_that_cloudtrail_did_not_deliver_is_no_evidence() {
    test(async {
        let mut signer = Signer::new().await;
        let start = ago(8);
        let at = minutes(start, 10);
        let good = signer.log(minutes(at, 1), &[record("good", at)]).await;
        let forged = signer.log(minutes(at, 2), &[record("forged", at)]).await;
        signer.digest(start, minutes(start, 60), &[good]).await;
        signer.quiet([60, 120].map(|later| minutes(start, later))).await;
        let bench = bench(&signer, |_| ()).await;
        bench.work().await;
        let state = bench.until_state(|state| !state.problems.is_empty()).await;
        assert_eq!(state.bad_files.keys().collect::<Vec<_>>(), [&forged.key]);
        assert_eq!(told(&state.problems[0]), (Proof::Altered, start));
    });
}

#[test]
fn a_digest_that_is_missed_and_comes_late_is_no_problem_any_more() {
    test(async {
        let mut signer = Signer::new().await;
        let start = ago(8);
        signer.quiet([start]).await;
        let late = signer.sign(minutes(start, 60), minutes(start, 120), &[]);
        signer.quiet([minutes(start, 120)]).await;
        // A signature that is another's.
        let mut forged = signer.sign(minutes(start, 180), minutes(start, 240), &[]);
        forged.forge();
        signer.deliver(&forged).await;
        let bench = bench(&signer, |_| ()).await;
        bench.work().await;
        let state = bench.until_state(|state| state.problems.len() == 2).await;
        assert_eq!(state.coverage.at(minutes(start, 90)), Some(Proof::Missing));
        assert_eq!(state.coverage.at(minutes(start, 200)), Some(Proof::Altered));
        signer.deliver(&late).await;
        let state = bench.until_state(|state| state.problems.len() == 1).await;
        assert_eq!(state.coverage.at(minutes(start, 90)), Some(Proof::Proven));
        assert_eq!(told(&state.problems[0]).1, minutes(start, 180));
    });
}
