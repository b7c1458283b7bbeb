//! The record of an answered call of Private CA, in the shapes of the Private CA user guide.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::envelope::ApiCall;
use super::identity;
use crate::keys::Role;
use crate::pca::{ApiError, Call, Caller};

/// Members of requests that are bytes: records show them as the Java buffer that held them.
const BUFFERS: [&str; 3] = ["Csr", "Certificate", "CertificateChain"];

/// The record. A caller on this machine is taken to be where its role is.
pub(super) fn of(call: &Call, caller: &Caller, role: Role) -> Value {
    let local = caller.source_ip.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let at = caller.at.into();
    let refused = call.answer.as_ref().err().map(error);
    // What a policy refused is recorded without what was asked for.
    let denied = refused.is_some_and(|(code, _)| code == DENIED);
    ApiCall {
        at,
        service: "acm-pca",
        operation: &call.operation,
        identity: identity::of(role.identity(), &caller.access_key, at),
        address: if local { role.address() } else { &caller.source_ip },
        agent: &caller.user_agent,
        request: if denied { Value::Null } else { request(&call.parameters) },
        response: call.answer.as_ref().map_or(Value::Null, |answer| response(&call.operation, answer)),
        error: refused,
        request_id: caller.request_id.clone(),
    }
    .record()
}

/// The record of an answered call of IAM. At AWS it is in the files of us-east-1; the sandbox has one Region, and one set of files.
pub(super) fn of_iam(call: &Call, caller: &Caller, role: Role) -> Value {
    let mut record = of(call, caller, role);
    record["eventSource"] = "iam.amazonaws.com".into();
    record["awsRegion"] = "us-east-1".into();
    if let Some(tls) = record.get_mut("tlsDetails") {
        tls["clientProvidedHostHeader"] = "iam.amazonaws.com".into();
    }
    record
}

/// CloudTrail's name for what clients know as AccessDeniedException.
const DENIED: &str = "AccessDenied";

fn error(error: &ApiError) -> (&str, &str) {
    let code = if error.code == "AccessDeniedException" { DENIED } else { error.code };
    (code, &error.message)
}

fn request(parameters: &Value) -> Value {
    match parameters {
        Value::Object(members) if members.is_empty() => Value::Null,
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let buffer = value.as_str().filter(|_| BUFFERS.contains(&name.as_str())).and_then(buffer);
                (camel(name), buffer.unwrap_or_else(|| request_member(value)))
            };
            members.iter().map(member).collect::<Map<_, _>>().into()
        }
        _ => Value::Null,
    }
}

