//! No entry is missing or there twice, whoever writes and whatever gets lost.

use std::sync::atomic::Ordering;

use countersign_aws::{Aws, Error, Thing};
use domain::FindingKind::Duplicate;
use domain::ledger::{Entry, read};
use futures::{StreamExt, TryStreamExt, future};

use crate::bench::{Bench, CONSOLE, s, worker_at};
use crate::fixture::{body, finding, now};
use crate::lossy::{Lost, network};

/// Places all that waits, and gives what is placed.
pub async fn placed(aws: &Aws) -> Vec<Entry> {
    loop {
        let waiting = aws.unplaced(7).await.unwrap();
        if waiting.is_empty() {
            break;
        }
        aws.place(aws.last_placed().await.unwrap(), &waiting).await.unwrap();
    }
    let entries: Vec<Entry> = aws.placed_from(1).try_collect().await.unwrap();
    assert!(entries.iter().zip(1..).all(|(entry, seq)| entry.seq == seq), "without gaps");
    entries
}

fn notes(entries: &[Entry]) -> Vec<String> {
    entries.iter().map(|entry| entry.read().unwrap().detail["note"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_writers_wait_for_nobody_and_all_are_placed() {
    let bench = Bench::new().await;
    let writers = (0..50).map(|number| {
        let aws = bench.worker();
        async move {
            let change = aws.save_finding(&finding(Duplicate, number + 1, now()), None, now()).unwrap();
            aws.commit(vec![change], &body(number)).await.unwrap();
        }
    });
    future::join_all(writers.map(tokio::spawn)).await.into_iter().for_each(Result::unwrap);
    let aws = bench.worker();
    let mut notes = notes(&placed(&aws).await);
    notes.sort();
    notes.dedup();
    assert_eq!(notes.len(), 50, "each writer once");
    let authority = crate::fixture::authority().id();
    assert_eq!(aws.findings_not_closed(&authority).count().await, 50);
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
    assert_eq!(notes(&placed(&aws).await), ["first"]);
    assert!(matches!(aws.finding(&second.id).await, Err(Error::NotFound { what: Thing::Finding, .. })));
}

#[tokio::test]
async fn the_same_words_in_the_same_second_are_two_entries() {
    let bench = Bench::new().await;
    let (one, other) = (bench.worker(), bench.worker());
    let text = body("refused");
    let (first, second) = tokio::join!(one.commit(vec![], &text), other.commit(vec![], &text));
    first.unwrap();
    second.unwrap();
    let entries = placed(&one).await;
    assert_eq!(entries.len(), 2);
    assert_ne!(entries[0].text, entries[1].text);
}

/// The SDK repeats a call twice, and the commit what the SDK gave up; the entry may be placed meanwhile.
#[tokio::test]
async fn what_the_network_loses_is_neither_missing_nor_there_twice() {
    for (lost, lose) in [(Lost::Answers, 1), (Lost::Answers, 3), (Lost::Answers, 6), (Lost::Requests, 4)] {
        let bench = Bench::new().await;
        let (address, left) = network(bench.address, lost, lose).await;
        let (aws, sequencer) = (worker_at(address), bench.worker());
        let finding = finding(Duplicate, 1, now());
        let change = aws.save_finding(&finding, None, now()).unwrap();
        let placing = async {
            loop {
                placed(&sequencer).await;
                tokio::task::yield_now().await;
            }
        };
        let (once, next) = (body("once"), body("next"));
        let committing = async {
            aws.commit(vec![change], &once).await.unwrap();
            aws.commit(vec![], &next).await.unwrap();
        };
        tokio::select! {
            () = placing => {}
            () = committing => {}
        }
        assert_eq!(left.load(Ordering::SeqCst), 0, "{lost:?} {lose}: all were lost");
        assert_eq!(notes(&placed(&sequencer).await), ["once", "next"], "{lost:?} {lose}");
        assert_eq!(sequencer.finding(&finding.id).await.unwrap(), finding);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_place_at_the_same_time_lose_and_double_nothing() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    for number in 0..30 {
        aws.commit(vec![], &body(number)).await.unwrap();
    }
    let racer = |aws: Aws| async move {
        loop {
            let (last, waiting) = (aws.last_placed().await.unwrap(), aws.unplaced(3).await.unwrap());
            if waiting.is_empty() {
                break;
            }
            match aws.place(last, &waiting).await {
                Ok(()) | Err(Error::Conflict { .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    };
    let racers = (0..4).map(|_| tokio::spawn(racer(bench.worker())));
    future::join_all(racers).await.into_iter().for_each(Result::unwrap);
    assert_eq!(notes(&placed(&aws).await), (0..30).map(|number| number.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_entry_that_the_log_does_not_take_is_refused_with_its_change() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let finding = finding(Duplicate, 1, now());
    let change = aws.save_finding(&finding, None, now()).unwrap();
    let long = (0..40).fold(body("long"), |body, number| body.with(&format!("{number}"), "x".repeat(2000)));
    let error = aws.commit(vec![change], &long).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
    assert_eq!(placed(&aws).await, []);
    assert!(aws.finding(&finding.id).await.is_err());
}

#[tokio::test]
async fn pages_are_newest_first() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    assert_eq!(aws.ledger_page(None, 10).await.unwrap(), []);
    for number in 1..=12 {
        aws.commit(vec![], &body(number)).await.unwrap();
    }
    assert_eq!(aws.newest_unplaced(2).await.unwrap().len(), 2);
    assert_eq!(placed(&aws).await.len(), 12);
    let numbers = |page: Vec<Entry>| page.iter().map(|entry| entry.seq).collect::<Vec<_>>();
    assert_eq!(numbers(aws.ledger_page(None, 5).await.unwrap()), [12, 11, 10, 9, 8]);
    assert_eq!(numbers(aws.ledger_page(Some(3), 5).await.unwrap()), [2, 1]);
    assert_eq!(aws.ledger_page(Some(1), 5).await.unwrap(), []);
    assert_eq!(aws.ledger_page(Some(0), 5).await.unwrap(), []);
}

/// A link of the chain that the ledger was.
#[tokio::test]
async fn what_the_old_chain_had_is_read_as_it_was_hashed() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let zeros = "0".repeat(64);
    let (key, hash) = ("ENTRY#00000000000000000001", "ab".repeat(32));
    let text = serde_json::to_string(&body("old")).unwrap();
    let seq = aws_sdk_dynamodb::types::AttributeValue::N("1".to_owned());
    let item = [("pk", s("LEDGER")), ("sk", s(key)), ("seq", seq), ("previous", s(&zeros))];
    bench.put(CONSOLE, &[&item[..], &[("entry_hash", s(&hash)), ("body", s(&text))]].concat()).await;
    aws.commit(vec![], &body("new")).await.unwrap();
    let entries = placed(&aws).await;
    assert_eq!(notes(&entries), ["old", "new"]);
    let link = domain::ledger::Link::read(&entries[0].text).unwrap();
    assert_eq!((link.seq, link.hash, link.body), (1, hash, text));
    assert!(read(&entries[1].text).is_ok());
}
