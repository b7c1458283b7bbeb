//! The public key of an issuance and its alternative names, in every form in which a record may have it, and in none.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::KeyHash;
use rcgen::{CertificateParams, KeyPair, PublicKeyData};
use serde_json::{Value, json};

use super::{event, issue};
use crate::test_data;

/// A request in PEM and DER, what a CA would sign of it, and its key.
struct Made {
    pem: String,
    der: Vec<u8>,
    tbs: Vec<u8>,
    key: KeyHash,
}

/// Each name with its kind, and what it is asked for with.
const NAMES: [(&str, &str); 2] =
    [("DNS:sensor-1.example", "sensor-1.example"), ("IP:192.0.2.7", "192.0.2.7")];

fn made() -> Made {
    let pair = KeyPair::generate().unwrap();
    let params = CertificateParams::new(NAMES.map(|(_, name)| name.to_owned())).unwrap();
    let request = params.serialize_request(&pair).unwrap();
    let certificate = params.self_signed(&pair).unwrap();
    Made {
        pem: request.pem().unwrap(),
        der: request.der().to_vec(),
        tbs: inner(certificate.der()).to_vec(),
        key: KeyHash::of(&pair.subject_public_key_info()),
    }
}

/// The first element of a SEQUENCE of less than 64 KiB.
fn inner(der: &[u8]) -> &[u8] {
    let header = |der: &[u8]| match der[1] {
        0x81 => (3, usize::from(der[2])),
        0x82 => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
        short => (2, usize::from(short)),
    };
    let rest = &der[header(der).0..];
    let (start, length) = header(rest);
    &rest[..start + length]
}

fn asked(csr: Value) -> (Option<KeyHash>, Vec<String>) {
    let mut record = issue();
    record["requestParameters"]["csr"] = csr;
    said(&record)
}

fn said(record: &Value) -> (Option<KeyHash>, Vec<String>) {
    let event = event(record);
    (event.key, event.alternative_names)
}

fn names() -> Vec<String> {
    NAMES.map(|(name, _)| name.to_owned()).to_vec()
}

fn buffer(bytes: &[u8]) -> Value {
    json!({ "hb": bytes, "offset": 0, "isReadOnly": false, "position": bytes.len(), "address": 0 })
}

#[test]
fn key_and_names_of_a_request_are_read_in_any_form() {
    let Made { pem, der, key, .. } = made();
    let signed: Vec<i8> = der.iter().map(|byte| byte.cast_signed()).collect();
    for csr in [
        buffer(pem.as_bytes()),
        buffer(pem.replace('\n', "\r\n").as_bytes()),
        buffer(pem.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST").as_bytes()),
        buffer(&der),
        json!({ "hb": signed }),
        json!(pem),
        json!(STANDARD.encode(&pem)),
        json!(STANDARD.encode(&der)),
    ] {
        assert_eq!(asked(csr.clone()), (Some(key), names()), "{csr}");
    }
}

#[test]
fn key_and_names_of_a_certificate_are_read_from_what_was_signed() {
    let Made { tbs, key, .. } = made();
    let examples: Value = serde_json::from_slice(&test_data("cloudtrail/aws-examples.json")).unwrap();
    let details = examples["Records"].as_array().unwrap().iter();
    let mut details = details.filter(|record| record["eventName"] == "IssueCertificateDetails");
    let mut record = details.next().unwrap().clone();
    assert_eq!(said(&record), (None, vec![]), "AWS has left it out");
    record["serviceEventDetails"]["tbsCertificate"] = json!(STANDARD.encode(&tbs));
    assert_eq!(said(&record), (Some(key), names()));
    for wrong in [json!(STANDARD.encode(&tbs[..tbs.len() - 1])), json!(tbs), json!(null), json!("")] {
        record["serviceEventDetails"]["tbsCertificate"] = wrong;
        assert_eq!(said(&record), (None, vec![]));
    }
}

#[test]
fn of_many_or_long_names_as_many_are_kept_as_fit_and_nothing_in_them_hides() {
    let asked_for = |names: Vec<String>| {
        let params = CertificateParams::new(names).unwrap();
        let request = params.serialize_request(&KeyPair::generate().unwrap()).unwrap();
        asked(buffer(request.der())).1
    };
    let many = asked_for((0..500).map(|number| format!("sensor-{number}.example")).collect());
    assert!((50..500).contains(&many.len()), "{}", many.len());
    assert!(domain::foreign::stored_json(&many) < 4096);
    assert_eq!(many[0], "DNS:sensor-0.example");
    let long = asked_for(vec!["x".repeat(5000), "twice.example".to_owned(), "twice.example".to_owned()]);
    assert!(long[0].starts_with("DNS:xxx") && long[0].len() <= 300, "{long:?}");
    assert_eq!(long.len(), 2, "{long:?}");
    assert_eq!(asked_for(vec!["a\u{1b}[2Jb".to_owned()]), ["DNS:a\\1b[2Jb"]);
}

#[test]
fn a_hostile_or_cut_request_has_no_key_and_hides_nothing() {
    let Made { pem, der, .. } = made();
    let nested = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let long = format!("{pem}{}", " ".repeat(200_000));
    // A length of 2 GB, one that never ends, one of another form, and lengths within that are wrong.
    let lengths: [&[u8]; 4] = [
        &[0x30, 0x84, 0x7f, 0xff, 0xff, 0xff],
        &[0x30, 0x80],
        &[0x30, 0xff],
        &[0x30, 0x03, 0x30, 0x7f, 0x02],
    ];
    let mut cut = der.clone();
    // The length of the version.
    cut[8] = 0xff;
    let all = [
        json!({ "hb": [45, 45, "...10"] }),
        json!({ "hb": [45, 1000] }),
        json!({ "hb": [45.5] }),
        json!({ "hb": "LS0t" }),
        json!({ "hb": [] }),
        json!({}),
        json!(null),
        json!(17),
        json!(["a"]),
        json!(""),
        json!("-----BEGIN CERTIFICATE REQUEST-----"),
        json!("-----BEGIN CERTIFICATE REQUEST-----\n!!!\n-----END CERTIFICATE REQUEST-----\n"),
        json!(pem.replace("CERTIFICATE REQUEST", "PRIVATE KEY")),
        json!(&pem[..pem.len() / 2]),
        json!(long),
        serde_json::from_str(&nested).unwrap(),
        buffer(&cut),
    ];
    let short = (0..der.len()).step_by(7).map(|end| buffer(&der[..end]));
    for csr in all.into_iter().chain(lengths.map(buffer)).chain(short) {
        let mut record = issue();
        record["requestParameters"]["csr"] = csr.clone();
        let event = event(&record);
        assert_eq!(event.key, None, "{csr}");
        assert_eq!(event.serial.unwrap().to_string(), "0a1b2c", "{csr}");
    }
}
