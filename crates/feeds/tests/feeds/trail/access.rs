//! Calls of IAM that take access away or give it, in the shapes of the IAM User Guide.

use domain::trail::{AccessChange, Denies, What};
use serde_json::{Value, json};

use super::{event, file, issue, read};

fn call(name: &str, request: Value, response: Value) -> Value {
    let mut record = issue();
    for (field, value) in [
        ("eventSource", json!("iam.amazonaws.com")),
        ("eventName", json!(name)),
        ("awsRegion", json!("us-east-1")),
        ("requestParameters", request),
        ("responseElements", response),
    ] {
        record[field] = value;
    }
    record
}

#[test]
fn who_is_stopped_and_by_what_is_read() {
    let access = |record: Value| match event(&record).what {
        What::AccessChange { access } => access,
        what => panic!("{what:?}"),
    };
    let key = json!({ "userName": "ci", "accessKeyId": "AKIAEXAMPLE", "status": "Inactive" });
    assert_eq!(
        access(call("UpdateAccessKey", key, Value::Null)),
        AccessChange {
            user: Some("ci".to_owned()),
            access_key: Some("AKIAEXAMPLE".to_owned()),
            status: Some("Inactive".to_owned()),
            ..AccessChange::default()
        }
    );
    let document = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Action": ["*"], "Resource": ["*"],
        "Condition": { "DateLessThan": { "aws:TokenIssueTime": "2026-11-30T12:00:00Z" } },
    }]});
    let policy = json!({
        "roleName": "field", "policyName": "AWSRevokeOlderSessions", "policyDocument": document.to_string(),
    });
    let read_policy = access(call("PutRolePolicy", policy, Value::Null));
    let before = "2026-11-30T12:00:00Z".parse().unwrap();
    assert_eq!(read_policy.denies, Denies::OlderSessions { before });
    assert_eq!(read_policy.policy.as_deref(), Some("AWSRevokeOlderSessions"));
    let attached = json!({ "userName": "ci", "policyArn": "arn:aws:iam::aws:policy/AWSDenyAll" });
    assert_eq!(access(call("AttachUserPolicy", attached, Value::Null)).denies, Denies::Everything);
    let made = json!({ "accessKey": { "userName": "ci", "accessKeyId": "AKIANEW", "status": "Active" } });
    let new = access(call("CreateAccessKey", Value::Null, made));
    assert_eq!((new.user.as_deref(), new.access_key.as_deref()), (Some("ci"), Some("AKIANEW")));
}

#[test]
fn other_calls_of_iam_are_not_kept_and_the_same_name_elsewhere_neither() {
    let mut elsewhere = call("PutRolePolicy", json!({ "roleName": "x" }), Value::Null);
    elsewhere["eventSource"] = json!("example.amazonaws.com");
    let records = [
        call("GetRole", json!({ "roleName": "field" }), Value::Null),
        call("ListAccessKeys", json!({}), Value::Null),
        elsewhere,
        call("DeleteLoginProfile", json!({ "userName": "ci" }), Value::Null),
    ];
    let read = read(&file(&records));
    let names: Vec<String> = read.records.into_iter().map(|record| record.event.name).collect();
    assert_eq!(names, ["DeleteLoginProfile"]);
}
