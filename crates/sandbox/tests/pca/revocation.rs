use super::support::{World, code, tail};
use aws_sdk_acmpca::types::{CertificateAuthorityStatus, CertificateAuthorityType, RevocationReason};
use std::time::Duration;

fn with_colons(serial: &str) -> String {
    let octets = serial.as_bytes().chunks(2).map(|octet| std::str::from_utf8(octet).unwrap());
    octets.collect::<Vec<_>>().join(":")
}

#[tokio::test]
async fn every_form_of_a_serial_revokes_once() {
    let world = World::start().await;
    let root = world.root().await;
    for (number, form) in [
        |serial: &str| serial.to_owned(),
        |serial: &str| serial.to_uppercase(),
        with_colons,
        |serial: &str| with_colons(serial).to_uppercase(),
        |serial: &str| format!("00{serial}"),
        |serial: &str| format!("00:{}", with_colons(serial)),
    ]
    .into_iter()
    .enumerate()
    {
        let arn = world.issue(&root, &format!("device-{number}")).await;
        let serial = tail(&arn);
        world.revoke(&root, &form(serial)).await.unwrap();
        for again in [serial.to_owned(), with_colons(serial)] {
            let refused = world.revoke(&root, &again).await.unwrap_err();
            assert_eq!(refused, "RequestAlreadyProcessedException", "form {number}");
        }
    }
}

#[tokio::test]
async fn twenty_at_once_have_one_winner() {
    let world = World::start().await;
    let root = world.root().await;
    let arn = world.issue(&root, "device-1").await;
    let outcomes = futures::future::join_all((0..20).map(|_| world.revoke(&root, tail(&arn)))).await;
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|outcome| *outcome == Err("RequestAlreadyProcessedException".to_owned())));
}

#[tokio::test]
async fn what_cannot_be_revoked_is_refused() {
    let world = World::start().await;
    let root = world.root().await;
    let other = world.root().await;
    let pending = world.created(CertificateAuthorityType::Root).await;
    let admin = world.admin();
    let arn = world.issue(&root, "device-1").await;
    let serial = tail(&arn);
    let refused = |authority: &str, serial: &str| {
        let (authority, serial) = (authority.to_owned(), serial.to_owned());
        let world = &world;
        async move { world.revoke(&authority, &serial).await.unwrap_err() }
    };
    assert_eq!(refused(&other, serial).await, "ResourceNotFoundException", "another authority's");
    assert_eq!(refused(&root, &"ab".repeat(16)).await, "ResourceNotFoundException", "unknown");
    assert_eq!(refused(&root, &"ab".repeat(40)).await, "ResourceNotFoundException", "too long for any");
    assert_eq!(refused(&root, "not hex").await, "InvalidRequestException");
    assert_eq!(refused(&root, &"a".repeat(129)).await, "ValidationException");
    assert_eq!(refused("nonsense", serial).await, "InvalidArnException");
    assert_eq!(refused(&format!("{root}0"), serial).await, "ResourceNotFoundException");
    assert_eq!(refused(&pending, serial).await, "InvalidStateException", "no certificate yet");
    let reason = admin
        .revoke_certificate()
        .certificate_authority_arn(&root)
        .certificate_serial(serial)
        .revocation_reason(RevocationReason::from("CERTIFICATE_HOLD"))
        .send()
        .await;
    assert_eq!(code(reason.unwrap_err()), "ValidationException", "there is no way back");

    let own = admin.describe_certificate_authority().certificate_authority_arn(&root).send().await.unwrap();
    let own: u128 = own.certificate_authority.unwrap().serial.unwrap().parse().unwrap();
    assert_eq!(refused(&root, &format!("{own:032x}")).await, "InvalidRequestException", "the root's own");

    let disable = admin.update_certificate_authority().certificate_authority_arn(&root);
    disable.status(CertificateAuthorityStatus::Disabled).send().await.unwrap();
    world.revoke(&root, serial).await.expect("a DISABLED authority revokes");

    let late = world.issue(&other, "device-2").await;
    world.pass(Duration::from_secs(366 * 86_400));
    assert_eq!(refused(&other, tail(&late)).await, "InvalidRequestException", "expired");
    assert_eq!(refused(&root, serial).await, "RequestAlreadyProcessedException", "revoked before it expired");
    world.pass(Duration::from_secs(3650 * 86_400));
    assert_eq!(refused(&root, serial).await, "InvalidStateException", "the authority is EXPIRED");
}

#[tokio::test]
async fn a_test_makes_calls_fail_and_reads_what_came_of_them() {
    let world = World::start().await;
    let root = world.root().await;
    for (trouble, answer, revoked) in [
        (r#"{"revoke":{"throttled":1000}}"#, Err("ThrottlingException"), false),
        (r#"{"revoke":{"failed":1000}}"#, Err("InternalFailure"), false),
        (r#"{"revoke":{"failed_late":1000}}"#, Err("InternalFailure"), true),
        (r#"{"revoke":{"lost":1000}}"#, Err("(no code)"), true),
        (r#"{"revoke":{"lost":0}}"#, Ok(()), true),
    ] {
        let arn = world.issue(&root, "device").await;
        let serial = tail(&arn);
        world.trouble(&root, trouble).await;
        let answered = world.revoke(&root, serial).await;
        assert_eq!(answered.as_ref().map(|_| ()).map_err(String::as_str), answer, "{trouble}");
        let told = world.pca.tally(tail(&root)).unwrap();
        let told = &told.certificates[serial.trim_start_matches('0')];
        assert_eq!((told.calls, told.succeeded), (1, u64::from(revoked)), "{trouble}");
        assert_eq!(told.reason.is_some(), revoked, "{trouble}");
    }
    let told = world.pca.tally(tail(&root)).unwrap();
    assert_eq!((told.calls, told.throttled), (5, 1));
}
