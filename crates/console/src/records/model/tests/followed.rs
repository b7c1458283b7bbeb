//! What the inventory's stream tells is in the lists at once, as a scan would have it.

use std::collections::BTreeMap;

use countersign_aws::inventory::{ItemChange, UnreadableItem};
use domain::views::ExpiryQuery;

use super::*;
use crate::records::followed::Following;

const CERTIFICATES: u64 = 12;

pub(super) fn written(item: InventoryItem) -> ItemChange {
    ItemChange {
        device: item.device.as_str().to_owned(),
        serial_key: item.serial_key.clone(),
        item: Some(Ok(item.into())),
    }
}

fn deleted(item: &InventoryItem) -> ItemChange {
    ItemChange { item: None, ..written(item.clone()) }
}

fn report() -> Vec<ReportRow> {
    let revoked = ReportRow { revoked_at: Some(at(-50)), ..row(3) };
    (1..CERTIFICATES).map(|number| if number == 3 { revoked.clone() } else { row(number) }).collect()
}

/// All that people see of it.
pub(super) async fn shown(model: &ReadModel) -> impl PartialEq + std::fmt::Debug {
    let mut pages = Vec::new();
    for filter in [&[][..], &["status=active"], &["status=revoked"], &["q=sensor-00"], &["in_inventory=no"]] {
        for &sort in CertificateSort::ALL {
            let filter = filter.iter().copied().map(token).collect();
            let query = CertificateQuery { filter, sort, ..CertificateQuery::default() };
            let mut page = page(model, query).await;
            // Several items of one serial number are in no order.
            page.lines.sort_by_key(|line| (line.serial, line.device.clone()));
            pages.push((page.lines, page.total));
        }
    }
    let counts = model.counts(at(0)).await.unwrap();
    let expiring = model.expiring(ExpiryQuery::default().spans(at(0))).await.unwrap();
    (pages, counts.certificates, counts.devices, expiring)
}

#[tokio::test]
async fn lists_and_counts_are_those_of_a_scan_after_whatever_was_written() {
    let model = ReadModel::new(None);
    model.begin_following("stream".to_owned(), at(-1));
    load(&model, report().into_iter(), (0..CERTIFICATES).map(item), 0).await;
    let mut now: BTreeMap<(String, String), InventoryItem> = BTreeMap::new();
    let key = |item: &InventoryItem| (item.device.as_str().to_owned(), item.serial_key.clone());
    now.extend((0..CERTIFICATES).map(|number| (key(&item(number)), item(number))));
    let mut random = 7_u64;
    let mut below = |most: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % most
    };
    for round in 0..60 {
        let mut changes = Vec::new();
        for _ in 0..=below(3) {
            let number = below(CERTIFICATES + 3);
            let device = format!("sensor-{:06}", number + below(2));
            let item = InventoryItem {
                device: device.parse().unwrap(),
                revoked_at: (below(4) == 0).then(|| at(5)),
                expires_at: Some(at(500_000 + 1440 * i64::try_from(below(90)).unwrap())),
                ..item(number)
            };
            if below(3) == 0 {
                now.remove(&key(&item));
                changes.push(deleted(&item));
            } else {
                now.insert(key(&item), item.clone());
                changes.push(written(item));
            }
        }
        model.take_in(changes, at(1)).await.unwrap();
        assert!(model.is_followed());
        if round % 10 == 9 {
            let scanned = ReadModel::new(None);
            let items: Vec<InventoryItem> = now.values().cloned().collect();
            load(&scanned, report().into_iter(), items.into_iter(), 0).await;
            assert_eq!(shown(&model).await, shown(&scanned).await, "after {round} rounds");
        }
    }
    assert_eq!(model.as_of(), Some(at(1)));
}

#[tokio::test]
async fn a_scan_gets_what_was_told_while_it_was_under_way() {
    let model = ReadModel::new(None);
    model.begin_following("stream".to_owned(), at(0));
    load(&model, std::iter::empty(), (1..4).map(item), 1).await;
    model.take_in(vec![written(item(4)), deleted(&item(1))], at(3)).await.unwrap();
    // It began before that, and saw neither.
    load(&model, std::iter::empty(), (1..4).map(item), 2).await;
    let devices = async || -> Vec<_> {
        let lines = page(&model, CertificateQuery::default()).await.lines;
        lines.into_iter().map(|line| line.serial).collect()
    };
    assert_eq!(devices().await, [serial(2), serial(3), serial(4)]);
    // What is in a scan that began later is not taken from what was told before it.
    load(&model, std::iter::empty(), (1..4).map(item), 10).await;
    assert_eq!(devices().await, [serial(1), serial(2), serial(3)]);
    assert_eq!(model.as_of(), Some(at(10)));
}

#[tokio::test]
async fn what_only_a_scan_can_say_makes_the_lists_no_younger_until_there_is_one() {
    let other = || InventoryItem { authority: OTHER.parse().unwrap(), ..item(5) };
    let either = || InventoryItem { decimal: Some(serial(9)), ..item(5) };
    let bad = UnreadableItem { place: "5".to_owned(), problem: "?".to_owned(), certificate: None };
    let unreadable = || ItemChange { item: Some(Err(bad.clone())), ..written(item(5)) };
    for change in [written(other()), written(either()), unreadable()] {
        let model = ReadModel::new(None);
        model.begin_following("stream".to_owned(), at(0));
        load(&model, std::iter::empty(), (1..4).map(item), 1).await;
        model.take_in(vec![written(item(4))], at(2)).await.unwrap();
        assert_eq!((model.is_followed(), model.as_of()), (true, Some(at(2))));
        model.take_in(vec![change], at(3)).await.unwrap();
        model.take_in(vec![], at(4)).await.unwrap();
        assert_eq!((model.is_followed(), model.as_of()), (false, Some(at(1))));
        load(&model, std::iter::empty(), (1..6).map(item), 5).await;
        assert!(model.is_followed());
    }
}

#[tokio::test]
async fn a_scan_that_began_before_the_stream_was_followed_may_lack_something() {
    let model = ReadModel::new(None);
    load(&model, std::iter::empty(), (1..4).map(item), 1).await;
    model.begin_following("stream".to_owned(), at(2));
    model.take_in(vec![], at(3)).await.unwrap();
    assert_eq!((model.is_followed(), model.as_of()), (false, Some(at(1))));
    model.stop_following().await.unwrap();
    model.take_in(vec![written(item(9))], at(4)).await.unwrap();
    assert!(!model.is_followed());
}

#[test]
fn of_many_changes_the_older_are_forgotten_and_only_a_scan_that_needs_them_is_the_worse_for_it() {
    let mut following = Following::new("stream".to_owned(), at(0));
    for minute in [1, 5] {
        following.add((0..60_000).map(|number| written(item(number))).collect(), at(minute));
    }
    assert_eq!(following.knows(at(0)), Some(at(5)), "what is shown has taken them all in");
    assert_eq!(following.since(at(4)).len(), 60_000);
    assert_eq!(following.knows(at(4)), Some(at(5)));
    // Some of the first are gone.
    following.since(at(1));
    assert_eq!((following.knows(at(1)), following.knows(at(2))), (None, Some(at(5))));
}
