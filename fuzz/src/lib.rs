//! What the fuzz targets do with their bytes; the tests of `feeds` do the same with bytes of their own on a stable compiler.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::inventory::InventoryAttributes;
use domain::trail::Proof;
use domain::{Serial, Timestamp, subject};
use feeds::Bad;
use feeds::export::ExportReader;
use feeds::kind::Kind;
use feeds::ocsp::Question;
use feeds::report::ReportReader;
use feeds::trail::key::{DigestKey, LogKey};
use feeds::trail::{Chain, Delivered, Digest, Known, LogReader, PublicKeys, Signature, Summary};
use serde_json::{Value, json};

fn read(bytes: &[u8]) -> Summary {
    let Ok(mut reader) = LogReader::open(bytes) else { return Summary::default() };
    let (mut kept, mut ended) = (0, false);
    for record in reader.by_ref() {
        assert!(!ended, "something follows the end");
        match record {
            Ok(record) => {
                assert!(serde_json::from_str::<&serde_json::value::RawValue>(&record.raw).is_ok());
                kept += 1;
            }
            Err(_) => ended = true,
        }
    }
    let summary = reader.finish();
    assert_eq!(summary.kept, kept);
    assert!(summary.kept + summary.unreadable.count <= summary.records);
    assert_eq!(summary.oldest.is_some(), kept > 0);
    summary
}

/// A whole file, gzip or plain.
pub fn log_file(bytes: &[u8]) {
    read(bytes);
}

/// One record within a good file: whatever another parser takes for one of Private CA is kept, or counted as unreadable.
pub fn record(bytes: &[u8]) {
    let Ok(record) = serde_json::from_slice::<Value>(bytes) else { return };
    let summary = read(&[b"{\"Records\":[", bytes, b"]}"].concat());
    let ours = record.get("eventSource").is_some_and(|source| source == "acm-pca.amazonaws.com");
    assert!(!ours || summary.kept + summary.unreadable.count > 0, "it was passed over");
}

/// The same bytes as the signing request of a record, in three forms, and as what was signed: where they are DER, all forms of
/// the request have the same key or none.
pub fn key(bytes: &[u8]) {
    let signed: Vec<i8> = bytes.iter().map(|byte| byte.cast_signed()).collect();
    let text = STANDARD.encode(bytes);
    let requests = [json!({ "hb": bytes }), json!({ "hb": signed }), json!(text)];
    let record = |name: &str, csr: &Value| {
        let record = json!({
            "eventID": "a", "eventTime": "2026-11-22T09:00:01Z", "eventSource": "acm-pca.amazonaws.com",
            "eventName": name, "requestParameters": { "csr": csr }, "serviceEventDetails": { "tbsCertificate": text },
        });
        let file = json!({ "Records": [record] }).to_string();
        let mut reader = LogReader::open(file.as_bytes()).unwrap();
        reader.next().unwrap().unwrap().event.key
    };
    let keys = requests.map(|csr| record("IssueCertificate", &csr));
    assert_eq!(keys[0], keys[1]);
    assert!(bytes.first() != Some(&0x30) || keys[0] == keys[2]);
    record("IssueCertificateDetails", &Value::Null);
}

/// A digest and a list of public keys. None of this is signed, so none of it is proven.
pub fn digest(bytes: &[u8]) {
    let keys = PublicKeys::from_json(bytes).unwrap_or_default();
    let digest = Digest::read(bytes).map_err(|error| error.to_string());
    let key = digest.as_ref().map_or("", |digest| digest.object.as_str());
    let Ok(name) = key.parse::<DigestKey>() else { return };
    for signature in [Signature::Absent, Signature::Unknown, Signature::Given("00ff")] {
        let digest = digest.as_ref().map_err(String::as_str);
        let delivered = Delivered { bucket: None, key, name: &name, digest, signature };
        let mut chain = Chain::default();
        for _ in 0..2 {
            let verdict = chain.feed(&delivered, &keys, |_| Known::Absent);
            assert!(verdict.proven.is_none() && verdict.vouched.is_empty());
            assert!(verdict.problems.iter().all(|problem| problem.proof != Proof::Proven));
        }
    }
}

/// A CRL and the CA that signed it, and the CA of the responses that there are.
const LIST: &[u8] = include_bytes!("../../crates/feeds/test_data/crl/crl-partition.der");
const LISTED_BY: &[u8] = include_bytes!("../../crates/feeds/test_data/crl/ca-printable.pem");
const ANSWERED_BY: &[u8] = include_bytes!("../../crates/feeds/test_data/ocsp/ca.pem");

/// A response of an OCSP responder, and a CRL. No response is of this time, and only one list is signed, so that nothing else
/// proves anything.
pub fn proof(bytes: &[u8]) {
    let serial: Serial = "0a6707447683a9b7f4055627ffd55ceb".parse().unwrap();
    let question = Question::new(ANSWERED_BY, serial, [7; 32]).unwrap();
    assert!(question.read(bytes, Timestamp::from_unix(0).unwrap()).is_err());
    let list = feeds::crl::read(bytes, LISTED_BY, &BTreeSet::from([serial]));
    assert!(list.is_err() || bytes == LIST);
}

/// A report and an inventory, whatever their kind. What is another kind gives no record, and nothing follows an end.
pub fn records(bytes: &[u8]) {
    let kind = Kind::of(bytes);
    assert!(!kind.label().is_empty() && !kind.remedy_for_report().is_empty());
    assert!(!kind.remedy_for_inventory().is_empty());
    if let Ok(rows) = ReportReader::open(bytes, None) {
        ends_once(rows);
    }
    let attributes = InventoryAttributes::default();
    // Arbitrary bytes seldom begin as a kind does.
    for beginning in
        ["", "$ion_1_0 ", "device_id;cert_serial;ca_arn\n", "[{\"device_id\":\"a\"},", "{\"Items\":["]
    {
        let bytes = [beginning.as_bytes(), bytes].concat();
        if let Ok(items) = ExportReader::open(bytes.as_slice(), &attributes) {
            ends_once(items);
        }
    }
}

fn ends_once<T>(records: impl Iterator<Item = Result<T, Bad>>) {
    let mut ended = false;
    for record in records {
        assert!(!ended, "something follows the end");
        ended = matches!(record, Err(Bad::CutShort(_) | Bad::Io(_)));
    }
}

/// One text as a certificate, a serial number, a time, a subject and a key: what is read is written and read again as the same.
pub fn value(bytes: &[u8]) {
    let _ = feeds::x509::read(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok((serial, decimal)) = Serial::read(text) {
        for serial in [Some(serial), decimal].into_iter().flatten() {
            assert_eq!(serial.to_string().parse(), Ok(serial));
            assert_eq!(serial.colons().parse(), Ok(serial));
        }
        assert_ne!(decimal, Some(serial));
    }
    let _ = Serial::from_decimal(text);
    if let Ok(moment) = text.parse::<Timestamp>() {
        assert_eq!(moment.to_string().parse(), Ok(moment));
        assert!(moment <= moment.latest());
    }
    let _ = Timestamp::from_number(text);
    assert!(subject::same(text, text));
    let half = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    let (one, other) = text.split_at(half);
    let _ = (subject::same(one, other), subject::common_name(text));
    let _ = (text.parse::<LogKey>(), text.parse::<DigestKey>());
}
