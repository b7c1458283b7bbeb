//! The chain has neither gaps nor forks, whoever writes and whatever gets lost.

use std::sync::atomic::Ordering;

use countersign_aws::{Aws, Error, Thing};
use domain::FindingKind::Duplicate;
use domain::ledger::{Entry, Verifier};
use futures::{StreamExt, TryStreamExt, future};

use crate::bench::{Bench, worker_at};
use crate::fixture::{body, finding, now};
use crate::lossy::{Lost, network};

async fn verified(aws: &Aws) -> Vec<Entry> {
    let head = aws.ledger_head().await.unwrap();
    let entries: Vec<Entry> = aws.ledger_entries().try_collect().await.unwrap();
    let mut verifier = Verifier::default();
    entries.iter().for_each(|entry| verifier.follow(entry).unwrap());
    verifier.finish(head.seq, &head.hash).unwrap();
    entries
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_writers_race_and_all_land_in_one_chain() {
    let bench = Bench::new().await;
    let writers = (0..20).map(|number| {
        let aws = bench.worker();
        async move {
            let change = aws.save_finding(&finding(Duplicate, number + 1, now()), None, now()).unwrap();
            aws.commit(vec![change], &body(number)).await.unwrap();
        }
    });
    future::join_all(writers.map(tokio::spawn)).await.into_iter().for_each(Result::unwrap);
    let aws = bench.worker();
    let entries = verified(&aws).await;
    assert_eq!(entries.len(), 20);
    let mut notes: Vec<String> =
        entries.iter().map(|entry| entry.read().unwrap().detail["note"].clone()).collect();
    notes.sort();
    notes.dedup();
    assert_eq!(notes.len(), 20, "each writer once");
    let authority = crate::fixture::authority().id();
    assert_eq!(aws.findings_not_closed(&authority).count().await, 20);
}

#[tokio::test]
async fn writers_of_one_replica_line_up() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let texts: Vec<_> = (0..20).map(body).collect();
    let entries = future::join_all(texts.iter().map(|text| aws.commit(vec![], text))).await;
    assert!(entries.iter().all(Result::is_ok));
    assert_eq!(verified(&aws).await.len(), 20);
}

#[tokio::test]
async fn a_change_that_is_refused_leaves_no_entry() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let (first, second) = (finding(Duplicate, 1, now()), finding(Duplicate, 2, now()));
    aws.commit(vec![aws.save_finding(&first, None, now()).unwrap()], &body("first")).await.unwrap();
    let changes =
        vec![aws.save_finding(&second, None, now()).unwrap(), aws.save_finding(&first, None, now()).unwrap()];
    let error = aws.commit(changes, &body("both")).await.unwrap_err();
    let Error::Conflict { what: Thing::Finding, id } = error else { panic!("{error:?}") };
    assert_eq!(id, first.id.to_string());
    assert_eq!(verified(&aws).await.len(), 1);
    assert!(matches!(aws.finding(&second.id).await, Err(Error::NotFound { what: Thing::Finding, .. })));
}

#[tokio::test]
async fn the_same_words_in_the_same_second_are_two_entries() {
    let bench = Bench::new().await;
    let (one, other) = (bench.worker(), bench.worker());
    let text = body("refused");
    let (first, second) = tokio::join!(one.commit(vec![], &text), other.commit(vec![], &text));
    assert_ne!(first.unwrap().seq, second.unwrap().seq);
    assert_eq!(verified(&one).await.len(), 2);
}

/// The SDK repeats a call twice. When all its tries are lost, the entry itself must be looked for.
#[tokio::test]
async fn what_the_network_loses_is_neither_missing_nor_there_twice() {
    for (lost, lose) in [(Lost::Answers, 1), (Lost::Answers, 3), (Lost::Answers, 6), (Lost::Requests, 4)] {
        let bench = Bench::new().await;
        let (address, left) = network(bench.address, lost, lose).await;
        let aws = worker_at(address);
        let finding = finding(Duplicate, 1, now());
        let change = aws.save_finding(&finding, None, now()).unwrap();
        let entry = aws.commit(vec![change], &body("once")).await.unwrap();
        let next = aws.commit(vec![], &body("next")).await.unwrap();
        assert_eq!((entry.seq, next.seq), (1, 2), "{lost:?} {lose}");
        assert_eq!(left.load(Ordering::SeqCst), 0, "{lost:?} {lose}: all were lost");
        let aws = bench.worker();
        assert_eq!(verified(&aws).await, [entry, next], "{lost:?} {lose}");
        assert_eq!(aws.finding(&finding.id).await.unwrap(), finding);
    }
}

#[tokio::test]
async fn pages_are_newest_first() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    assert_eq!(aws.ledger_page(None, 10).await.unwrap(), []);
    for number in 1..=12 {
        aws.commit(vec![], &body(number)).await.unwrap();
    }
    let numbers = |page: Vec<Entry>| page.iter().map(|entry| entry.seq).collect::<Vec<_>>();
    assert_eq!(numbers(aws.ledger_page(None, 5).await.unwrap()), [12, 11, 10, 9, 8]);
    assert_eq!(numbers(aws.ledger_page(Some(8), 5).await.unwrap()), [7, 6, 5, 4, 3]);
    assert_eq!(numbers(aws.ledger_page(Some(3), 5).await.unwrap()), [2, 1]);
    assert_eq!(aws.ledger_page(Some(1), 5).await.unwrap(), []);
    assert_eq!(aws.ledger_page(Some(0), 5).await.unwrap(), []);
}