/// The same value with its members' names in CloudTrail's case.
fn request_member(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (camel(name), request_member(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(values) => values.iter().map(request_member).collect(),
        plain => plain.clone(),
    }
}

/// `certificateArn` of `CertificateArn`.
fn camel(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// A serialised `java.nio.HeapByteBuffer` of what the base64 encodes.
fn buffer(base64: &str) -> Option<Value> {
    let bytes = STANDARD.decode(base64).ok()?;
    let length = bytes.len();
    Some(json!({
        "hb": bytes,
        "offset": 0,
        "isReadOnly": false,
        "bigEndian": true,
        "nativeByteOrder": false,
        "mark": -1,
        "position": length,
        "limit": length,
        "capacity": length,
        "address": 0,
    }))
}

/// What is recorded of an answer: only what was made.
fn response(operation: &str, answer: &Value) -> Value {
    let members: &[&str] = match operation {
        "IssueCertificate" => &["CertificateArn"],
        "CreateCertificateAuthority" => &["CertificateAuthorityArn"],
        "CreateCertificateAuthorityAuditReport" => &["AuditReportId", "S3Key"],
        _ => return Value::Null,
    };
    members.iter().map(|&name| (camel(name), answer[name].clone())).collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn record(operation: &str, parameters: Value, answer: Result<Value, ApiError>, from: &str) -> Value {
        let role = Role::Provisioning;
        let caller = Caller {
            at: datetime!(2026-11-22 12:47:35.5 UTC).into(),
            request_id: "r-1".to_owned(),
            access_key: role.access_key_id(),
            principal: role.identity().arn(),
            source_ip: from.to_owned(),
            user_agent: "agent".to_owned(),
        };
        let call = Call { caller: None, operation: operation.to_owned(), parameters, answer };
        of(&call, &caller, role)
    }

    #[test]
    fn an_issuance_has_the_shape_of_the_user_guide() {
        let parameters = json!({
            "CertificateAuthorityArn": "arn:ca",
            "Csr": STANDARD.encode("--\n"),
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Validity": { "Type": "DAYS", "Value": 365 },
            "IdempotencyToken": "1234",
        });
        let answer = Ok(json!({ "CertificateArn": "arn:ca/certificate/0a" }));
        let record = record("IssueCertificate", parameters, answer, "127.0.0.1");
        assert_eq!(
            record["requestParameters"],
            json!({
                "certificateAuthorityArn": "arn:ca",
                "csr": {
                    "hb": [45, 45, 10], "offset": 0, "isReadOnly": false, "bigEndian": true,
                    "nativeByteOrder": false, "mark": -1, "position": 3, "limit": 3, "capacity": 3, "address": 0,
                },
                "signingAlgorithm": "SHA256WITHECDSA",
                "validity": { "type": "DAYS", "value": 365 },
                "idempotencyToken": "1234",
            })
        );
        assert_eq!(record["responseElements"], json!({ "certificateArn": "arn:ca/certificate/0a" }));
        assert_eq!(record["eventTime"], "2026-11-22T12:47:35Z");
        assert_eq!(record["eventSource"], "acm-pca.amazonaws.com");
        assert_eq!(record["sourceIPAddress"], "10.20.0.15");
        assert!(record.get("errorCode").is_none());
        let identity = &record["userIdentity"];
        assert_eq!(identity["type"], "AssumedRole");
        assert_eq!(identity["arn"], "arn:aws:sts::111122223333:assumed-role/provisioning/fleet");
        let session = &identity["sessionContext"];
        assert_eq!(session["sessionIssuer"]["arn"], "arn:aws:iam::111122223333:role/service/provisioning");
        assert_eq!(
            session["attributes"],
            json!({ "creationDate": "2026-11-22T12:00:00Z", "mfaAuthenticated": "false" })
        );
    }

    #[test]
    fn a_revocation_has_no_response_and_a_stranger_has_an_address() {
        let parameters = json!({ "CertificateSerial": "67:07", "RevocationReason": "KEY_COMPROMISE" });
        let record = record("RevokeCertificate", parameters, Ok(Value::Null), "192.0.2.66");
        assert_eq!(
            record["requestParameters"],
            json!({ "certificateSerial": "67:07", "revocationReason": "KEY_COMPROMISE" })
        );
        assert_eq!(record["responseElements"], Value::Null);
        assert_eq!(record["sourceIPAddress"], "192.0.2.66");
    }

    #[test]
    fn a_failure_says_why_and_a_refusal_does_not_say_what_was_asked() {
        let parameters = json!({ "CertificateAuthorityArn": "arn:ca" });
        let failed = Err(ApiError::invalid_state("not now"));
        let record_of = |answer| record("IssueCertificate", parameters.clone(), answer, "::1");
        let failed = record_of(failed);
        assert_eq!(
            (&failed["errorCode"], &failed["errorMessage"]),
            (&json!("InvalidStateException"), &json!("not now"))
        );
        assert_eq!(failed["requestParameters"], json!({ "certificateAuthorityArn": "arn:ca" }));
        assert_eq!(failed["responseElements"], Value::Null);
        let denied = record_of(Err(ApiError::access_denied("User: x is not authorized to perform: y")));
        assert_eq!(denied["errorCode"], "AccessDenied");
        assert_eq!(denied["requestParameters"], Value::Null);
    }

    #[test]
    fn a_report_says_where_it_will_be() {
        let parameters = json!({ "S3BucketName": "b", "AuditReportResponseFormat": "JSON" });
        let answer = Ok(json!({ "AuditReportId": "1", "S3Key": "audit-report/1.json" }));
        let record = record("CreateCertificateAuthorityAuditReport", parameters, answer, "127.0.0.1");
        assert_eq!(record["requestParameters"]["s3BucketName"], "b");
        assert_eq!(
            record["responseElements"],
            json!({ "auditReportId": "1", "s3Key": "audit-report/1.json" })
        );
    }
}
