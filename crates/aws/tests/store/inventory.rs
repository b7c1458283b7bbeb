//! The user's table: read whatever is in it, written for a revocation only.

use aws_sdk_dynamodb::types::{AttributeValue, ScalarAttributeType};
use countersign_aws::Aws;
use countersign_aws::inventory::{Recorded, UnreadableItem};
use domain::{InventoryItem, RevocationReason};
use futures::TryStreamExt;

use crate::bench::{Bench, INVENTORY, s, typed_table};
use crate::fixture::{authority, later, now};

async fn device(bench: &Bench, device: &str, serial: &str, more: &[(&str, AttributeValue)]) {
    let arn = authority();
    let mut attributes =
        vec![("device_id", s(device)), ("cert_serial", s(serial)), ("ca_arn", s(arn.as_str()))];
    attributes.extend_from_slice(more);
    bench.put(INVENTORY, &attributes).await;
}

async fn scan(aws: &Aws, segments: u32) -> (Vec<InventoryItem>, Vec<UnreadableItem>) {
    let pages: Vec<_> = aws.scan_inventory(segments).try_collect().await.unwrap();
    let (mut items, mut bad) = (Vec::new(), Vec::new());
    for item in pages.into_iter().flatten() {
        item.map_or_else(|unreadable| bad.push(unreadable), |read| items.push(read.item));
    }
    items.sort_by(|a, b| a.device.cmp(&b.device));
    (items, bad)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_item_is_read_or_counted() {
    let bench = Bench::new().await;
    for number in 0..200 {
        let time = match number % 2 {
            0 => s(&now().to_string()),
            _ => AttributeValue::N(now().unix().to_string()),
        };
        let more = [("expires_at", time), ("firmware", s(&"x".repeat(50)))];
        device(&bench, &format!("sensor-{number:03}"), &format!("00:{number:02X}:01"), &more).await;
    }
    device(&bench, "bad-serial", "not hex", &[]).await;
    device(&bench, "bad-time", "0a", &[("revoked_at", s("yesterday"))]).await;
    device(&bench, "bad-type", "0b", &[("subject", AttributeValue::Bool(true))]).await;
    device(&bench, "no-authority", "0c", &[("ca_arn", s(""))]).await;
    for segments in [1, 4] {
        let (items, mut bad) = scan(&bench.worker(), segments).await;
        // What cannot be read of an item costs that attribute and not the item.
        let (odd, items): (Vec<_>, Vec<_>) =
            items.into_iter().partition(|item| item.device.as_str().starts_with("bad-"));
        assert_eq!(odd.len(), 2);
        assert!(odd.iter().all(|item| item.subject.is_none() && item.revoked_at.is_none()), "{odd:?}");
        assert_eq!(odd.iter().filter(|item| item.revocation_unread).count(), 1);
        assert_eq!(items.len(), 200);
        assert_eq!(items[7].serial.to_string(), "0701");
        assert_eq!(items[7].serial_key, "00:07:01");
        assert!(items.iter().all(|item| item.expires_at == Some(now())));
        bad.sort_by(|a, b| a.place.cmp(&b.place));
        let places: Vec<_> = bad.iter().map(|bad| bad.place.as_str()).collect();
        assert_eq!(places, ["device_id bad-serial", "device_id no-authority"]);
        assert!(bad.iter().all(|bad| !bad.problem.is_empty()));
    }
}

#[tokio::test]
async fn a_scan_of_no_table_is_an_error() {
    let bench = Bench::new().await;
    bench.raw.delete_table().table_name(INVENTORY).send().await.unwrap();
    assert!(bench.worker().scan_inventory(4).try_collect::<Vec<_>>().await.is_err());
}

#[tokio::test]
async fn an_item_is_found_by_its_key_as_it_is_written() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    device(&bench, "sensor-1", "00:0A", &[]).await;
    let item = aws.inventory_item(&"sensor-1".parse().unwrap(), "00:0A").await.unwrap();
    assert_eq!(item.unwrap().unwrap().serial, "0a".parse().unwrap());
    assert_eq!(aws.inventory_item(&"sensor-1".parse().unwrap(), "0a").await.unwrap(), None);
}

