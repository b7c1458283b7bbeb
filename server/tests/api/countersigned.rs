//! `countersign ledger verify` reads what the log says of revocations: each was decided, and the CA says the same.

use std::fs;

use domain::ledger::decided::{APPROVALS_NEEDED, HASH, REQUEST, TARGETS};
use domain::ledger::{Action, Body, Object, Who, written};
use domain::people::{Person, PersonId};
use domain::{RequestId, Timestamp};

use crate::ledger::{Stored, says};

const REQUEST_ID: &str = "0193533a-0000-7000-8000-000000000001";
const AUTHORITY: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

fn at() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn body(by: &str, action: Action) -> Body {
    let id = PersonId::new("https://login.example.com", by).unwrap();
    let person = Person { id, name: by.to_owned(), human: None };
    let object = Object::Request(REQUEST_ID.parse::<RequestId>().unwrap());
    Body::new(at(), Who::Person { person, roles: Vec::new() }, action, object).with(HASH, "h")
}

fn revoked(serial: &str) -> Body {
    let object =
        Object::Certificate { authority: AUTHORITY.parse().unwrap(), serial: serial.parse().unwrap() };
    let who = Who::System { part: "executor".to_owned() };
    Body::new(at(), who, Action::CertificateRevoked, object).with(REQUEST, REQUEST_ID)
}

/// A log in which two people agreed to revoke one certificate, and it was revoked.
fn of_a_revocation(name: &str) -> Stored {
    let stored = Stored::new(name, 0);
    let bodies = [
        body("anna", Action::RevocationRequested).with(APPROVALS_NEEDED, 2).with(TARGETS, 1),
        body("ben", Action::RevocationApproved),
        body("eva", Action::RevocationApproved),
        revoked("0a"),
    ];
    let entries = bodies.iter().map(|body| written("id", body).unwrap().into_bytes()).collect();
    Stored::of(stored.folder, stored.key, entries)
}

#[test]
fn a_revocation_that_nobody_decided_is_named() {
    let mut stored = of_a_revocation("decided");
    let said = says(&stored.verify(&[]), 0);
    assert!(said.contains("ok      1 revocations, each by a request that was decided before"), "{said}");
    assert!(said.contains("Not looked at: the ID tokens of 2 decisions"), "{said}");
    let whole = stored.entries.clone();
    for (left_out, why) in [
        (
            2,
            "Entry 3 does not follow from those before it: the request 0193533a-0000-7000-8000-000000000001 has 1 of the 2",
        ),
        (0, "Entry 3 does not follow from those before it: nobody has asked for the request"),
    ] {
        stored.entries = whole.clone();
        stored.entries.remove(left_out);
        drop(fs::remove_dir_all(stored.log()));
        stored.publish();
        let said = says(&stored.verify(&[]), 2);
        assert!(said.contains(why), "{said}");
    }
    stored.entries = whole;
    stored.entries.push(written("id", &revoked("0b")).unwrap().into_bytes());
    drop(fs::remove_dir_all(stored.log()));
    stored.publish();
    assert!(says(&stored.verify(&[]), 2).contains("is about 1 certificates, and one more was revoked"));
}

