use super::support::{World, code, csr, validity};
use aws_sdk_acmpca::primitives::Blob;
use aws_sdk_acmpca::types::RevocationReason;
use futures::future::join_all;
use http::StatusCode;
use sandbox::pca::Quotas;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// One request as plain HTTP: status, headers in lower case, body.
async fn raw(world: &World, headers: &str, body: &str) -> (StatusCode, String, Value) {
    let address = world.url.trim_start_matches("http://");
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head[9..12].parse().unwrap();
    (status, head.to_lowercase(), serde_json::from_str(body).unwrap_or(Value::Null))
}

const ADMIN: &str = "authorization: AWS4-HMAC-SHA256 Credential=AKIAADMIN/20261122/eu-central-1/acm-pca/aws4_request, \
     SignedHeaders=host, Signature=00\r\n";

#[tokio::test]
async fn unknown_and_missing_keys_are_refused() {
    let world = World::start().await;
    let unknown = world.client("AKIANOBODY").list_certificate_authorities().send().await.unwrap_err();
    assert_eq!(unknown.raw_response().unwrap().status().as_u16(), 403);
    assert_eq!(code(unknown), "UnrecognizedClientException");
    let target = "x-amz-target: ACMPrivateCA.ListCertificateAuthorities\r\n";
    let (status, _, body) = raw(&world, target, "{}").await;
    assert_eq!(
        (status, &body["__type"]),
        (StatusCode::FORBIDDEN, &json!("MissingAuthenticationTokenException"))
    );
    let (status, _, body) = raw(&world, &format!("{target}authorization: Basic YTpi\r\n"), "{}").await;
    assert_eq!((status, &body["__type"]), (StatusCode::FORBIDDEN, &json!("IncompleteSignatureException")));
}

#[tokio::test]
async fn the_wire_is_aws_json() {
    let world = World::start().await;
    let target = |operation: &str| format!("{ADMIN}x-amz-target: ACMPrivateCA.{operation}\r\n");
    let (status, head, body) = raw(&world, &target("ListCertificateAuthorities"), "").await;
    assert_eq!((status, body), (StatusCode::OK, json!({ "CertificateAuthorities": [] })));
    assert!(head.contains("content-type: application/x-amz-json-1.1"), "{head}");
    assert!(head.contains("x-amzn-requestid: "), "{head}");
    let (status, head, body) = raw(&world, &target("DescribeCertificateAuthority"), "{}").await;
    assert_eq!((status, &body["__type"]), (StatusCode::BAD_REQUEST, &json!("ValidationException")));
    assert!(head.contains("x-amzn-errortype: validationexception"), "{head}");
    assert!(body["message"].as_str().unwrap().contains("CertificateAuthorityArn"));
    for (operation, body, expected) in [
        ("DescribeCertificateAuthority", "{\"CertificateAuthorityArn\":7}", "SerializationException"),
        ("DescribeCertificateAuthority", "{not json", "SerializationException"),
        ("DescribeCertificateAuthority", "[]", "SerializationException"),
        ("ListCertificates", "{}", "UnknownOperationException"),
        ("PutPolicy", "{}", "UnsupportedOperationException"),
    ] {
        let (status, _, answer) = raw(&world, &target(operation), body).await;
        assert_eq!(
            (status, &answer["__type"]),
            (StatusCode::BAD_REQUEST, &json!(expected)),
            "{operation} {body}"
        );
    }
    let (status, _, answer) = raw(&world, ADMIN, "{}").await;
    assert_eq!((status, &answer["__type"]), (StatusCode::BAD_REQUEST, &json!("UnknownOperationException")));
}

#[tokio::test]
async fn a_key_may_do_what_its_list_says() {
    let world = World::start().await;
    let root = world.root().await;
    let read = world.client("AKIAREAD");
    read.describe_certificate_authority().certificate_authority_arn(&root).send().await.unwrap();
    let refused = read
        .revoke_certificate()
        .certificate_authority_arn(&root)
        .certificate_serial("00")
        .revocation_reason(RevocationReason::Unspecified)
        .send()
        .await
        .unwrap_err();
    let message = refused.to_string() + &format!("{refused:?}");
    assert!(message.contains("role/console-read is not authorized to perform: acm-pca:RevokeCertificate"));
    assert_eq!(code(refused), "AccessDeniedException");
    let refused = read
        .issue_certificate()
        .certificate_authority_arn(&root)
        .csr(Blob::new(csr("device-1")))
        .signing_algorithm("SHA256WITHECDSA".into())
        .validity(validity(1))
        .send()
        .await;
    assert_eq!(code(refused.unwrap_err()), "AccessDeniedException");
}

#[tokio::test]
async fn rates_are_held_for_each_operation_and_can_be_changed() {
    let world = World::start().await;
    let root = world.root().await;
    // Sixty at once against five a second: however slow the machine is, some pass and some are too many.
    world.pca.set_quotas(Quotas::default().with("RevokeCertificate", 5));
    let answers = join_all((0..60).map(|_| world.revoke(&root, "01"))).await;
    let answered =
        |code: &str| answers.iter().filter(|answer| answer.as_ref().is_err_and(|e| e == code)).count();
    let (throttled, passed) = (answered("ThrottlingException"), answered("ResourceNotFoundException"));
    assert!(
        throttled > 0 && passed > 0 && throttled + passed == 60,
        "{throttled} throttled, {passed} passed"
    );
    world.admin().list_certificate_authorities().send().await.unwrap();
    world.pca.set_quotas(Quotas::default().with("RevokeCertificate", 2000));
    for _ in 0..40 {
        assert_eq!(world.revoke(&root, "01").await.unwrap_err(), "ResourceNotFoundException");
    }
}
