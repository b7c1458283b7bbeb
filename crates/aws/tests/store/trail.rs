//! Log files of the trail: each in whole and once, in one order, whoever adds them.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_aws::trail::{KeptEvents, TrailFile, TrailState, TrailStatus};
use countersign_aws::{Aws, Error, Held, Lease, Taking, Thing};
use domain::trail::{
    About, Coverage, Event, Identity, MonthLoad, Problem, Proof, Span, TrailPart, What, Wholeness,
};
use futures::{TryStreamExt, future};

use crate::bench::{Bench, CONSOLE, s};
use crate::fixture::{body, later, now};

const BUCKET: &str = "org-trail";

fn part() -> TrailPart {
    TrailPart { account: "111122223333".to_owned(), region: "eu-central-1".to_owned() }
}

async fn lease(aws: &Aws) -> Lease {
    match aws.acquire_lease("trail", "a", None).await.unwrap() {
        Taking::Taken(lease) => lease,
        Taking::Held(held) => panic!("{held:?}"),
    }
}

fn file(key: &str) -> TrailFile {
    TrailFile {
        seq: 0,
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        sha256: "ab".repeat(32),
        bytes: 1000,
        records: 7,
        kept: 0,
        unreadable: Default::default(),
        refused: None,
        delivered_at: now(),
        read_at: later(5),
        oldest: None,
        newest: None,
    }
}

fn event(id: &str) -> Event {
    Event {
        id: id.parse().unwrap(),
        time: now(),
        name: "GetCertificate".to_owned(),
        source: "acm-pca.amazonaws.com".to_owned(),
        region: "eu-central-1".to_owned(),
        account: None,
        identity: Identity::unknown(),
        address: None,
        user_agent: None,
        request_id: None,
        failure: None,
        read_only: true,
        authority: None,
        serial: None,
        key: None,
        alternative_names: Vec::new(),
        what: What::Other,
    }
}

fn kept(records: &[(String, String)]) -> KeptEvents {
    let mut kept = KeptEvents::default();
    for (id, record) in records {
        kept.push(&event(id), record).unwrap();
    }
    kept
}

fn few(name: &str) -> Vec<(String, String)> {
    vec![(format!("{name}-1"), "{\"a\":\n1}".to_owned()), (format!("{name}-2"), "{}".to_owned())]
}

async fn all(aws: &Aws, after: u64) -> Vec<(u64, String, Vec<String>)> {
    let files = aws.trail_files(&part(), after);
    let files = files.map_ok(|(file, kept)| {
        (file.seq, file.key, kept.into_iter().map(|kept| kept.event.id.to_string()).collect())
    });
    files.try_collect().await.unwrap()
}

