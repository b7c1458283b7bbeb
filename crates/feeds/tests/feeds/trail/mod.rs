//! CloudTrail's files: records, log files, digests and the chain of them.

mod access;
mod chain;
pub mod forge;
mod fuzz;
mod key;
mod log;
mod record;
mod verification;

use std::time::Duration;

use domain::trail::Event;
use feeds::Bad;
use feeds::trail::{LogReader, Record, Summary};
use serde_json::{Value, json};

use self::forge::Forge;
use crate::CA;

/// What came of a log file.
pub struct Read {
    pub records: Vec<Record>,
    pub summary: Summary,
    pub cut_short: Option<String>,
}

pub fn read(bytes: &[u8]) -> Read {
    let mut reader = LogReader::open(bytes).unwrap();
    let (mut records, mut cut_short) = (Vec::new(), None);
    for record in reader.by_ref() {
        assert_eq!(cut_short, None, "something follows the end");
        match record {
            Ok(record) => records.push(record),
            Err(Bad::CutShort(why)) => cut_short = Some(why),
            Err(other) => panic!("{other}"),
        }
    }
    let summary = reader.finish();
    assert_eq!(summary.kept, records.len() as u64);
    assert!(summary.records >= summary.kept + summary.unreadable.count);
    Read { records, summary, cut_short }
}

/// Begins a new chain of digests, this much later; gives what was before.
pub fn stop(forge: &mut Forge, gap: Duration) -> Forge {
    let before = forge.clone();
    (forge.digests, forge.now) = (Vec::new(), forge.now.plus(gap));
    before
}

/// A log file of these records.
pub fn file(records: &[Value]) -> Vec<u8> {
    serde_json::to_vec(&json!({ "Records": records })).unwrap()
}

/// The event of one record, which must be one.
pub fn event(record: &Value) -> Event {
    let mut read = read(&file(std::slice::from_ref(record)));
    assert_eq!((read.cut_short, read.summary.unreadable.examples), (None, Vec::new()), "{record:#}");
    read.records.pop().unwrap_or_else(|| panic!("not kept: {record:#}")).event
}

/// IssueCertificate by an assumed role, as CloudTrail writes it today.
pub fn issue() -> Value {
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLE:fleet-7",
            "arn": "arn:aws:sts::111122223333:assumed-role/provisioning/fleet-7",
            "accountId": "111122223333",
            "accessKeyId": "ASIAEXAMPLE",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROAEXAMPLE",
                    "arn": "arn:aws:iam::111122223333:role/service/provisioning",
                    "accountId": "111122223333",
                    "userName": "provisioning"
                },
                "attributes": {"creationDate": "2026-11-22T08:00:00Z", "mfaAuthenticated": "false"}
            }
        },
        "eventTime": "2026-11-22T09:00:01Z",
        "eventSource": "acm-pca.amazonaws.com",
        "eventName": "IssueCertificate",
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "10.20.0.15",
        "userAgent": "aws-sdk-rust/1.3",
        "requestParameters": {
            "certificateAuthorityArn": CA,
            "csr": {"hb": [45, 45, 10], "offset": 0, "isReadOnly": false},
            "signingAlgorithm": "SHA256WITHRSA",
            "templateArn": "arn:aws:acm-pca:::template/EndEntityCertificate/V1",
            "validity": {"value": 365, "type": "DAYS"},
            "idempotencyToken": "1234"
        },
        "responseElements": {"certificateArn": format!("{CA}/certificate/0a1b2c")},
        "requestID": "5f3c7c1e-0000-4000-8000-000000000001",
        "eventID": "7ed0a6a0-3f4f-4e3c-9a34-000000000001",
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3"}
    })
}
