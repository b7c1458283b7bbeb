use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::InventoryItem;
use domain::inventory::InventoryAttributes;
use feeds::export::folder::{self, FolderError};
use feeds::export::{ExportError, ExportReader};
use feeds::kind::Kind;
use md5::{Digest as _, Md5};
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
    let mut bytes = test_data("export/items.json");
    bytes.extend(vec![b'x'; 3 << 20]);
    bytes.push(b'\n');
    let outcome = read(&bytes);
    assert_eq!((outcome.records.len(), outcome.unreadable.len()), (3, 4));
    assert!(outcome.unreadable[3].ends_with(": it is longer than 1 MiB"), "{:?}", outcome.unreadable[3]);
}

fn refused(bytes: &[u8]) -> Kind {
    match ExportReader::open(bytes, &InventoryAttributes::default()).map(Iterator::count) {
        Err(ExportError::Other(kind)) => kind,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_inventory_is_refused_by_its_kind() {
    assert_eq!(refused(br#"{"Keys":{},"NewImage":{}}"#), Kind::IncrementalExport);
    assert_eq!(refused(b"$ion_1_0 {Item:{}}"), Kind::Ion);
    assert_eq!(refused(br#"{"device_id":"a"}"#), Kind::Untyped);
    assert_eq!(refused(b"device_id,cert_serial\n"), Kind::Csv);
    assert_eq!(refused(br#"[{"serial":"00"}]"#), Kind::Report);
    assert_eq!(read(b" \n").records.len(), 0);
}

/// An answer of DynamoDB with these members after its items.
fn scan(count: usize, more: &str) -> Vec<u8> {
    let item = format!(r#"{{"device_id":{{"S":"a"}},"cert_serial":{{"S":"0a"}},"ca_arn":{{"S":"{CA}"}}}}"#);
    format!("{{\n  \"Items\": [\n{}],\n{more}}}\n", vec![item; count].join(",\n")).into_bytes()
}

#[test]
fn the_answer_of_a_scan_is_read_if_it_is_whole() {
    let whole = scan(3, r#""Count": 3, "ScannedCount": 3, "ConsumedCapacity": null"#);
    for source in [whole.clone(), gzip(&whole), utf16(&whole, false), utf16(&whole, true)] {
        let outcome = read(&source);
        assert_eq!((outcome.records.len(), outcome.unreadable.len(), outcome.cut_short), (3, 0, None));
    }
    for part in [
        scan(3, r#""Count": 4"#),
        scan(3, r#""Count": 3, "NextToken": "x""#),
        scan(3, r#""Count": 3, "LastEvaluatedKey": {"device_id": {"S": "a"}}"#),
        whole[..whole.len() - 3].to_vec(),
        whole[..100].to_vec(),
        [whole.as_slice(), b"{}"].concat(),
    ] {
        assert!(read(&part).cut_short.is_some(), "{}", String::from_utf8_lossy(&part));
    }
    let odd = String::from_utf8(whole).unwrap().replacen("{\"S\":\"0a\"}", "\"0a\"", 1);
    let outcome = read(odd.as_bytes());
    assert_eq!((outcome.records.len(), outcome.unreadable.len(), outcome.cut_short), (2, 1, None));
}

/// With or without its mark.
fn utf16(text: &[u8], mark: bool) -> Vec<u8> {
    let text = std::str::from_utf8(text).unwrap();
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

/// An export of two files, the first with three items.
fn export(name: &str) -> PathBuf {
    let base = std::env::temp_dir().join(format!("countersign-export-{name}-{}", std::process::id()));
    let folder = base.join("AWSDynamoDB/01693685827463-2d8752fd");
    std::fs::create_dir_all(folder.join("data")).unwrap();
    let summary =
        r#"{"version":"2020-06-30","itemCount":3,"outputFormat":"DYNAMODB_JSON","exportType":"FULL_EXPORT"}"#;
    std::fs::write(folder.join("manifest-summary.json"), summary).unwrap();
    let mut files = String::new();
    for (file, count, content) in
        [("a.json.gz", 3, gzip(&test_data("export/items.json"))), ("b.json.gz", 0, gzip(b""))]
    {
        let md5 = BASE64_STANDARD.encode(Md5::digest(&content));
        let key = format!("AWSDynamoDB/01693685827463-2d8752fd/data/{file}");
        files += &format!(
            "{}\n",
            serde_json::json!({"itemCount": count, "md5Checksum": md5, "dataFileS3Key": key})
        );
        std::fs::write(folder.join("data").join(file), content).unwrap();
    }
    std::fs::write(folder.join("manifest-files.json"), files).unwrap();
    base
}

#[test]
fn an_exports_folder_is_held_against_its_manifests() {
    let base = export("whole");
    let folder = base.join("AWSDynamoDB/01693685827463-2d8752fd");
    let parts = folder::parts(&base).unwrap();
    assert_eq!(parts.iter().map(|part| part.items).collect::<Vec<_>>(), [3, 0]);
    assert_eq!(folder::parts(&folder).unwrap(), parts);
    assert!(matches!(folder::parts(&folder.join("data")), Err(FolderError::NoManifest)));

    let summary = folder.join("manifest-summary.json");
    let text = std::fs::read_to_string(&summary).unwrap();
    for (from, to) in
        [("FULL_EXPORT", "INCREMENTAL_EXPORT"), ("DYNAMODB_JSON", "ION"), (":3,", ":4,"), ("{", "")]
    {
        std::fs::write(&summary, text.replacen(from, to, 1)).unwrap();
        assert!(matches!(folder::parts(&base), Err(FolderError::Manifest { .. })), "{to}");
    }
    std::fs::write(&summary, text).unwrap();
    std::fs::write(folder.join("data/b.json.gz"), gzip(b"\n")).unwrap();
    assert!(matches!(folder::parts(&base), Err(FolderError::Altered(_))));
    std::fs::remove_file(folder.join("data/b.json.gz")).unwrap();
    assert!(matches!(folder::parts(&base), Err(FolderError::Missing(_))));
    std::fs::create_dir(base.join("other")).unwrap();
    std::fs::copy(&summary, base.join("other/manifest-summary.json")).unwrap();
    assert!(matches!(folder::parts(&base), Err(FolderError::Several(..))));
    std::fs::remove_dir_all(base).unwrap();
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        let _ = ExportReader::open(bytes.as_slice(), &InventoryAttributes::default()).map(|reader| reader.count());
    }
}
