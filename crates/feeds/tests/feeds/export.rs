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
    assert_eq!(refused(b"\xe0\x01\x00\xea\xee"), Kind::Ion);
    assert_eq!(refused(b"2\tNone\t2\nITEMS\n"), Kind::CliText);
    assert_eq!(refused(b"device_id,cert_serial\rsensor-1,0a\r"), Kind::CarriageReturns);
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
        [whole.as_slice(), b"[]"].concat(),
        [whole.as_slice(), br#"{"Items": [], "Count": 1}"#].concat(),
    ] {
        assert!(read(&part).cut_short.is_some(), "{}", String::from_utf8_lossy(&part));
    }
    let page = scan(2, r#""Count": 2, "LastEvaluatedKey": {"device_id": {"S": "a"}}"#);
    assert_eq!(read(&[page, whole.clone()].concat()).records.len(), 5);
    let odd = String::from_utf8(whole).unwrap().replacen("{\"S\":\"0a\"}", "[]", 1);
    let outcome = read(odd.as_bytes());
    assert_eq!((outcome.records.len(), outcome.unreadable.len(), outcome.cut_short), (2, 1, None));
}

/// (serial, issued_at, revoked_at) of each item.
fn known(bytes: &[u8]) -> Vec<(String, Option<i64>, Option<i64>)> {
    let outcome = read(bytes);
    let text = String::from_utf8_lossy(bytes);
    assert_eq!((outcome.unreadable, outcome.cut_short), (vec![], None), "{text}");
    let unix = |at: Option<domain::Timestamp>| at.map(domain::Timestamp::unix);
    let read = outcome.records.into_iter();
    read.map(|item| (item.serial.to_string(), unix(item.issued_at), unix(item.revoked_at))).collect()
}

#[test]
fn items_are_read_that_other_programs_have_made_of_a_table() {
    let plain = format!(
        r#"{{"device_id": "a", "cert_serial": "0a67f0", "ca_arn": "{CA}", "issued_at": 1793520000, "revoked_at": null, "tags": ["x"]}}"#
    );
    let typed = format!(
        r#"{{"device_id":{{"S":"a"}},"cert_serial":{{"S":"0a67f0"}},"ca_arn":{{"S":"{CA}"}},"issued_at":{{"N":"1793520000"}},"tags":{{"L":[]}}}}"#
    );
    let pretty = |item: &str| {
        let item: serde_json::Value = serde_json::from_str(item).unwrap();
        serde_json::to_string_pretty(&item).unwrap()
    };
    let ion = format!(
        "$ion_1_0 {{Item:{{device_id:\"a\",cert_serial:\"0a67f0\",'ca_arn':\"{CA}\",issued_at:179352d4,revoked_at:null,tags:$dynamodb_SS::[\"x\"]}}}}"
    );
    let comma = format!(
        "\"cert_serial\",\"device_id\",\"ca_arn\",\"issued_at\"\r\n\"0a67f0\",\"a\",\"{CA}\",\"1793520000\"\r\n"
    );
    let semicolon = format!(
        "sep=;\r\nDevice_ID;cert_serial (S);ca_arn;issued_at (N);note;revoked_at\r\na;0a67f0;{CA};1793520000;\"x;\r\ny\";\r\n;;;;;\r\n"
    );
    let tabs = format!("device_id\tcert_serial\tca_arn\tissued_at\na\t0A:67:F0\t{CA}\t2026-11-01 08:00:00");
    for (times, text) in [
        (1, plain.clone()),
        (2, format!("{plain}\n{plain}\n")),
        (2, format!("[{plain}, {plain}]")),
        (2, format!("[{typed},\n{typed}]\n")),
        (2, format!("{0}\n{0}\n", pretty(&typed))),
        (2, format!("{0}\n{0}", pretty(&format!(r#"{{"Item": {typed}}}"#)))),
        (1, format!(r#"{{"Items": [{plain}], "Count": 1, "ScannedCount": 1}}"#)),
        (2, format!("{ion}\n{ion}\n")),
        (1, comma),
        (1, semicolon),
        (1, tabs),
    ] {
        let item = ("0a67f0".to_owned(), Some(1_793_520_000), None);
        for bytes in [text.clone().into_bytes(), gzip(text.as_bytes()), utf16(text.as_bytes(), true)] {
            assert_eq!(known(&bytes), vec![item.clone(); times], "{text}");
        }
    }
}

#[test]
fn a_number_that_was_rounded_is_no_serial_number() {
    let item = |serial: &str| {
        let text = format!(r#"[{{"device_id": "a", "cert_serial": {serial}, "ca_arn": "{CA}"}}]"#);
        read(text.as_bytes())
    };
    let exact = item("13827439872364918723649187236491872364").records;
    assert_eq!(exact[0].serial_key, "13827439872364918723649187236491872364");
    let rounded = item("1.3827439872364919e+37");
    assert_eq!(
        rounded.unreadable,
        ["item 1: cert_serial is a number that was rounded on its way; keep it as text"]
    );
}

#[test]
fn a_table_without_what_names_a_certificate_is_none() {
    let refused = |text: &str| {
        let attributes = InventoryAttributes::default();
        ExportReader::open(text.as_bytes(), &attributes).map(Iterator::count).unwrap_err().to_string()
    };
    let missing = "this table is no inventory: the column ca_arn is missing";
    assert_eq!(refused("device_id,cert_serial\na,0a\n"), missing);
    let repeated = "this table is no inventory: the column device_id is there more than once";
    assert_eq!(refused("device_id;cert_serial;ca_arn;DEVICE_ID\n"), repeated);
    let torn = read(format!("device_id,cert_serial,ca_arn\na,0a,{CA}\nb,0b").as_bytes());
    assert!(torn.records.len() == 1 && torn.cut_short.is_some(), "{torn:?}");
    let odd = format!("device_id,cert_serial,ca_arn\na,1.38E+37,{CA}\nb,0b\nc,0c,{CA}\rd,0d,{CA}\n");
    let odd = read(odd.as_bytes());
    assert_eq!((odd.records.len(), odd.unreadable.len()), (0, 3), "{odd:?}");
}

#[test]
fn ion_that_would_take_the_stack_is_not_read() {
    let deep = |count: usize| format!("$ion_1_0 {{Item:{{a:{}{}}}}}\n", "[".repeat(count), "]".repeat(count));
    let outcome = read(deep(90).as_bytes());
    assert_eq!(outcome.unreadable, ["line 1: cert_serial is missing"]);
    let outcome = read(deep(100_000).as_bytes());
    assert_eq!(outcome.unreadable, ["line 1: it has more than 100 brackets"]);
    let odd = ["$ion_1_1 {Item:{}}", "$ion_1_0 {Item:{}} {Item:{}}", "$ion_1_0 {item:{}}", "{Item:{a:'''"];
    for line in odd {
        let outcome = read(format!("$ion_1_0 {{Item:{{}}}}\n{line}\n").as_bytes());
        assert_eq!(outcome.unreadable.len(), 2, "{line}");
    }
}

#[test]
fn ion_that_is_not_utf_8_is_not_read() {
    let outcome = read(b"$ion_1_0 {Item:{}}\n$ion_1_0 {Item:{a:\"\\n\x80\"}}\n");
    assert_eq!(outcome.unreadable.len(), 2, "{outcome:?}");
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
        [("FULL_EXPORT", "INCREMENTAL_EXPORT"), ("DYNAMODB_JSON", "PARQUET"), (":3,", ":4,"), ("{", "")]
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
