use super::support::{World, code, configuration, csr, der};
use aws_sdk_acmpca::primitives::Blob;
use aws_sdk_acmpca::types::{
    CertificateAuthorityStatus, CertificateAuthorityType, CrlConfiguration, OcspConfiguration,
    RevocationConfiguration,
};
use std::time::Duration;
use x509_parser::parse_x509_certificate;

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_root_signs_itself_and_becomes_active() {
    let world = World::start().await;
    let admin = world.admin();
    let created = admin
        .create_certificate_authority()
        .certificate_authority_configuration(configuration())
        .certificate_authority_type(CertificateAuthorityType::Root)
        .send()
        .await
        .unwrap();
    let arn = created.certificate_authority_arn.unwrap();
    assert!(arn.starts_with("arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/"));
    assert_eq!(world.status(&arn).await, "CREATING");
    let early = admin.get_certificate_authority_csr().certificate_authority_arn(&arn).send().await;
    assert_eq!(code(early.unwrap_err()), "RequestInProgressException");
    world.pass(Duration::from_secs(5));
    assert_eq!(world.status(&arn).await, "PENDING_CERTIFICATE");
    let none = admin.get_certificate_authority_certificate().certificate_authority_arn(&arn).send().await;
    assert_eq!(code(none.unwrap_err()), "InvalidStateException");

    world.install_root(&arn, 3650).await;
    assert_eq!(world.status(&arn).await, "ACTIVE");
    let own =
        admin.get_certificate_authority_certificate().certificate_authority_arn(&arn).send().await.unwrap();
    assert_eq!(own.certificate_chain, None);
    let der = der(&own.certificate.unwrap());
    let (_, certificate) = parse_x509_certificate(&der).unwrap();
    certificate.verify_signature(None).unwrap();
    assert!(certificate.is_ca());
    assert_eq!(certificate.subject().as_raw(), certificate.issuer().as_raw());

    let described =
        admin.describe_certificate_authority().certificate_authority_arn(&arn).send().await.unwrap();
    let authority = described.certificate_authority.unwrap();
    assert_eq!(authority.serial.unwrap(), certificate.tbs_certificate.serial.to_string());
    assert_eq!(authority.not_after.unwrap().secs(), certificate.validity().not_after.timestamp());
    assert_eq!(authority.owner_account.unwrap(), "123456789012");
    let subject = authority.certificate_authority_configuration.unwrap().subject.unwrap();
    assert_eq!(subject.common_name.unwrap(), "Example CA");
    assert!(!authority.revocation_configuration.unwrap().crl_configuration.unwrap().enabled);
}

#[tokio::test]
async fn an_authority_may_last_for_millennia() {
    let world = World::start().await;
    let arn = world.created(CertificateAuthorityType::Root).await;
    world.install_root(&arn, 2_900_000).await;
    let leaf = world.issue_with(&arn, &csr("device-1"), super::support::END_ENTITY, 2_800_000).await;
    let der = der(&world.get(&arn, &leaf).await);
    let (_, certificate) = parse_x509_certificate(&der).unwrap();
    let validity = certificate.validity();
    assert!(validity.not_before.is_utctime() && validity.not_after.is_generalizedtime());
    assert!(validity.not_after.to_datetime().year() > 9000);
}