#[tokio::test]
async fn a_revocation_is_recorded_once_and_touches_nothing_else() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let empty = [("revoked_at", s("")), ("firmware", s("1.2"))];
    device(&bench, "sensor-1", "0a", &empty).await;
    let sensor = "sensor-1".parse().unwrap();
    let reason = RevocationReason::KeyCompromise;
    let record = async |at, reason| aws.record_revocation(&sensor, "0a", at, Some(reason)).await.unwrap();
    assert_eq!(record(now(), reason).await, Recorded::Now);
    assert_eq!(record(later(60), RevocationReason::Superseded).await, Recorded::Before);
    let item = aws.inventory_item(&sensor, "0a").await.unwrap().unwrap().unwrap();
    assert_eq!(item.revoked_at, Some(now()));
    assert_eq!(item.revocation_reason.as_deref(), Some("KEY_COMPROMISE"));
    let raw = bench.raw.get_item().table_name(INVENTORY).key("device_id", s("sensor-1"));
    let raw = raw.key("cert_serial", s("0a")).send().await.unwrap().item.unwrap();
    assert_eq!((raw.len(), raw["firmware"].as_s().unwrap().as_str()), (6, "1.2"));

    let missing = aws.record_revocation(&sensor, "0b", now(), Some(reason)).await.unwrap();
    assert_eq!(missing, Recorded::Missing);
    assert_eq!(aws.inventory_item(&sensor, "0b").await.unwrap(), None, "no item was made");
}

#[tokio::test]
async fn a_table_that_counts_seconds_gets_seconds() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let issued = AttributeValue::N(now().unix().to_string());
    device(&bench, "sensor-1", "0a", &[("issued_at", issued), ("revoked_at", AttributeValue::Null(true))])
        .await;
    let sensor = "sensor-1".parse().unwrap();
    let recorded = aws.record_revocation(&sensor, "0a", later(60), Some(RevocationReason::Superseded)).await;
    assert_eq!(recorded.unwrap(), Recorded::Now);
    let raw = bench.raw.get_item().table_name(INVENTORY).key("device_id", s("sensor-1"));
    let raw = raw.key("cert_serial", s("0a")).send().await.unwrap().item.unwrap();
    assert_eq!(raw["revoked_at"].as_n().unwrap(), &later(60).unix().to_string());
}

#[tokio::test]
async fn keys_that_are_numbers_are_found_and_written_as_numbers() {
    let n = |number: &str| AttributeValue::N(number.to_owned());
    for (device, device_type) in [("sensor-1", ScalarAttributeType::S), ("17", ScalarAttributeType::N)] {
        let bench = Bench::new().await;
        bench.raw.delete_table().table_name(INVENTORY).send().await.unwrap();
        let keys = [("device_id", device_type.clone()), ("cert_serial", ScalarAttributeType::N)];
        typed_table(&bench.raw, INVENTORY, keys).await;
        let own = if device_type == ScalarAttributeType::N { n(device) } else { s(device) };
        let item = [("device_id", own), ("cert_serial", n("2587")), ("ca_arn", s(authority().as_str()))];
        bench.put(INVENTORY, &item).await;
        let (aws, device) = (bench.worker(), device.parse().unwrap());
        let (items, _) = scan(&aws, 1).await;
        let key = items[0].serial_key.as_str();
        let recorded =
            aws.record_revocation(&device, key, now(), Some(RevocationReason::KeyCompromise)).await;
        assert_eq!(recorded.unwrap(), Recorded::Now, "{device}");
        let item = aws.inventory_item(&device, key).await.unwrap().unwrap().unwrap();
        assert_eq!((item.serial, item.revoked_at), ("0a1b".parse().unwrap(), Some(now())));
        let missing = aws.record_revocation(&device, "9", now(), Some(RevocationReason::KeyCompromise)).await;
        assert_eq!(missing.unwrap(), Recorded::Missing);
    }
}
