use super::support::{ACCOUNT, BUCKET, END_ENTITY, World, code, csr_with_subject, tail, validity};
use aws_sdk_acmpca::Client;
use aws_sdk_acmpca::primitives::Blob;
use aws_sdk_acmpca::types::{
    AuditReportResponseFormat, CertificateAuthorityStatus, CertificateAuthorityType,
};
use serde_json::{Value, json};
use std::time::Duration;

const HALF_HOUR: Duration = Duration::from_secs(1800);

async fn create(
    client: &Client,
    authority: &str,
    bucket: &str,
    format: AuditReportResponseFormat,
) -> Result<(String, String), String> {
    let created = client
        .create_certificate_authority_audit_report()
        .certificate_authority_arn(authority)
        .s3_bucket_name(bucket)
        .audit_report_response_format(format)
        .send()
        .await
        .map_err(code)?;
    Ok((created.audit_report_id.unwrap(), created.s3_key.unwrap()))
}

async fn status(client: &Client, authority: &str, report: &str) -> String {
    let described = client
        .describe_certificate_authority_audit_report()
        .certificate_authority_arn(authority)
        .audit_report_id(report)
        .send()
        .await
        .unwrap();
    described.audit_report_status.unwrap().to_string()
}

/// Lets CREATING pass and answers how it ended.
async fn ended(world: &World, authority: &str, report: &str) -> String {
    world.pass(Duration::from_secs(20));
    sandbox::until("the end of CREATING", async || {
        let status = status(&world.admin(), authority, report).await;
        (status != "CREATING").then_some(status)
    })
    .await
}

/// RFC 3339 of a report's date.
fn date(text: &Value) -> time::OffsetDateTime {
    let text = text.as_str().unwrap();
    let text = format!("{}Z", text.strip_suffix("+0000").unwrap());
    time::OffsetDateTime::parse(&text, &time::format_description::well_known::Rfc3339).unwrap()
}

#[tokio::test]
async fn json_is_as_the_user_guide_shows_it() {
    let world = World::start().await;
    let root = world.root().await;
    let kept = world.issue(&root, "device-1").await;
    let revoked = world.issue(&root, "device-2").await;
    world.revoke(&root, tail(&revoked)).await.unwrap();
    let by_acm = world
        .client("AKIAACM")
        .issue_certificate()
        .certificate_authority_arn(&root)
        .csr(Blob::new(super::support::csr("device-3")))
        .signing_algorithm("SHA256WITHECDSA".into())
        .validity(validity(13))
        .send()
        .await
        .unwrap();
    world.pass(Duration::from_secs(5));
    let admin = world.admin();
    let (id, key) = create(&admin, &root, BUCKET, AuditReportResponseFormat::Json).await.unwrap();
    assert_eq!(key, format!("audit-report/{}/{id}.json", tail(&root)));
    assert_eq!(status(&admin, &root, &id).await, "CREATING");
    let pending = world.issue(&root, "still-in-progress").await;
    assert_eq!(ended(&world, &root, &id).await, "SUCCESS");
    let text = String::from_utf8(world.object_now(&key).await.unwrap()).unwrap();
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(rows.len(), 5, "the root's own, three, and one done before the report was written");
    assert!(rows.iter().any(|row| row["certificateArn"] == json!(pending)));

    assert_eq!(rows[0]["templateArn"], "arn:aws:acm-pca:::template/RootCACertificate/V1");
    assert_eq!(rows[0]["subject"], "CN=Example CA,O=Example,C=DE");
    let row = rows[1].as_object().unwrap();
    let serial =
        tail(&kept).as_bytes().chunks(2).map(|o| std::str::from_utf8(o).unwrap()).collect::<Vec<_>>();
    assert_eq!(row["awsAccountId"], ACCOUNT);
    assert_eq!(row["certificateArn"], json!(kept));
    assert_eq!(row["serial"], serial.join(":"));
    assert_eq!(row["subject"], "CN=device-1,O=Example Company");
    assert_eq!(row["templateArn"], END_ENTITY);
    assert_eq!(date(&row["issuedAt"]) - date(&row["notBefore"]), time::Duration::hours(1));
    assert_eq!(date(&row["notAfter"]) - date(&row["issuedAt"]), time::Duration::days(365));
    assert_eq!(row.len(), 8, "absent values have no key: {row:?}");
    assert_eq!(rows[2]["revocationReason"], "KEY_COMPROMISE");
    assert!(date(&rows[2]["revokedAt"]) >= date(&rows[2]["issuedAt"]));
    assert_eq!(rows[3]["requestedByServicePrincipal"], "acm.amazonaws.com");
    assert_eq!(rows[3]["certificateArn"], json!(by_acm.certificate_arn.unwrap()));
    let order = ["awsAccountId", "certificateArn", "serial", "subject", "notBefore", "notAfter", "issuedAt"];
    let positions = order.map(|key| text.find(&format!("\"{key}\"")).unwrap());
    assert!(positions.is_sorted());
}