#[tokio::test]
async fn a_file_is_in_once_with_its_events() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let lease = lease(&aws).await;
    let part = part();
    let add = |key: &str, events| aws.add_trail_files(&part, vec![(file(key), events)], &lease);
    assert_eq!(add("one", kept(&few("one"))).await.unwrap(), 1);
    assert_eq!(add("two", KeptEvents::default()).await.unwrap(), 1);
    assert_eq!(add("one", kept(&few("other"))).await.unwrap(), 0);
    assert_eq!(add("three", kept(&few("three"))).await.unwrap(), 1);
    let ids = |name: &str| vec![format!("{name}-1"), format!("{name}-2")];
    let expected = [
        (1, "one".to_owned(), ids("one")),
        (2, "two".to_owned(), vec![]),
        (3, "three".to_owned(), ids("three")),
    ];
    assert_eq!(all(&aws, 0).await, expected);
    assert_eq!(all(&aws, 2).await, expected[2..]);
    assert_eq!(aws.trail_heads(&part, 1).try_collect::<Vec<_>>().await.unwrap().len(), 2);
    let (one, events) = aws.trail_file(&part, 1).await.unwrap().unwrap();
    assert_eq!((one.key.as_str(), events[0].record.as_str()), ("one", "{\"a\":\n1}"));
    assert_eq!(aws.trail_file(&part, 4).await.unwrap(), None);

    let known = aws.trail_known(BUCKET, &["three".to_owned(), "four".to_owned()]).await.unwrap();
    assert_eq!(known.keys().collect::<Vec<_>>(), ["three"]);
    assert_eq!((known["three"].seq, known["three"].sha256.clone()), (3, "ab".repeat(32)));
    assert!(aws.trail_known("other", &["three".to_owned()]).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_who_add_the_same_files_add_each_once_without_gaps() {
    let bench = Bench::new().await;
    let lease = lease(&bench.worker()).await;
    let adders = (0..10).map(|number| {
        let (aws, lease) = (bench.worker(), lease.clone());
        tokio::spawn(async move {
            for key in [format!("own-{number}"), "shared".to_owned()] {
                let file = (file(&key), kept(&few(&key)));
                aws.add_trail_files(&part(), vec![file], &lease).await.unwrap();
            }
        })
    });
    future::join_all(adders).await.into_iter().for_each(|adder| adder.unwrap());
    let files = all(&bench.worker(), 0).await;
    assert_eq!(files.iter().map(|(seq, ..)| *seq).collect::<Vec<_>>(), (1..=11).collect::<Vec<_>>());
    assert_eq!(files.iter().filter(|(_, key, _)| key == "shared").count(), 1);
}

#[tokio::test]
async fn many_files_at_once_keep_their_order_and_those_that_are_in_are_passed_over() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let lease = lease(&aws).await;
    let some = |names: &[usize]| {
        let named = names.iter().map(|name| format!("{name:03}"));
        named.map(|name| (file(&name), kept(&few(&name)))).collect::<Vec<_>>()
    };
    assert_eq!(aws.add_trail_files(&part(), some(&[7, 50, 7]), &lease).await.unwrap(), 2);
    let all_hundred: Vec<usize> = (0..100).collect();
    assert_eq!(aws.add_trail_files(&part(), some(&all_hundred), &lease).await.unwrap(), 98);
    let keys: Vec<_> = all(&aws, 0).await.into_iter().map(|(seq, key, _)| (seq, key)).collect();
    let expected = [7, 50].into_iter().chain((0..100).filter(|name| ![7, 50].contains(name)));
    assert!(keys.into_iter().eq((1..).zip(expected.map(|name| format!("{name:03}")))));
}

#[tokio::test]
async fn events_that_do_not_fit_into_one_item_are_spread() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let lease = lease(&aws).await;
    // Text that does not compress.
    let noise = |seed: u64| {
        let mut state = seed + 1;
        let next = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("{:08x}", state >> 32)
        };
        (0..12_000).map(next).collect::<String>()
    };
    let many: Vec<_> = (0..20).map(|number| (format!("event-{number}"), noise(number))).collect();
    aws.add_trail_files(&part(), vec![(file("large"), kept(&many))], &lease).await.unwrap();
    let (_, events) = aws.trail_file(&part(), 1).await.unwrap().unwrap();
    assert!(events.iter().map(|kept| &kept.record).eq(many.iter().map(|(_, record)| record)));
}

#[tokio::test]
async fn without_the_lease_nothing_is_added() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let first = lease(&aws).await;
    let seen = Held { holder: "a".to_owned(), fence: first.fence, beat: 0 };
    assert!(matches!(aws.acquire_lease("trail", "b", Some(&seen)).await.unwrap(), Taking::Taken(_)));
    let lost = aws.add_trail_files(&part(), vec![(file("one"), kept(&few("one")))], &first).await;
    assert!(matches!(lost, Err(Error::Conflict { what: Thing::Lease, .. })), "{lost:?}");
    assert!(all(&aws, 0).await.is_empty());
    let status = aws.save_trail_status(&part(), &TrailStatus::default(), &first).await;
    assert!(matches!(status, Err(Error::Conflict { what: Thing::Lease, .. })));
}

