use super::support::{BUCKET, World, code, csr, tail, validity};
use aws_sdk_acmpca::primitives::Blob;
use aws_sdk_acmpca::types::AuditReportResponseFormat;
use std::time::Duration;

#[tokio::test]
async fn what_was_pending_goes_on_after_a_restart() {
    let mut world = World::start().await;
    let root = world.root().await;
    let revoked = world.issue(&root, "device-1").await;
    world.revoke(&root, tail(&revoked)).await.unwrap();
    let admin = world.admin();
    let issued = admin
        .issue_certificate()
        .certificate_authority_arn(&root)
        .csr(Blob::new(csr("device-2")))
        .signing_algorithm("SHA256WITHECDSA".into())
        .validity(validity(30))
        .idempotency_token("token")
        .send()
        .await
        .unwrap();
    let arn = issued.certificate_arn.unwrap();
    let report = admin
        .create_certificate_authority_audit_report()
        .certificate_authority_arn(&root)
        .s3_bucket_name(BUCKET)
        .audit_report_response_format(AuditReportResponseFormat::Json)
        .send()
        .await
        .unwrap();
    world.stop().await;
    assert!(world.object_now(report.s3_key().unwrap()).await.is_none());

    world.start_again().await;
    let admin = world.admin();
    let get = || admin.get_certificate().certificate_authority_arn(&root).certificate_arn(&arn).send();
    assert_eq!(code(get().await.unwrap_err()), "RequestInProgressException");
    let again = admin
        .issue_certificate()
        .certificate_authority_arn(&root)
        .csr(Blob::new(csr("device-2")))
        .signing_algorithm("SHA256WITHECDSA".into())
        .validity(validity(30))
        .idempotency_token("token")
        .send()
        .await
        .unwrap();
    assert_eq!(again.certificate_arn.unwrap(), arn);
    world.pass(Duration::from_secs(20));
    get().await.unwrap();
    let rows: Vec<serde_json::Value> =
        serde_json::from_slice(&world.object(report.s3_key().unwrap(), None).await).unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(world.revoke(&root, tail(&revoked)).await.unwrap_err(), "RequestAlreadyProcessedException");
    world.pass(Duration::from_secs(1800));
    let list = world.object(&format!("crl/{}.crl", tail(&root)), None).await;
    let serial = hex::decode(tail(&revoked)).unwrap();
    assert!(list.windows(16).any(|octets| octets == serial));
}
