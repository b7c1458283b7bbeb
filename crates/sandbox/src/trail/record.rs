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
