use domain::InventoryItem;
use domain::inventory::InventoryAttributes;
use feeds::export::ExportReader;
use proptest::prelude::*;

use crate::{CA, Outcome, collect, gzip, test_data};

fn read(bytes: &[u8]) -> Outcome<InventoryItem> {
    let attributes = InventoryAttributes::default();
    collect(ExportReader::open(bytes, &attributes).unwrap().map(|read| read.map(|read| read.item)))
}

#[test]
fn items_are_read_and_bad_lines_counted() {
    let bytes = test_data("export/items.json");
    let (first, second) = bytes.split_at(700);
    for source in [bytes.clone(), gzip(&bytes), [gzip(first), gzip(second)].concat()] {
        let outcome = read(&source);
        let devices: Vec<_> = outcome.records.iter().map(|item| item.device.as_str()).collect();
        assert_eq!(devices, ["sensor-0001", "sensor-0002", "sensor-0006"]);
        assert_eq!(outcome.records[0].serial_key, "00:11:22:33");
        assert_eq!(outcome.records[1].revoked_at, Some("2026-02-01T00:00:00Z".parse().unwrap()));
        assert_eq!(outcome.cut_short, None);
        let said = [
            "device_id sensor-0003: cert_serial is missing",
            "line 5: not an item of a DynamoDB export",
            "line 6: not an item of a DynamoDB export: missing field `Item`",
        ];
        assert_eq!(outcome.unreadable.len(), said.len());
        for (problem, said) in outcome.unreadable.iter().zip(said) {
            assert!(problem.starts_with(said), "{problem}");
        }
    }
}

#[test]
fn attributes_may_have_other_names() {
    let attributes = InventoryAttributes { cert_serial: "serial".to_owned(), ..Default::default() };
    let line =
        format!(r#"{{"Item":{{"device_id":{{"S":"a"}},"serial":{{"S":"0a"}},"ca_arn":{{"S":"{CA}"}}}}}}"#);
    let outcome = collect(ExportReader::open(line.as_bytes(), &attributes).unwrap());
    assert_eq!(outcome.records.len(), 1);
}

#[test]
fn a_file_that_ends_within_an_item_is_cut_short() {
    let bytes = test_data("export/items.json");
    let end = bytes.len() - 20;
    assert!(read(&bytes[..end]).cut_short.is_some());
    let packed = gzip(&bytes);
    assert!(read(&packed[..packed.len() - 20]).cut_short.is_some());
}

#[test]
fn an_overlong_line_is_one_bad_line() {
    let mut bytes = vec![b'x'; 3 << 20];
    bytes.push(b'\n');
    bytes.extend(test_data("export/items.json"));
    let outcome = read(&bytes);
    assert_eq!((outcome.records.len(), outcome.unreadable.len()), (3, 4));
    assert_eq!(outcome.unreadable[0], "line 1: it is longer than 1 MiB");
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        let _ = ExportReader::open(bytes.as_slice(), &InventoryAttributes::default()).map(|reader| reader.count());
    }
}