#[tokio::test]
async fn what_is_still_being_issued_is_not_reported() {
    let world = World::with(|options| options.issue_delay = Duration::from_secs(60)).await;
    let root = world.root().await;
    world
        .admin()
        .issue_certificate()
        .certificate_authority_arn(&root)
        .csr(Blob::new(super::support::csr("device-1")))
        .signing_algorithm("SHA256WITHECDSA".into())
        .validity(validity(13))
        .send()
        .await
        .unwrap();
    let (id, key) = create(&world.admin(), &root, BUCKET, AuditReportResponseFormat::Json).await.unwrap();
    assert_eq!(ended(&world, &root, &id).await, "SUCCESS");
    let rows: Vec<Value> = serde_json::from_slice(&world.object_now(&key).await.unwrap()).unwrap();
    assert_eq!(rows.len(), 1, "the root's own only");
}

#[tokio::test]
async fn csv_is_as_the_user_guide_shows_it() {
    let world = World::start().await;
    let root = world.root().await;
    let arn = world.issue(&root, "device-1").await;
    world.revoke(&root, tail(&arn)).await.unwrap();
    let name = yasna::models::ObjectIdentifier::from_slice(&[2, 5, 4, 3]);
    let subject = yasna::construct_der(|w| {
        w.write_sequence(|rdns| {
            rdns.next().write_set(|set| {
                set.next().write_sequence(|pair| {
                    pair.next().write_oid(&name);
                    pair.next().write_utf8_string("=1+1\n\"quoted\", <b>");
                });
            });
        });
    });
    world.issue_with(&root, &csr_with_subject(&subject), END_ENTITY, 10).await;
    let (id, key) = create(&world.admin(), &root, BUCKET, AuditReportResponseFormat::Csv).await.unwrap();
    assert_eq!(key, format!("audit-report/{}/{id}.csv", tail(&root)));
    assert_eq!(ended(&world, &root, &id).await, "SUCCESS");
    let bytes = world.object_now(&key).await.unwrap();
    assert!(bytes.starts_with(
        b"awsAccountId,requestedByServicePrincipal,certificateArn,serial,subject,notBefore,notAfter,issuedAt,\
          revokedAt,revocationReason,templateArn\n123456789012,,arn:aws:acm-pca:"
    ));
    let rows = csv::Reader::from_reader(&bytes[..]).into_records().collect::<Result<Vec<_>, _>>().unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(&rows[1][2], arn);
    assert_eq!(&rows[1][4], "CN=device-1,O=Example Company");
    assert_eq!(&rows[1][9], "KEY_COMPROMISE");
    assert_eq!((&rows[2][8], &rows[2][9]), ("", ""));
    assert_eq!(&rows[2][4], "CN==1\\+1\n\\\"quoted\\\"\\, \\<b\\>");
}

