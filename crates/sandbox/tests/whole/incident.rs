//! An incident: many certificates, one key, and nobody who has written any of them down.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::StatusCode;
use sandbox::{Description, Options, Sandbox, Trouble};

use crate::support::{Directory, inventory, reports, small};
use crate::trail_files::Trail;

#[tokio::test]
async fn an_incident_is_one_key_many_certificates_and_no_inventory() {
    let directory = Directory::new();
    let options = Options { devices: 3, incident: 120, ..small(&directory) };
    let clock = options.clock.clone();
    let began = clock.now();
    let sandbox = Sandbox::start(options).await.unwrap();
    let description = sandbox.description();
    let those = description.planted_detail.iter().filter(|planted| planted.trouble == Trouble::Incident);
    let those: BTreeSet<&String> = those.map(|planted| &planted.serial).collect();
    assert_eq!(those.len(), 120);
    let unauthorised: BTreeSet<&String> = description.planted["unauthorized_issuance"].iter().collect();
    assert!(unauthorised.is_superset(&those));
    assert_eq!(description.planted["issuance_burst"], ["arn:aws:iam::111122223333:role/field-service"]);

    let (reported, recorded) = (reports(description).await, inventory(description).await);
    // Reading it verifies every digest.
    let trail = Trail::read(description).await;
    let issued = trail.issued();
    let mut times = BTreeSet::new();
    for serial in those {
        assert!(reported.contains_key(serial) && !recorded.contains_key(serial), "{serial}");
        let events = &issued[serial];
        let names: BTreeSet<&str> = events.iter().map(|event| event["eventName"].as_str().unwrap()).collect();
        assert_eq!(names, BTreeSet::from(["IssueCertificate", "IssueCertificateDetails"]));
        let call = events.iter().find(|event| event["eventName"] == "IssueCertificate").unwrap();
        let who = &call["userIdentity"];
        assert_eq!(who["arn"], "arn:aws:sts::111122223333:assumed-role/field-service/tablet-0413");
        assert_eq!(who["accessKeyId"], "SANDBOXFIELDSERVICE0");
        assert_eq!(call["sourceIPAddress"], "192.0.2.199");
        times.insert(call["eventTime"].as_str().unwrap());
    }
    let format = &time::format_description::well_known::Rfc3339;
    let at = |text: &&str| time::OffsetDateTime::parse(text, format).unwrap();
    let (first, last) = (times.first().map(at).unwrap(), times.last().map(at).unwrap());
    assert!(last - first > Duration::from_secs(400) && began - last > Duration::from_secs(120));
    // The thief is in no other trouble than this.
    let by_him = trail.records().filter(|record| record["sourceIPAddress"] == "192.0.2.199");
    let ids: BTreeSet<&str> = by_him.map(|record| record["eventID"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 120);
    sandbox.shutdown().await;
}

/// Calls with a profile's key; a call to IAM is a form, one to Private CA is JSON. Gives the status and the answer.
async fn call(description: &Description, profile: &str, body: Result<&str, &str>) -> (StatusCode, String) {
    let key = description.access_keys.iter().find(|key| key.profile == profile).unwrap();
    let scope = format!("{}/20260101/eu-central-1/acm-pca/aws4_request", key.access_key_id);
    // Already done by another test, for all but the first.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let call = reqwest::Client::builder().no_proxy().build().unwrap().post(&description.endpoints.acm_pca);
    let call = call.header(
        "authorization",
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
    );
    let call = match body {
        Ok(form) => call.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned()),
        Err(operation) => call
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("ACMPrivateCA.{operation}"))
            .body("{}"),
    };
    let answer = call.send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_thief_is_stopped_by_iam_and_the_trail_shows_it() {
    let directory = Directory::new();
    let options = Options { devices: 3, ..small(&directory) };
    let sandbox = Sandbox::start(options).await.unwrap();
    let description = sandbox.description();
    let deny = "Action=PutRolePolicy&Version=2010-05-08&RoleName=field-service&PolicyName=AWSRevokeOlderSessions\
                &PolicyDocument=%7B%22Statement%22%3A%7B%22Effect%22%3A%22Deny%22%2C%22Action%22%3A%22*%22%2C%22Resource%22%3A%22*%22%7D%7D";
    let issue = async |profile| call(description, profile, Err("IssueCertificate")).await;
    let (_, before) = issue("field-service").await;
    assert!(before.contains("ValidationException"), "it may: {before}");
    let (status, refused) = call(description, "field-service", Ok(deny)).await;
    assert!(status == StatusCode::BAD_REQUEST && refused.contains("<Code>AccessDenied</Code>"), "{refused}");
    let (status, done) = call(description, "administrator", Ok(deny)).await;
    assert!(status == StatusCode::OK && done.contains("PutRolePolicyResponse"), "{done}");
    let (_, denied) = issue("field-service").await;
    assert!(denied.contains("explicit deny"), "{denied}");

    let off = |status: &str| {
        format!("Action=UpdateAccessKey&UserName=ci-build&AccessKeyId=SANDBOXCIBUILD000000&Status={status}")
    };
    let (status, said) = call(description, "administrator", Ok(&off("Inactive"))).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    let (status, nobody) = call(description, "ci-build", Err("ListCertificateAuthorities")).await;
    assert!(status == StatusCode::FORBIDDEN && nobody.contains("UnrecognizedClient"), "{nobody}");
    call(description, "administrator", Ok(&off("Active"))).await;
    let (status, again) = call(description, "ci-build", Err("ListCertificateAuthorities")).await;
    assert_eq!(status, StatusCode::OK, "{again}");
    for (wrong, code) in [
        ("Action=DeleteUser&UserName=ci-build", "InvalidAction"),
        ("Action=PutRolePolicy&RoleName=nobody&PolicyName=x&PolicyDocument=%7B%7D", "NoSuchEntity"),
        (
            "Action=PutRolePolicy&RoleName=field-service&PolicyName=x&PolicyDocument=x",
            "MalformedPolicyDocument",
        ),
        ("Action=DeleteLoginProfile", "ValidationException"),
    ] {
        let (status, said) = call(description, "administrator", Ok(wrong)).await;
        assert!(status.is_client_error() && said.contains(code), "{wrong}: {said}");
    }

    let seen = sandbox::until("the record of the policy", async || {
        let trail = Trail::read(description).await;
        let mut records = trail.records().filter(|record| record["eventName"] == "PutRolePolicy");
        records
            .find(|record| {
                record["errorCode"].is_null() && record["requestParameters"]["roleName"] == "field-service"
            })
            .cloned()
    })
    .await;
    assert_eq!(
        (&seen["eventSource"], &seen["awsRegion"]),
        (&"iam.amazonaws.com".into(), &"us-east-1".into())
    );
    assert_eq!(seen["requestParameters"]["policyName"], "AWSRevokeOlderSessions");
    sandbox.shutdown().await;
}
