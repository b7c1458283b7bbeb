//! Records of other services: an account's trail is full of them.

use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::envelope::ApiCall;
use super::identity;
use crate::keys::{ACCOUNT, Role};

/// A few calls of other services between the two times.
pub(super) fn between(from: OffsetDateTime, to: OffsetDateTime) -> Vec<Value> {
    let mut random = rand::rng();
    let seconds = (to - from).whole_seconds().max(0);
    let count = random.random_range(2..=5);
    (0..count)
        .map(|_| {
            let at = from + time::Duration::seconds(random.random_range(0..=seconds));
            let make = MAKERS.choose(&mut random).unwrap_or(&MAKERS[0]);
            make(at)
        })
        .collect()
}

/// The administrator starts or stops logging, or anything else that is done to a trail.
pub(super) fn trail_call(at: OffsetDateTime, operation: &str) -> Value {
    by(Role::Administrator, at, "cloudtrail", operation, json!({ "name": super::arn() }))
}

const MAKERS: [fn(OffsetDateTime) -> Value; 6] = [
    |at| by_service(at, "cloudtrail", "s3", "GetBucketAcl", json!({ "bucketName": "countersign-trail" })),
    |at| by_service(at, "config", "acm-pca", "ListCertificateAuthorities", json!({ "maxResults": 100 })),
    |at| {
        let mut record = by_service(at, "ec2", "sts", "AssumeRole", Value::Null);
        let role = format!("arn:aws:iam::{ACCOUNT}:role/service/provisioning");
        record["requestParameters"] = json!({ "roleArn": role, "roleSessionName": "i-0f1e2d3c4b5a69788" });
        record["resources"] = json!([{ "accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": role }]);
        record
    },
    |at| {
        by(Role::Provisioning, at, "dynamodb", "DescribeTable", json!({ "tableName": "device-certificates" }))
    },
    |at| by(Role::Administrator, at, "cloudtrail", "DescribeTrails", Value::Null),
    |at| by(Role::Console, at, "sts", "GetCallerIdentity", Value::Null),
];

fn by(role: Role, at: OffsetDateTime, service: &str, operation: &str, request: Value) -> Value {
    ApiCall {
        at,
        service,
        operation,
        identity: identity::of(role.identity(), &role.access_key_id(), at),
        address: role.address(),
        agent: "aws-sdk-rust/1.3.15 os/linux lang/rust/1.95.0",
        request,
        response: Value::Null,
        error: None,
        request_id: uuid::Uuid::new_v4().to_string(),
    }
    .record()
}

fn by_service(at: OffsetDateTime, caller: &str, service: &str, operation: &str, request: Value) -> Value {
    let caller = format!("{caller}.amazonaws.com");
    ApiCall {
        at,
        service,
        operation,
        identity: identity::service(&caller),
        address: &caller,
        agent: &caller,
        request,
        response: Value::Null,
        error: None,
        request_id: uuid::Uuid::new_v4().to_string(),
    }
    .record()
}