#[test]
fn a_decision_that_names_no_id_token_is_not_proven() {
    let stored = of_a_revocation("unproven");
    let (decisions, keys) = (stored.folder.join("decisions"), stored.folder.join("keys.json"));
    fs::create_dir_all(&decisions).unwrap();
    fs::write(&keys, r#"{"keys": []}"#).unwrap();
    let given = ["--decisions", decisions.to_str().unwrap(), "--provider-keys", keys.to_str().unwrap()];
    let said = says(&stored.verify(&given), 2);
    assert!(said.contains("FAILED  Entry 2: the decision on the request"), "{said}");
    assert!(said.contains("names no ID token that proves it"), "{said}");
}

#[test]
fn what_the_ca_says_of_revocations_is_held_against_the_log() {
    let stored = of_a_revocation("report");
    let file = stored.folder.join("report.json");
    let row = |serial: &str, revoked: Option<&str>| {
        let mut row = serde_json::json!({
            "awsAccountId": "111122223333",
            "certificateArn": format!("{AUTHORITY}/certificate/{}", serial.replace(':', "")),
            "serial": serial,
            "subject": "CN=sensor",
            "notBefore": "2026-01-01T00:00:00+0000",
            "notAfter": "2027-01-01T00:00:00+0000",
            "issuedAt": "2026-01-01T00:00:00+0000",
            "templateArn": "arn:aws:acm-pca:::template/EndEntityCertificate/V1",
        });
        if let Some(at) = revoked {
            row["revokedAt"] = at.into();
            row["revocationReason"] = "KEY_COMPROMISE".into();
        }
        row
    };
    let verify = |rows: Vec<serde_json::Value>| {
        fs::write(&file, serde_json::Value::from(rows).to_string()).unwrap();
        stored.verify(&["--report", file.to_str().unwrap()])
    };
    let (now, later) = (Some("2026-11-22T12:00:00+0000"), Some("2026-11-22T13:00:00+0000"));
    let said = says(&verify(vec![row("0a", now), row("0c", None)]), 0);
    assert!(
        said.contains(
            "ok      1 revocations of the report are in the log, and those of the log that it knows are there"
        ),
        "{said}"
    );
    let said = says(&verify(vec![row("0a", now), row("0b", later)]), 2);
    assert!(said.contains("The certificate 0b of arn:aws:acm-pca"), "{said}");
    assert!(said.contains("says the report, and by no decided request in the log"), "{said}");
    let mut issued_later = row("0c", None);
    issued_later["issuedAt"] = later.into();
    let said = says(&verify(vec![row("0a", None), issued_later]), 2);
    assert!(
        said.contains("Entry 4 says that the certificate 0a of")
            && said.contains("the report has nothing of it"),
        "{said}"
    );
    let said = says(&verify(vec![row("0a", None)]), 0);
    assert!(said.contains("Not judged: 1 revocations of the log"), "{said}");
    let missing = stored.verify(&["--report", "/nowhere"]);
    assert_eq!(missing.status.code(), Some(1));
}

#[test]
fn the_trail_is_held_against_the_log() {
    let stored = of_a_revocation("trail");
    let folder = stored.folder.join("trail/AWSLogs/111122223333/CloudTrail/eu-central-1/2026/11/22");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("111122223333_CloudTrail_eu-central-1_20261122T1205Z_0000000000000001.json");
    let call = |serial: &str, time: &str, failed: bool| {
        let mut call = serde_json::json!({
            "eventVersion": "1.08",
            "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/jobs/x", "accountId": "111122223333"},
            "eventTime": time,
            "eventSource": "acm-pca.amazonaws.com",
            "eventName": "RevokeCertificate",
            "awsRegion": "eu-central-1",
            "sourceIPAddress": "10.0.0.1",
            "userAgent": "aws-sdk-rust",
            "requestParameters": {
                "certificateAuthorityArn": AUTHORITY,
                "certificateSerial": serial,
                "revocationReason": "KEY_COMPROMISE",
            },
            "responseElements": null,
            "requestID": "01234567-89ab-cdef-0123-456789abcdef",
            "eventID": format!("7ed0a6a0-3f4f-4e3c-9a34-0000000000{}", serial.replace(':', "")),
            "readOnly": false,
            "eventType": "AwsApiCall",
            "recipientAccountId": "111122223333",
        });
        if failed {
            call["errorCode"] = "ThrottlingException".into();
        }
        call
    };
    let verify = |calls: Vec<serde_json::Value>| {
        fs::write(&file, serde_json::json!({ "Records": calls }).to_string()).unwrap();
        stored.verify(&["--trail", stored.folder.join("trail").to_str().unwrap()])
    };
    let (early, now, late) = ("2026-11-22T11:00:00Z", "2026-11-22T12:00:00Z", "2026-11-22T13:00:00Z");
    let said = says(&verify(vec![call("0c", early, true), call("0a", now, false)]), 0);
    assert!(
        said.contains(
            "ok      1 revocations of the trail are in the log, and those of the log that it knows are there"
        ),
        "{said}"
    );
    assert!(said.contains("countersign trail verify"), "{said}");
    let said = says(&verify(vec![call("0a", now, false), call("0b", late, false)]), 2);
    assert!(said.contains("The certificate 0b of") && said.contains("says the trail"), "{said}");
    let said = says(&verify(vec![call("0c", early, true), call("0c", late, true)]), 2);
    assert!(
        said.contains("Entry 4 says that the certificate 0a of")
            && said.contains("the trail has nothing of it"),
        "{said}"
    );
}
