//! The OCSP responder: what it says of a certificate, and how it can be told to fail.

use std::time::Duration;

use aws_sdk_acmpca::types::{OcspConfiguration, RevocationConfiguration};
use x509_cert::der::asn1::OctetString;
use x509_cert::der::{Decode, Encode};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspRequest, OcspResponse, OcspResponseStatus, Request, TbsRequest,
};
use x509_parser::prelude::ParsedExtension;

use super::support::{World, der, http, tail};

const HALF_HOUR: Duration = Duration::from_secs(1800);

async fn with_ocsp(world: &World) -> String {
    let root = world.root().await;
    let host = world.url.strip_prefix("http://").unwrap();
    let ocsp = OcspConfiguration::builder().enabled(true).ocsp_custom_cname(host).build().unwrap();
    let configuration = RevocationConfiguration::builder().ocsp_configuration(ocsp).build();
    let update = world.admin().update_certificate_authority().certificate_authority_arn(&root);
    update.revocation_configuration(configuration).send().await.unwrap();
    root
}

async fn question(world: &World, root: &str, serial: &str) -> Vec<u8> {
    let own = world.admin().get_certificate_authority_certificate().certificate_authority_arn(root).send();
    let own = x509_cert::Certificate::from_der(&der(&own.await.unwrap().certificate.unwrap())).unwrap();
    let own = own.tbs_certificate;
    let sha1 = |bytes: &[u8]| {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
        OctetString::new(digest.as_ref()).unwrap()
    };
    let oid = "1.3.14.3.2.26".parse().unwrap();
    let req_cert = CertId {
        hash_algorithm: AlgorithmIdentifierOwned { oid, parameters: None },
        issuer_name_hash: sha1(&own.subject.to_der().unwrap()),
        issuer_key_hash: sha1(own.subject_public_key_info.subject_public_key.raw_bytes()),
        serial_number: SerialNumber::new(&hex::decode(serial).unwrap()).unwrap(),
    };
    let one = Request { req_cert, single_request_extensions: None };
    let tbs_request = TbsRequest { request_list: vec![one], ..TbsRequest::default() };
    OcspRequest { tbs_request, optional_signature: None }.to_der().unwrap()
}

async fn ask(world: &World, root: &str, serial: &str) -> reqwest::Response {
    let post = http().post(&world.url).header("content-type", "application/ocsp-request");
    post.body(question(world, root, serial).await).send().await.unwrap()
}

async fn said(world: &World, root: &str, serial: &str) -> Result<CertStatus, OcspResponseStatus> {
    let response = ask(world, root, serial).await.bytes().await.unwrap();
    let response = OcspResponse::from_der(&response).unwrap();
    let Some(bytes) = response.response_bytes else { return Err(response.response_status) };
    let basic = BasicOcspResponse::from_der(bytes.response.as_bytes()).unwrap();
    Ok(basic.tbs_response_data.responses[0].cert_status)
}

#[tokio::test]
async fn a_revocation_is_told_after_the_delay() {
    let world = World::start().await;
    let root = with_ocsp(&world).await;
    let arn = world.issue(&root, "device-1").await;
    let certificate = der(&world.get(&root, &arn).await);
    let (_, certificate) = x509_parser::parse_x509_certificate(&certificate).unwrap();
    let names_it = certificate.extensions().iter().any(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityInfoAccess(access) => format!("{access:?}").contains(&world.url),
        _ => false,
    });
    assert!(names_it, "the certificate names the responder");
    let serial = tail(&arn);
    assert_eq!(said(&world, &root, serial).await, Ok(CertStatus::good()));
    assert_eq!(said(&world, &root, "0badc0de").await, Ok(CertStatus::unknown()));
    world.revoke(&root, serial).await.unwrap();
    assert_eq!(said(&world, &root, serial).await, Ok(CertStatus::good()), "not at once");
    world.pass(HALF_HOUR);
    assert!(matches!(said(&world, &root, serial).await, Ok(CertStatus::Revoked(_))));
    let other = world.root().await;
    assert_eq!(said(&world, &other, serial).await, Err(OcspResponseStatus::Unauthorized), "it has no OCSP");
}

#[tokio::test]
async fn the_responder_can_be_told_to_fail() {
    let world = World::start().await;
    let root = with_ocsp(&world).await;
    let arn = world.issue(&root, "device-1").await;
    world.revoke(&root, tail(&arn)).await.unwrap();
    world.pass(HALF_HOUR);
    world.trouble(&root, r#"{"ocsp": "down"}"#).await;
    assert_eq!(ask(&world, &root, tail(&arn)).await.status(), 503);
    world.trouble(&root, r#"{"ocsp": "try_later"}"#).await;
    assert_eq!(said(&world, &root, tail(&arn)).await, Err(OcspResponseStatus::TryLater));
    world.trouble(&root, r#"{"ocsp": "redirects"}"#).await;
    assert_eq!(ask(&world, &root, tail(&arn)).await.status(), 302);
    world.trouble(&root, r#"{"ocsp": "forgetful"}"#).await;
    assert_eq!(said(&world, &root, tail(&arn)).await, Ok(CertStatus::good()));
    world.trouble(&root, "{}").await;
    assert!(matches!(said(&world, &root, tail(&arn)).await, Ok(CertStatus::Revoked(_))));
}
