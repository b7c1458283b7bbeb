use domain::trail::{IdentityKind, RevocationMeans, What};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{event, file, issue, read};
use crate::{CA, test_data};

#[test]
fn a_call_by_an_assumed_role() {
    let event = event(&issue());
    assert_eq!(event.identity.principal, "arn:aws:iam::111122223333:role/service/provisioning");
    assert_eq!((event.identity.kind, event.identity.pathless), (IdentityKind::Role, false));
    assert_eq!(event.identity.session.as_deref(), Some("fleet-7"));
    assert_eq!(
        (event.identity.mfa, event.identity.access_key.as_deref()),
        (Some(false), Some("ASIAEXAMPLE"))
    );
    assert_eq!(event.authority.unwrap().as_str(), CA);
    assert_eq!(event.serial.unwrap().to_string(), "0a1b2c");
    assert_eq!(event.address.as_deref(), Some("10.20.0.15"));
    let template = Some("arn:aws:acm-pca:::template/EndEntityCertificate/V1".to_owned());
    assert_eq!((event.what, event.failure), (What::Issuance { template }, None));
}

/// The examples of the AWS user guide, placeholders filled in.
#[test]
fn the_examples_of_aws_are_read() {
    let read = read(&test_data("cloudtrail/aws-examples.json"));
    assert_eq!((read.cut_short, read.summary.unreadable.examples), (None, Vec::new()));
    let events: Vec<_> = read.records.into_iter().map(|record| record.event).collect();
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "IssueCertificate",
            "RevokeCertificate",
            "GetCertificate",
            "CreateCertificateAuthority",
            "DeleteCertificateAuthority",
            "CreateCertificateAuthorityAuditReport",
            "ImportCertificateAuthorityCertificate",
            "UpdateCertificateAuthority",
            "GenerateCRL",
            "GenerateOCSPResponse",
            "IssueCertificateDetails",
            "IssueCertificateDetails"
        ]
    );
    let [issue, revoke, get, create, delete, report, _, update, crl, ocsp, details, by_service] =
        events.as_slice()
    else {
        panic!("twelve")
    };
    assert!(events.iter().all(|event| event.authority.is_some()));
    assert_eq!(issue.identity.principal, "arn:aws:iam::111122223333:user/name");
    assert_eq!((issue.identity.kind, &issue.what), (IdentityKind::User, &What::Issuance { template: None }));
    assert_eq!(revoke.serial.unwrap().colons(), "67:07:44:76:83:a9:b7:f4:05:56:27:ff:d5:5c:eb:cc");
    assert_eq!(revoke.what, What::Revocation { reason: Some("KEY_COMPROMISE".to_owned()) });
    assert_eq!(get.serial.unwrap().to_string(), "e8cbd2bedb122329f97706bcfec990f8");
    assert_eq!((&create.what, create.serial), (&What::Other, None));
    assert_eq!(delete.failure.as_ref().unwrap().code, "InvalidStateException");
    assert_eq!(delete.what, What::Deletion);
    assert_eq!(report.what, What::AuditReport { bucket: Some("bucket_name".to_owned()) });
    assert_eq!(update.what, What::AuthorityUpdate { status: Some("DISABLED".to_owned()), off: Vec::new() });
    for service in [crl, ocsp] {
        assert_eq!(service.identity.as_service(), Some("acm-pca.amazonaws.com"));
    }
    assert_eq!(ocsp.serial.unwrap().to_string(), "0a1b2c");
    assert_eq!(details.serial.unwrap().to_string(), "0a1b2c");
    assert_eq!(details.identity.principal, "arn:aws:iam::111122223333:role/provisioning");
    assert!(details.identity.pathless);
    let What::IssuanceDetails { issued: true, template: Some(template), reason: None } = &details.what else {
        panic!("{:?}", details.what)
    };
    assert_eq!(template, "arn:aws:acm-pca:::template/EndEntityCertificate/V1");
    assert_eq!(by_service.identity.as_service(), Some("acm.amazonaws.com"));
    assert!(matches!(&by_service.what, What::IssuanceDetails { issued: false, reason: Some(_), .. }));
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut record = issue();
    for (pointer, value) in changes {
        *record.pointer_mut(pointer).unwrap() = value.clone();
    }
    record
}