#[tokio::test]
async fn one_report_in_half_an_hour() {
    let world = World::start().await;
    let (root, other) = (world.root().await, world.root().await);
    let admin = world.admin();
    let json = || AuditReportResponseFormat::Json;
    let (id, _) = create(&admin, &root, BUCKET, json()).await.unwrap();
    let early = create(&admin, &root, BUCKET, AuditReportResponseFormat::Csv).await;
    assert_eq!(early.unwrap_err(), "RequestInProgressException");
    create(&admin, &other, BUCKET, json()).await.expect("each authority has its own half hour");
    assert_eq!(ended(&world, &root, &id).await, "SUCCESS");
    assert_eq!(create(&admin, &root, BUCKET, json()).await.unwrap_err(), "RequestInProgressException");
    world.pass(HALF_HOUR);
    create(&admin, &root, BUCKET, json()).await.unwrap();
}

#[tokio::test]
async fn a_report_fails_without_its_bucket_and_needs_an_operational_authority() {
    let world = World::start().await;
    let root = world.root().await;
    let admin = world.admin();
    let json = || AuditReportResponseFormat::Json;
    let (id, _) = create(&admin, &root, "no-such-bucket", json()).await.unwrap();
    assert_eq!(ended(&world, &root, &id).await, "FAILED");
    let (id, _) = create(&admin, &root, BUCKET, json()).await.expect("a failed one does not count");
    assert_eq!(ended(&world, &root, &id).await, "SUCCESS");
    let pending = world.created(CertificateAuthorityType::Root).await;
    assert_eq!(create(&admin, &pending, BUCKET, json()).await.unwrap_err(), "InvalidStateException");
    assert_eq!(create(&admin, &root, "ab", json()).await.unwrap_err(), "ValidationException");
    let xml = AuditReportResponseFormat::from("XML");
    assert_eq!(create(&admin, &root, BUCKET, xml).await.unwrap_err(), "ValidationException");
    let unknown = admin
        .describe_certificate_authority_audit_report()
        .certificate_authority_arn(&root)
        .audit_report_id(uuid::Uuid::new_v4().to_string())
        .send()
        .await;
    assert_eq!(code(unknown.unwrap_err()), "ResourceNotFoundException");

    world.pass(HALF_HOUR);
    let disable = admin.update_certificate_authority().certificate_authority_arn(&root);
    disable.status(CertificateAuthorityStatus::Disabled).send().await.unwrap();
    create(&admin, &root, BUCKET, json()).await.expect("DISABLED reports");
    world.pass(Duration::from_secs(3651 * 86_400));
    assert_eq!(create(&admin, &root, BUCKET, json()).await.unwrap_err(), "InvalidStateException");
}

#[tokio::test]
async fn a_large_report_goes_up_in_parts() {
    let world = World::start().await;
    let root = world.root().await;
    let name = yasna::models::ObjectIdentifier::from_slice(&[2, 5, 4, 3]);
    let subject = yasna::construct_der(|w| {
        w.write_sequence(|rdns| {
            rdns.next().write_set(|set| {
                set.next().write_sequence(|pair| {
                    pair.next().write_oid(&name);
                    pair.next().write_utf8_string(&"\u{1}".repeat(20_000));
                });
            });
        });
    });
    let csr = csr_with_subject(&subject);
    for _ in 0..150 {
        world.issue_with(&root, &csr, END_ENTITY, 10).await;
    }
    let (id, key) = create(&world.admin(), &root, BUCKET, AuditReportResponseFormat::Json).await.unwrap();
    assert_eq!(ended(&world, &root, &id).await, "SUCCESS");
    let bytes = world.object_now(&key).await.unwrap();
    assert!(bytes.len() > 17 << 20, "three parts: {}", bytes.len());
    let rows: Vec<Value> = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(rows.len(), 151);
    assert_eq!(rows[150]["subject"], format!("CN={}", "\u{1}".repeat(20_000)));
}