#[tokio::test]
async fn a_subordinate_is_signed_by_its_parent() {
    let world = World::start().await;
    let admin = world.admin();
    let root = world.root().await;
    let subordinate = world.created(CertificateAuthorityType::Subordinate).await;
    let csr =
        admin.get_certificate_authority_csr().certificate_authority_arn(&subordinate).send().await.unwrap();
    let template = "arn:aws:acm-pca:::template/SubordinateCACertificate_PathLen0/V1";
    let certificate = world.issue_with(&root, csr.csr().unwrap(), template, 1000).await;
    let got = admin
        .get_certificate()
        .certificate_authority_arn(&root)
        .certificate_arn(&certificate)
        .send()
        .await
        .unwrap();
    let (pem, chain) = (got.certificate.unwrap(), got.certificate_chain.unwrap());
    let import = |certificate: &str, chain: Option<&str>| {
        let call = admin
            .import_certificate_authority_certificate()
            .certificate_authority_arn(&subordinate)
            .certificate(Blob::new(certificate))
            .set_certificate_chain(chain.map(Blob::new));
        async move { call.send().await.map(|_| ()).map_err(code) }
    };
    assert_eq!(import(&pem, None).await.unwrap_err(), "InvalidRequestException");
    assert_eq!(import("no PEM", Some(&chain)).await.unwrap_err(), "MalformedCertificateException");
    assert_eq!(import(&chain, Some(&chain)).await.unwrap_err(), "CertificateMismatchException");
    assert_eq!(import(&pem, Some(&pem)).await.unwrap_err(), "CertificateMismatchException");
    import(&pem, Some(&chain)).await.unwrap();
    assert_eq!(world.status(&subordinate).await, "ACTIVE");

    let leaf = world.issue(&subordinate, "device-1").await;
    let got = admin
        .get_certificate()
        .certificate_authority_arn(&subordinate)
        .certificate_arn(&leaf)
        .send()
        .await
        .unwrap();
    assert_eq!(got.certificate_chain.unwrap(), format!("{pem}\n{chain}"));
    let (leaf, above) = (der(&got.certificate.unwrap()), der(&pem));
    let (leaf, above) = (parse_x509_certificate(&leaf).unwrap().1, parse_x509_certificate(&above).unwrap().1);
    leaf.verify_signature(Some(above.public_key())).unwrap();
    assert_eq!(leaf.issuer().as_raw(), above.subject().as_raw());
}