#[test]
fn who_called() {
    let identity = |user: Value| event(&with(&[("/userIdentity", user)])).identity;
    let sts = "arn:aws:sts::111122223333:assumed-role/provisioning/fleet";
    let derived = identity(json!({"type": "AssumedRole", "arn": sts, "accessKeyId": ""}));
    assert_eq!(derived.principal, "arn:aws:iam::111122223333:role/provisioning");
    assert!(derived.pathless && derived.access_key.is_none());
    let issuer = json!({"sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/a/b"}});
    let without = identity(json!({"type": "AssumedRole", "principalId": "AROA:s", "sessionContext": issuer}));
    assert_eq!(
        (without.principal.as_str(), without.session.as_deref()),
        ("arn:aws:iam::111122223333:role/a/b", Some("s"))
    );
    for (user, kind, principal) in [
        (
            json!({"type": "Root", "arn": "arn:aws:iam::111122223333:root"}),
            IdentityKind::Root,
            "arn:aws:iam::111122223333:root",
        ),
        (
            json!({"type": "AWSService", "invokedBy": "acm.amazonaws.com"}),
            IdentityKind::Service,
            "acm.amazonaws.com",
        ),
        (
            json!({"accountId": "111122223333", "invokedBy": "acm-pca.amazonaws.com"}),
            IdentityKind::Service,
            "acm-pca.amazonaws.com",
        ),
        (json!({"type": "AWSAccount", "accountId": "999922223333"}), IdentityKind::Account, "999922223333"),
        (json!({"type": "AssumedRole"}), IdentityKind::Role, "unknown"),
        (json!({"type": "IAMUser", "userName": "ci"}), IdentityKind::User, "ci"),
        (json!({"accountId": "111122223333"}), IdentityKind::Unknown, "unknown"),
        (json!({}), IdentityKind::Unknown, "unknown"),
        (json!(null), IdentityKind::Unknown, "unknown"),
        (json!([1]), IdentityKind::Unknown, "unknown"),
    ] {
        let found = identity(user.clone());
        assert_eq!((found.kind, found.principal.as_str()), (kind, principal), "{user}");
    }
    // The issuer of a federated user's session is not who called.
    let federated = json!({"type": "FederatedUser", "arn": "arn:aws:sts::111122223333:federated-user/x",
        "sessionContext": {"sessionIssuer": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/u"}}});
    assert_eq!(identity(federated).principal, "arn:aws:sts::111122223333:federated-user/x");
}

#[test]
fn what_cannot_be_used_is_left_out() {
    let odd = event(&with(&[
        ("/requestParameters", json!(null)),
        ("/responseElements", json!({"certificateArn": "arn:of:something:else"})),
        ("/sourceIPAddress", json!("")),
        ("/userAgent", json!("é".repeat(2000))),
        ("/awsRegion", json!(7)),
        ("/readOnly", json!("true")),
    ]));
    assert_eq!((odd.authority, odd.serial, odd.address), (None, None, None));
    let user_agent = odd.user_agent.unwrap();
    assert!(user_agent.starts_with("éé") && (400..=512).contains(&user_agent.len()), "{user_agent}");
    assert_eq!((odd.region.as_str(), odd.read_only), ("7", true));
    let failed = with(&[("/eventVersion", json!("1.99"))]);
    let mut failed = failed.as_object().unwrap().clone();
    failed.insert("errorCode".to_owned(), json!("AccessDenied"));
    failed.insert("errorMessage".to_owned(), json!("User is not authorized"));
    let failed = event(&Value::Object(failed));
    assert!(failed.failure.unwrap().is_denied());
    assert_eq!((failed.serial, failed.authority.unwrap().as_str()), (None, CA));
}

#[test]
fn without_id_or_time_or_of_another_major_version_it_is_unreadable() {
    for (pointer, value, problem) in [
        ("/eventID", json!(null), "it has no eventID"),
        ("/eventID", json!(""), "it has no eventID"),
        ("/eventID", json!("a b"), "eventID: not an event id"),
        ("/eventTime", json!("yesterday"), "eventTime: a time is not"),
        ("/eventVersion", json!("2.0"), "its eventVersion is 2.0, we read 1.x"),
    ] {
        let read = read(&file(&[with(&[(pointer, value)]), issue()]));
        assert_eq!((read.records.len(), read.summary.unreadable.count), (1, 1), "{problem}");
        let example = &read.summary.unreadable.examples[0];
        assert_eq!(example.place, "record 1");
        assert!(example.problem.starts_with(problem), "{}", example.problem);
    }
}

#[test]
fn of_cloudtrail_only_what_touches_logging_is_kept() {
    let of = |name: &str| {
        let record =
            with(&[("/eventSource", json!("cloudtrail.amazonaws.com")), ("/eventName", json!(name))]);
        read(&file(&[record])).records.pop().map(|record| record.event.what)
    };
    for name in ["StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors"] {
        assert_eq!(of(name), Some(What::TrailChange), "{name}");
    }
    assert_eq!(of("StartLogging"), Some(What::Other));
    assert_eq!(of("LookupEvents"), None);
}

#[test]
fn of_s3_and_kms_only_what_touches_evidence_is_kept() {
    let of = |source: &str, name: &str, request: Value| {
        let changes = [
            ("/eventSource", json!(format!("{source}.amazonaws.com"))),
            ("/eventName", json!(name)),
            ("/requestParameters", request),
        ];
        read(&file(&[with(&changes)])).records.pop().map(|record| record.event.what)
    };
    let bucket = || json!({ "bucketName": "trail", "policy": "" });
    let changed = What::StorageChange { bucket: Some("trail".to_owned()), key: None };
    for name in ["PutBucketPolicy", "DeleteBucketPolicy", "PutBucketLifecycle", "DeleteBucket"] {
        assert_eq!(of("s3", name, bucket()), Some(changed.clone()), "{name}");
    }
    for name in ["GetBucketPolicy", "PutBucketTagging", "PutObject"] {
        assert_eq!(of("s3", name, bucket()), None, "{name}");
    }
    let key = What::StorageChange { bucket: None, key: Some("1234".to_owned()) };
    for name in ["DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy"] {
        assert_eq!(of("kms", name, json!({ "keyId": "1234" })), Some(key.clone()), "{name}");
    }
    assert_eq!(of("kms", "Decrypt", json!({ "keyId": "1234" })), None);
    assert_eq!(of("iam", "PutBucketPolicy", bucket()), None, "another service's call of this name");
}

#[test]
fn what_opens_an_authority_or_hides_its_revocations_is_told() {
    let ca = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/1122";
    let of = |name: &str, request: Value| {
        let record = with(&[("/eventName", json!(name)), ("/requestParameters", request)]);
        let event = read(&file(&[record])).records.pop().unwrap().event;
        assert_eq!(event.authority.unwrap().as_str(), ca, "{name}");
        event.what
    };
    let off = |configuration: Value| {
        let request = json!({ "certificateAuthorityArn": ca, "revocationConfiguration": configuration });
        match of("UpdateCertificateAuthority", request) {
            What::AuthorityUpdate { status: None, off } => off,
            other => panic!("{other:?}"),
        }
    };
    let (on, disabled) = (json!({ "enabled": true }), json!({ "enabled": false }));
    assert_eq!(off(json!({ "crlConfiguration": disabled })), [RevocationMeans::Crl]);
    assert_eq!(
        off(json!({ "crlConfiguration": on, "ocspConfiguration": disabled })),
        [RevocationMeans::Ocsp]
    );
    assert_eq!(off(json!({ "crlConfiguration": on })), []);
    assert_eq!(off(json!("none of the above")), []);
    let policy = json!({ "resourceArn": ca, "policy": "{}" });
    assert_eq!(of("PutPolicy", policy), What::Sharing { with: None });
    let permission = json!({ "certificateAuthorityArn": ca, "principal": "acm.amazonaws.com" });
    let with = Some("acm.amazonaws.com".to_owned());
    assert_eq!(of("CreatePermission", permission), What::Sharing { with });
}

/// A JSON text with the members of each object in another order and unknown ones between them.
fn shuffled(value: &Value, seed: &mut u64) -> Value {
    let mut next = || {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        *seed >> 33
    };
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            for at in (1..members.len()).rev() {
                let other = usize::try_from(next()).unwrap() % (at + 1);
                members.swap(at, other);
            }
            let mut all = Map::new();
            for (at, (name, member)) in members.into_iter().enumerate() {
                all.insert(
                    format!("unknown{at}"),
                    json!({"eventSource": "s3.amazonaws.com", "x": [1, {"y": "}\""}]}),
                );
                all.insert(name.clone(), shuffled(member, seed));
            }
            Value::Object(all)
        }
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn order_and_unknown_fields_do_not_matter(mut seed: u64) {
        prop_assert_eq!(event(&shuffled(&issue(), &mut seed)), event(&issue()));
    }

    #[test]
    fn any_value_in_any_place_is_an_event_or_unreadable(
        place in 0_usize..24,
        value in prop_oneof![Just(json!(null)), Just(json!([])), Just(json!({})), Just(json!(1.5)), ".{0,40}".prop_map(Value::from)],
    ) {
        let mut record = issue();
        let members = record.as_object_mut().unwrap();
        let name = members.keys().nth(place % members.len()).unwrap().clone();
        members.insert(name.clone(), value);
        let read = read(&file(&[record]));
        prop_assert_eq!(read.cut_short, None);
        let ours = read.summary.kept + read.summary.unreadable.count;
        prop_assert_eq!(ours, u64::from(name != "eventSource"));
    }
}
