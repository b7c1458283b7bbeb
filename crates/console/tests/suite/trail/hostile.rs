//! What somebody can put into the trail's bucket who may write there: it stops nothing, and counts against nobody else.

use domain::Timestamp;
use domain::trail::Proof;

use super::refusing::{REFUSED, refusing};
use super::signer::{Signer, record};
use super::{PREFIX, ago, bench, minutes, part, settings};
use crate::support::{Bench, description, test};

async fn refused(signer: &Signer) -> Bench {
    let description = refusing(signer.description(description().await)).await;
    let bench = Bench::with(|parts| parts.trail = Some(settings(&signer.bucket, PREFIX))).await;
    bench.on(&description).await
}

#[test]
fn objects_that_nobody_can_read_stop_nothing() {
    test(async {
        let mut signer = Signer::new().await;
        let start = ago(8);
        let at = minutes(start, 10);
        let good = signer.log(minutes(at, 1), &[record("good", at)]).await;
        // Six files that are none of CloudTrail's, and one that is.
        for minute in 2..8 {
            let key = signer.log_key(minutes(at, minute)).replace(".json.gz", &format!("{REFUSED}.json.gz"));
            signer.put(&key, Vec::new(), &[]).await;
        }
        let mut lost = signer.log_not_delivered(minutes(at, 9), &[record("lost", minutes(at, 8))]);
        lost.key = lost.key.replace(".json.gz", &format!("{REFUSED}.json.gz"));
        signer.put(&lost.key, Vec::new(), &[]).await;
        signer.put(&signer.digest_key(minutes(start, 59), REFUSED, ""), Vec::new(), &[]).await;
        signer.digest(start, minutes(start, 60), &[good, lost.clone()]).await;
        signer.quiet([60, 120].map(|later| minutes(start, later))).await;

        let bench = refused(&signer).await;
        bench.work().await;
        let state = bench.until_state(|state| state.coverage.at(minutes(start, 170)).is_some()).await;
        assert_eq!(bench.events().await, ["good"]);
        assert_eq!(state.coverage.at(minutes(start, 1)), Some(Proof::Proven));
        let missing: Vec<_> = state.problems.iter().filter(|told| told.proof == Proof::Missing).collect();
        assert_eq!(missing.iter().map(|told| &told.object).collect::<Vec<_>>(), [&lost.key]);
        assert!(missing[0].what.contains("AWS refuses"), "{missing:?}");
        bench.passes().await;
        let status = bench.aws.trail_status(&part()).await.unwrap();
        assert!(status.problem.unwrap().contains("7 files of the trail are not read yet"));
        assert!(status.listed_from.unwrap() > status.since.unwrap(), "it goes on");
        // Those that no digest names are noted: they are not listed for ever.
        let state = bench.state().await;
        let unproven = state.problems.iter().filter(|told| told.object.contains(REFUSED));
        let unproven = unproven.filter(|told| told.proof == Proof::Unproven);
        assert_eq!((unproven.count(), state.bad_files.len()), (6, 0), "{:?}", state.problems);
    });
}

#[test]
fn the_name_of_a_digest_does_not_choose_the_time() {
    test(async {
        let mut signer = Signer::new().await;
        let start = ago(5);
        let folder = |key: &str| key.rsplit_once('/').unwrap().0.to_owned();
        let name = |key: &str| key.rsplit_once('/').unwrap().1.to_owned();
        let here = folder(&signer.digest_key(start, "pki", ""));
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        for end in ["2099-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2015-01-01T00:00:00Z"] {
            let key = signer.digest_key(time(end), "pki", "");
            signer.put(&format!("{here}/{}", name(&key)), b"{}".to_vec(), &[]).await;
        }
        let now = signer.digest_key(ago(-3), "pki", "");
        signer.put(&now, b"{}".to_vec(), &[]).await;
        signer.quiet([0, 60, 120].map(|later| minutes(start, later))).await;
        let bench = bench(&signer, |_| ()).await;
        bench.work().await;
        bench.until_state(|state| state.coverage.at(minutes(start, 170)).is_some()).await;
        bench.passes().await;
        let state = bench.state().await;
        let [span] = state.coverage.spans() else { panic!("{:?}", state.coverage) };
        assert_eq!((span.from, span.to, span.proof), (start, minutes(start, 180), Proof::Proven));
        assert_eq!(state.problems, []);
    });
}

#[test]
fn a_digest_that_cloudtrail_did_not_sign_says_nothing_of_others() {
    test(async {
        let mut signer = Signer::new().await;
        let start = ago(8);
        let at = minutes(start, 10);
        let good = signer.log(minutes(at, 1), &[record("good", at)]).await;
        let (unnamed, old) = (signer.log_not_delivered(minutes(at, 2), &[record("no", at)]), ago(24 * 365));
        // Under a name between two hours, and one after all others; of a time for which there is no key, or of its own.
        let named = [good.forged(), unnamed];
        for (name, times) in [
            (minutes(start, 59), (old, minutes(old, 60))),
            (minutes(start, 119), (minutes(start, 60), minutes(start, 119))),
            (minutes(start, 475), (old, minutes(old, 60))),
        ] {
            let made_up = signer.make_up(name, times, &named);
            signer.deliver(&made_up).await;
        }
        signer.digest(start, minutes(start, 60), &[good]).await;
        signer.quiet([60, 120].map(|later| minutes(start, later))).await;
        let bench = bench(&signer, |_| ()).await;
        bench.work().await;
        let state = bench.until_state(|state| state.problems.len() >= 3).await;
        assert!(state.problems.iter().all(|told| told.object.contains("CloudTrail-Digest")), "{state:?}");
        let altered = state.problems.iter().filter(|told| told.proof == Proof::Altered);
        assert_eq!((altered.count(), state.problems.len()), (3, 3), "{:?}", state.problems);
        assert_eq!(state.bad_files.len(), 0);
        // An hour that is named by nobody else stays what it is.
        assert_eq!(state.coverage.worst(minutes(start, 120), minutes(start, 180)), Some(Proof::Proven));
        assert_eq!(bench.events().await, ["good"]);
    });
}

#[test]
fn whatever_a_forged_file_is_called_it_is_no_evidence() {
    test(async {
        let mut signer = Signer::new().await;
        let start = ago(4);
        let key = signer.log_key(start);
        let forged = format!("{}/x.json", key.rsplit_once('/').unwrap().0);
        signer.put(&forged, b"{\"Records\":[]}".to_vec(), &[]).await;
        signer.quiet([0, 60, 120].map(|later| minutes(start, later))).await;
        let bench = bench(&signer, |parts| {
            // It was put there just now: by then, digests of this time are there.
            parts.clock = console::Clock::standing_at(ago(-4));
        })
        .await;
        signer.quiet([180, 240, 300, 360, 420].map(|later| minutes(start, later))).await;
        bench.work().await;
        let state = bench.until_state(|state| !state.bad_files.is_empty()).await;
        assert_eq!(state.bad_files.keys().collect::<Vec<_>>(), [&forged]);
    });
}
