//! What every record has around its own content (CloudTrail user guide, "CloudTrail record contents").

use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::clock::iso;
use crate::keys::{ACCOUNT, REGION};

/// A call of an API. Without a caller's error it succeeded.
pub(super) struct ApiCall<'a> {
    pub(super) at: OffsetDateTime,
    /// `acm-pca` of `acm-pca.amazonaws.com`.
    pub(super) service: &'a str,
    pub(super) operation: &'a str,
    pub(super) identity: Value,
    pub(super) address: &'a str,
    pub(super) agent: &'a str,
    pub(super) request: Value,
    pub(super) response: Value,
    /// Code and message.
    pub(super) error: Option<(&'a str, &'a str)>,
    pub(super) request_id: String,
}

impl ApiCall<'_> {
    /// The record. Most have today's version of the format; some have an older one, as long trails do.
    pub(super) fn record(self) -> Value {
        let id = Uuid::new_v4();
        let version = match id.as_bytes()[0] {
            0..=7 => "1.05",
            8..=15 => "1.08",
            16..=23 => "1.09",
            _ => "1.11",
        };
        let mut record = json!({
            "eventVersion": version,
            "userIdentity": self.identity,
            "eventTime": iso(self.at),
            "eventSource": format!("{}.amazonaws.com", self.service),
            "eventName": self.operation,
            "awsRegion": REGION,
            "sourceIPAddress": self.address,
            "userAgent": self.agent,
            "requestParameters": self.request,
            "responseElements": self.response,
            "requestID": self.request_id,
            "eventID": id.to_string(),
            "eventType": "AwsApiCall",
            "recipientAccountId": ACCOUNT,
        });
        if let Some((code, message)) = self.error {
            record["errorCode"] = code.into();
            record["errorMessage"] = message.into();
        }
        if version != "1.05" {
            record["readOnly"] = read_only(self.operation).into();
            record["managementEvent"] = true.into();
            record["eventCategory"] = "Management".into();
        }
        if version == "1.11" && !self.address.ends_with(".amazonaws.com") {
            record["tlsDetails"] = json!({
                "tlsVersion": "TLSv1.3",
                "cipherSuite": "TLS_AES_128_GCM_SHA256",
                "clientProvidedHostHeader": format!("{}.{REGION}.amazonaws.com", self.service),
            });
        }
        record
    }
}

/// Something that Private CA did by itself.
pub(super) fn service_event(
    at: OffsetDateTime,
    name: &str,
    resources: &[(&str, &str)],
    details: Option<Value>,
) -> Value {
    let service = "acm-pca.amazonaws.com";
    let resource = |&(kind, arn): &(&str, &str)| json!({ "accountId": ACCOUNT, "type": kind, "ARN": arn });
    let mut record = json!({
        "eventVersion": "1.08",
        "userIdentity": super::identity::private_ca(),
        "eventTime": iso(at),
        "eventSource": service,
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": service,
        "userAgent": service,
        "requestParameters": null,
        "responseElements": null,
        "eventID": Uuid::new_v4().to_string(),
        "readOnly": false,
        "resources": resources.iter().map(resource).collect::<Vec<_>>(),
        "eventType": "AwsServiceEvent",
        "managementEvent": true,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    });
    if let Some(details) = details {
        record["serviceEventDetails"] = details;
    }
    record
}

fn read_only(operation: &str) -> bool {
    ["Get", "List", "Describe"].iter().any(|verb| operation.starts_with(verb))
}
