//! The inventory's stream, from DynamoDB.

use aws_sdk_dynamodb::types::{StreamSpecification, StreamViewType};
use countersign_aws::inventory::ItemChange;

use crate::bench::{Bench, INVENTORY, s};

const CA: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

async fn stream(bench: &Bench, view: StreamViewType) {
    let stream = StreamSpecification::builder().stream_enabled(true).stream_view_type(view).build().unwrap();
    bench.raw.update_table().table_name(INVENTORY).stream_specification(stream).send().await.unwrap();
}

async fn put(bench: &Bench, device: &str, subject: &str) {
    let item =
        [("device_id", s(device)), ("cert_serial", s("0a:0b")), ("ca_arn", s(CA)), ("subject", s(subject))];
    bench.put(INVENTORY, &item).await;
}

/// Device and subject; no subject: it was deleted.
fn told(changes: Vec<ItemChange>) -> Vec<(String, Option<String>)> {
    let subject = |item: countersign_aws::inventory::ItemChange| {
        (item.device, item.item.map(|read| read.unwrap().item.subject.unwrap()))
    };
    changes.into_iter().map(subject).collect()
}

#[tokio::test]
async fn what_is_written_after_it_is_followed_is_told_in_order() {
    let bench = Bench::new().await;
    stream(&bench, StreamViewType::NewImage).await;
    let aws = bench.web();
    put(&bench, "before", "CN=before").await;
    let mut follower = aws.follow_inventory(|_| false).await.unwrap().expect("it has a stream");
    assert!(aws.followed(&mut follower).await.unwrap().unwrap().is_empty());
    put(&bench, "one", "CN=1").await;
    put(&bench, "two", "CN=2").await;
    put(&bench, "one", "CN=3").await;
    bench
        .raw
        .delete_item()
        .table_name(INVENTORY)
        .key("device_id", s("two"))
        .key("cert_serial", s("0a:0b"))
        .send()
        .await
        .unwrap();
    let changes = aws.followed(&mut follower).await.unwrap().unwrap();
    assert!(changes.iter().all(|change| change.serial_key == "0a:0b"));
    let some = |subject: &str| Some(subject.to_owned());
    let expected = [("one", some("CN=1")), ("two", some("CN=2")), ("one", some("CN=3")), ("two", None)];
    assert_eq!(told(changes), expected.map(|(device, subject)| (device.to_owned(), subject)));
    assert!(aws.followed(&mut follower).await.unwrap().unwrap().is_empty());
}

#[tokio::test]
async fn one_that_was_followed_before_is_read_from_its_beginning() {
    let bench = Bench::new().await;
    stream(&bench, StreamViewType::NewImage).await;
    let aws = bench.web();
    let first = aws.follow_inventory(|_| false).await.unwrap().unwrap();
    put(&bench, "one", "CN=1").await;
    put(&bench, "two", "CN=2").await;
    let known = |stream: &str| stream == first.stream();
    let mut follower = aws.follow_inventory(known).await.unwrap().unwrap();
    assert!(follower.is_from_the_beginning() && !first.is_from_the_beginning());
    let told = told(aws.followed(&mut follower).await.unwrap().unwrap());
    assert_eq!(told.iter().map(|(device, _)| device.as_str()).collect::<Vec<_>>(), ["one", "two"]);
}

#[tokio::test]
async fn an_item_that_cannot_be_read_is_told_as_such() {
    let bench = Bench::new().await;
    stream(&bench, StreamViewType::NewAndOldImages).await;
    let aws = bench.web();
    let mut follower = aws.follow_inventory(|_| false).await.unwrap().expect("it has a stream");
    bench.put(INVENTORY, &[("device_id", s("odd")), ("cert_serial", s("none"))]).await;
    let changes = aws.followed(&mut follower).await.unwrap().unwrap();
    assert_eq!(changes.len(), 1);
    assert!(changes[0].item.as_ref().unwrap().is_err());
}

#[tokio::test]
async fn a_table_without_a_stream_of_new_images_is_not_followed() {
    let bench = Bench::new().await;
    assert!(bench.web().follow_inventory(|_| false).await.unwrap().is_none());
    stream(&bench, StreamViewType::KeysOnly).await;
    assert!(bench.web().follow_inventory(|_| false).await.unwrap().is_none());
}