#[tokio::test]
async fn a_consumer_moves_on_once() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let go =
        async |from, to| aws.commit(vec![aws.move_cursor("alerts", &part(), from, to)], &body("read")).await;
    assert_eq!(aws.cursor("alerts", &part()).await.unwrap(), 0);
    go(0, 3).await.unwrap();
    assert!(matches!(go(0, 5).await, Err(Error::Conflict { .. })));
    go(3, 5).await.unwrap();
    assert_eq!(aws.cursor("alerts", &part()).await.unwrap(), 5);
    assert_eq!(aws.cursor("others", &part()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_state_is_replaced_by_who_has_read_it_however_large_it_is() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let lease = lease(&aws).await;
    assert_eq!(aws.trail_state(&part()).await.unwrap(), None);
    let mut whole = Wholeness {
        coverage: Coverage::of([Span { from: now(), to: later(3600), proof: Proof::Proven }]),
        ..Wholeness::default()
    };
    let problem = |second| Problem {
        from: later(second),
        to: later(second + 1),
        proof: Proof::Missing,
        about: About::Digest,
        object: "a digest".to_owned(),
        what: "It is not there.".to_owned(),
    };
    (0..3000).for_each(|second| whole.add_problem(problem(second)));
    whole.add_problem(problem(2999));
    assert_eq!((whole.problems.len(), whole.problems_total), (Wholeness::PROBLEMS, 3000));
    assert_eq!(whole.problems[0], problem(2999));
    let state = TrailState { whole, ..TrailState::default() };
    let saved = aws.save_trail_state(&part(), state.clone(), &lease).await.unwrap();
    assert_eq!(saved.revision, 1);
    let stale = aws.save_trail_state(&part(), state, &lease).await;
    assert!(matches!(stale, Err(Error::Conflict { what: Thing::Trail, .. })));

    // Hashes do not compress: this takes several items, twice.
    let bad = |salt: u64| {
        let key = |number: u64| format!("{:x}", (number + salt).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        (0..60_000).map(|number| (key(number) + &key(number * 7), Proof::Altered)).collect()
    };
    let large = TrailState { whole: Wholeness { bad_files: bad(0), ..saved.whole }, ..saved };
    let large = aws.save_trail_state(&part(), large, &lease).await.unwrap();
    let other = TrailState { whole: Wholeness { bad_files: bad(1_000_000), ..large.whole }, ..large };
    let other = aws.save_trail_state(&part(), other, &lease).await.unwrap();
    assert_eq!(aws.trail_state_revision(&part()).await.unwrap(), 3);
    assert_eq!(aws.trail_state(&part()).await.unwrap(), Some(other));
    let items = bench.raw.scan().table_name(crate::bench::CONSOLE).send().await.unwrap();
    let blobs = items.items().iter().filter(|item| item["pk"].as_s().unwrap().starts_with("BLOB#"));
    let hashes: std::collections::BTreeSet<_> = blobs.map(|item| item["pk"].as_s().unwrap()).collect();
    assert_eq!(hashes.len(), 1, "the former one's parts are gone");
}

#[tokio::test]
async fn a_month_is_loaded_once_unless_it_failed() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let lease = lease(&aws).await;
    let load = MonthLoad { month: "2026-08".to_owned(), done: 0, total: 0, finished: false, failure: None };
    let start = async || aws.commit(vec![aws.start_month_load(&load).unwrap()], &body("load")).await;
    start().await.unwrap();
    assert!(matches!(start().await, Err(Error::Conflict { what: Thing::MonthLoad, .. })));
    let failed = MonthLoad { failure: Some("no".to_owned()), ..load.clone() };
    aws.save_month_load(&failed, &lease).await.unwrap();
    start().await.unwrap();
    let done = MonthLoad { done: 3, total: 3, finished: true, ..load.clone() };
    aws.save_month_load(&done, &lease).await.unwrap();
    assert!(start().await.is_err());
    assert_eq!(aws.month_loads().await.unwrap(), [done]);
}

#[tokio::test]
async fn a_stored_file_that_cannot_be_read_keeps_its_place_and_no_other_back() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let lease = lease(&aws).await;
    for name in ["one", "two", "three"] {
        aws.add_trail_files(&part(), vec![(file(name), kept(&few(name)))], &lease).await.unwrap();
    }
    let sk = |seq: u64| ("sk", s(&format!("FILE#{seq:020}")));
    let pk = ("pk", s(&format!("TRAIL#{}#{}", part().account, part().region)));
    bench.put(CONSOLE, &[pk.clone(), sk(1), ("body", s("{}"))]).await;
    let head = serde_json::to_string(&TrailFile { seq: 3, ..file("three") }).unwrap();
    bench
        .put(CONSOLE, &[pk.clone(), sk(3), ("body", s(&head)), ("gz", AttributeValue::B(vec![1, 2].into()))])
        .await;

    let files: Vec<_> = aws.trail_files(&part(), 0).try_collect().await.unwrap();
    let told: Vec<_> =
        files.iter().map(|(file, kept)| (file.seq, file.refused.is_some(), kept.len())).collect();
    assert_eq!(told, [(1, true, 0), (2, false, 2), (3, true, 0)]);
    let heads: Vec<_> = aws.trail_heads(&part(), 0).try_collect().await.unwrap();
    assert_eq!(heads.iter().map(|file| file.seq).collect::<Vec<_>>(), [1, 2, 3]);
    aws.add_trail_files(&part(), vec![(file("four"), kept(&few("four")))], &lease).await.unwrap();
    assert_eq!(all(&aws, 3).await.len(), 1);
}
