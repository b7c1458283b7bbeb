//! Log files: each in once, late ones and bad ones too.

use std::time::Duration;

use super::signer::{Signer, gzip, record};
use super::{ago, bench, minutes};
use crate::support::test;

#[test]
fn every_file_comes_in_once_however_often_it_is_looked_for() {
    test(async {
        let signer = Signer::new().await;
        let (early, late) = (ago(30), ago(5));
        signer.log(minutes(early, 5), &[record("a-1", early), record("a-2", early)]).await;
        signer.log(minutes(late, 5), &[record("b-1", late)]).await;
        // The same events once more, in another file.
        signer.log(minutes(late, 6), &[record("b-1", late)]).await;
        let bench = bench(&signer, |_| ()).await;
        bench.work().await;
        let heads = bench.until_files(3).await;
        assert!(heads.windows(2).all(|two| two[0].seq + 1 == two[1].seq && two[0].key < two[1].key));
        assert_eq!(bench.events().await, ["a-1", "a-2", "b-1", "b-1"]);

        // Another replica, which remembers nothing, works beside it; and a file comes late, for the day before.
        bench.another_works().await;
        signer.log(minutes(ago(24), 10), &[record("late", early)]).await;
        bench.until_files(4).await;
        bench.passes().await;
        assert_eq!(bench.events().await, ["a-1", "a-2", "b-1", "b-1", "late"]);
        let ingestion = bench.coverage().await.ingestion;
        assert_eq!((ingestion.files, ingestion.events), (4, 5));
        assert!(ingestion.problem.unwrap().contains("There are no digests"));
    });
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_keeps_no_other_back() {
    test(async {
        let signer = Signer::new().await;
        let at = ago(4);
        let whole = gzip(format!("{{\"Records\":[{},{}]}}", record("one", at), record("two", at)).as_bytes());
        let bomb = gzip(&vec![b' '; 70 * 1024 * 1024]);
        assert!(bomb.len() < 200_000);
        let bad = [whole[..whole.len() - 40].to_vec(), b"no gzip".to_vec(), bomb, gzip(b"[]")];
        for (minute, body) in (1..).zip(bad) {
            signer.put(&signer.log_key(minutes(at, minute)), body, &[]).await;
        }
        signer.log(minutes(at, 9), &[record("good", at)]).await;
        let bench = bench(&signer, |_| ()).await;
        bench.work().await;
        let heads = bench.until_files(5).await;
        let refused: Vec<_> = heads.iter().map(|file| file.refused.is_some()).collect();
        assert_eq!(refused, [true, true, true, true, false], "{heads:?}");
        bench.passes().await;
        assert_eq!(bench.heads().await.len(), 5, "they are not read again");
        assert!(bench.events().await.contains(&"good".to_owned()));
        let unreadable = bench.coverage().await.ingestion.unreadable;
        assert_eq!(unreadable.count, 4, "{unreadable:?}");
    });
}

#[test]
fn the_trail_of_an_organisation_lies_below_its_id() {
    test(async {
        let mut signer = Signer::new().await;
        signer.organization = Some("o-ab");
        let at = ago(3);
        let file = signer.log(minutes(at, 5), &[record("one", at)]).await;
        signer.digest(at, minutes(at, 60), &[file]).await;
        let bench = bench(&signer, |parts| {
            let trail = parts.trail.as_mut().unwrap();
            trail.organization = Some("o-ab".to_owned());
            trail.interval = Duration::from_millis(100);
        })
        .await;
        bench.work().await;
        bench.until_files(1).await;
        let state = bench.until_state(|state| !state.coverage.spans().is_empty()).await;
        assert_eq!(state.coverage.at(minutes(at, 5)), Some(domain::trail::Proof::Proven));
    });
}