#[tokio::test]
async fn pages_hold_a_hundred_and_tokens_are_checked() {
    let world = World::start().await;
    let admin = world.admin();
    let mut made = Vec::new();
    for _ in 0..105 {
        made.push(world.created(CertificateAuthorityType::Root).await);
    }
    let page = admin.list_certificate_authorities().max_results(1000).send().await.unwrap();
    assert_eq!(page.certificate_authorities().len(), 100);
    let next = page.next_token().unwrap();
    let rest = admin.list_certificate_authorities().next_token(next).send().await.unwrap();
    assert_eq!((rest.certificate_authorities().len(), rest.next_token()), (5, None));
    let listed = admin.list_certificate_authorities().max_results(7).into_paginator().items().send();
    let listed = listed.collect::<Result<Vec<_>, _>>().await.unwrap();
    let arns = listed.iter().map(|authority| authority.arn().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(arns, made);
    let wrong = admin.list_certificate_authorities().next_token("bm9uc2Vuc2U").send().await;
    assert_eq!(code(wrong.unwrap_err()), "InvalidNextTokenException");
    let zero = admin.list_certificate_authorities().max_results(0).send().await;
    assert_eq!(code(zero.unwrap_err()), "ValidationException");
    let others = admin
        .list_certificate_authorities()
        .resource_owner(aws_sdk_acmpca::types::ResourceOwner::OtherAccounts)
        .send()
        .await
        .unwrap();
    assert!(others.certificate_authorities().is_empty());
}

#[tokio::test]
async fn disabling_stops_issuing_and_expiry_stops_all() {
    let world = World::start().await;
    let admin = world.admin();
    let root = world.root().await;
    let update = |status: CertificateAuthorityStatus| {
        let call = admin.update_certificate_authority().certificate_authority_arn(&root).status(status);
        async move { call.send().await.map(|_| ()).map_err(code) }
    };
    let issue = || {
        let call = admin
            .issue_certificate()
            .certificate_authority_arn(&root)
            .csr(Blob::new(csr("device-1")))
            .signing_algorithm("SHA256WITHECDSA".into())
            .validity(super::support::validity(30));
        async move { call.send().await.map(|_| ()).map_err(code) }
    };
    update(CertificateAuthorityStatus::Disabled).await.unwrap();
    assert_eq!(world.status(&root).await, "DISABLED");
    assert_eq!(issue().await.unwrap_err(), "InvalidStateException");
    update(CertificateAuthorityStatus::Active).await.unwrap();
    issue().await.unwrap();
    assert_eq!(update(CertificateAuthorityStatus::Deleted).await.unwrap_err(), "ValidationException");

    world.pass(DAY * 3651);
    assert_eq!(world.status(&root).await, "EXPIRED");
    assert_eq!(issue().await.unwrap_err(), "InvalidStateException");
    assert_eq!(update(CertificateAuthorityStatus::Active).await.unwrap_err(), "InvalidStateException");
    world.install_root(&root, 3650).await;
    assert_eq!(world.status(&root).await, "ACTIVE", "an expired root signs itself a new certificate");
}

#[tokio::test]
async fn revocation_configuration_is_checked_and_kept() {
    let world = World::start().await;
    let admin = world.admin();
    let root = world.root().await;
    let update = |crl: CrlConfiguration, ocsp: &str| {
        let ocsp = OcspConfiguration::builder().enabled(true).ocsp_custom_cname(ocsp).build().unwrap();
        let configuration =
            RevocationConfiguration::builder().crl_configuration(crl).ocsp_configuration(ocsp).build();
        let call = admin
            .update_certificate_authority()
            .certificate_authority_arn(&root)
            .revocation_configuration(configuration);
        async move { call.send().await.map(|_| ()).map_err(code) }
    };
    let crl = || CrlConfiguration::builder().enabled(true);
    let invalid = "InvalidArgsException";
    let host = "ocsp.example";
    assert_eq!(update(crl().build().unwrap(), host).await.unwrap_err(), invalid);
    assert_eq!(update(crl().expiration_in_days(7).build().unwrap(), host).await.unwrap_err(), invalid);
    let whole = || crl().expiration_in_days(9).s3_bucket_name("other-bucket").custom_cname("crl.example");
    assert_eq!(update(whole().build().unwrap(), "http://ocsp.example").await.unwrap_err(), invalid);
    update(whole().build().unwrap(), host).await.unwrap();
    let described =
        admin.describe_certificate_authority().certificate_authority_arn(&root).send().await.unwrap();
    let kept = described.certificate_authority.unwrap().revocation_configuration.unwrap();
    assert_eq!(kept.crl_configuration.unwrap(), whole().build().unwrap());
    assert_eq!(kept.ocsp_configuration.unwrap().ocsp_custom_cname(), Some(host));
}

#[tokio::test]
async fn creating_is_idempotent_and_limited_to_what_there_is() {
    let world = World::start().await;
    let admin = world.admin();
    let create = |token: &str| {
        admin
            .create_certificate_authority()
            .certificate_authority_configuration(configuration())
            .certificate_authority_type(CertificateAuthorityType::Root)
            .idempotency_token(token)
    };
    let first = create("a").send().await.unwrap().certificate_authority_arn;
    assert_eq!(create("a").send().await.unwrap().certificate_authority_arn, first);
    assert_ne!(create("b").send().await.unwrap().certificate_authority_arn, first);
    world.pass(Duration::from_secs(301));
    assert_ne!(create("a").send().await.unwrap().certificate_authority_arn, first);
    let mut rsa = configuration();
    rsa.key_algorithm = aws_sdk_acmpca::types::KeyAlgorithm::Rsa2048;
    let refused = create("c").certificate_authority_configuration(rsa).send().await;
    assert_eq!(code(refused.unwrap_err()), "InvalidArgsException");
    let arn = first.unwrap();
    let unsupported = admin.delete_certificate_authority().certificate_authority_arn(&arn).send().await;
    assert_eq!(code(unsupported.unwrap_err()), "UnsupportedOperationException");
    for (arn, expected) in [
        ("arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/none", "ResourceNotFoundException"),
        (&arn.replace("eu-central-1", "us-east-1"), "ResourceNotFoundException"),
        ("arn:aws:s3:::bucket", "InvalidArnException"),
        ("nonsense", "InvalidArnException"),
        (&format!("{arn}/certificate/00"), "InvalidArnException"),
    ] {
        let described = admin.describe_certificate_authority().certificate_authority_arn(arn).send().await;
        assert_eq!(code(described.unwrap_err()), expected, "{arn}");
    }
}
