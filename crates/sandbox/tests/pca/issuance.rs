use super::support::{BUCKET, END_ENTITY, World, code, csr, csr_with_subject, der, tail, validity};
use aws_sdk_acmpca::primitives::Blob;
use aws_sdk_acmpca::types::{CertificateAuthorityType, Validity, ValidityPeriodType};
use std::time::Duration;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::parse_x509_certificate;

#[tokio::test]
async fn a_certificate_is_what_the_csr_and_the_template_say() {
    let world = World::start().await;
    let root = world.root().await;
    let before = world.clock.now().unix_timestamp();
    let arn = world.issue(&root, "device-1").await;
    let pem = world.get(&root, &arn).await;
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----\n") && pem.ends_with("\n-----END CERTIFICATE-----"));
    let der = der(&pem);
    let (_, certificate) = parse_x509_certificate(&der).unwrap();
    let own = world.admin().get_certificate_authority_certificate().certificate_authority_arn(&root).send();
    let own = super::support::der(&own.await.unwrap().certificate.unwrap());
    let (_, own) = parse_x509_certificate(&own).unwrap();
    certificate.verify_signature(Some(own.public_key())).unwrap();
    assert_eq!(certificate.issuer().as_raw(), own.subject().as_raw());
    assert_eq!(certificate.subject().to_string(), "O=Example Company, CN=device-1");
    assert_eq!(hex::encode(certificate.raw_serial()).trim_start_matches("00"), tail(&arn));
    let validity = certificate.validity();
    let issued = validity.not_before.timestamp() + 3600;
    assert!((before..before + 30).contains(&issued), "notBefore is issuedAt - 60 minutes");
    assert_eq!(validity.not_after.timestamp() - issued, 365 * 86_400);

    let names = certificate.subject_alternative_name().unwrap().unwrap();
    assert_eq!(names.value.general_names, [GeneralName::DNSName("device-1.example")]);
    let usage = certificate.key_usage().unwrap().unwrap();
    assert!(usage.critical && usage.value.digital_signature() && usage.value.key_encipherment());
    assert!(!usage.value.key_cert_sign());
    let purposes = certificate.extended_key_usage().unwrap().unwrap();
    assert!(purposes.value.server_auth && purposes.value.client_auth && !purposes.critical);
    assert!(!certificate.basic_constraints().unwrap().unwrap().value.ca);
    let key_id = |parsed: &x509_parser::certificate::X509Certificate<'_>| {
        parsed.iter_extensions().find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
            _ => None,
        })
    };
    let mut seen = 0;
    for extension in certificate.iter_extensions() {
        match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                assert_eq!(id.key_identifier.as_ref().map(|id| id.0.to_vec()), key_id(&own));
                seen += 1;
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                let point = points.points[0].distribution_point.as_ref().unwrap();
                let DistributionPointName::FullName(names) = point else { panic!("{point:?}") };
                let url = format!("http://{BUCKET}.s3.eu-central-1.amazonaws.com/crl/{}.crl", tail(&root));
                assert_eq!(names[..], [GeneralName::URI(&url)]);
                seen += 1;
            }
            _ => {}
        }
    }
    assert_eq!(seen, 2);
    assert!(key_id(&certificate).is_some());
}

#[tokio::test]
async fn issuing_takes_a_while() {
    let world = World::start().await;
    let root = world.root().await;
    let admin = world.admin();
    let issued = admin
        .issue_certificate()
        .certificate_authority_arn(&root)
        .csr(Blob::new(csr("device-1")))
        .signing_algorithm("SHA256WITHECDSA".into())
        .validity(validity(30))
        .send()
        .await
        .unwrap();
    let arn = issued.certificate_arn.unwrap();
    let get = |certificate: &str| {
        admin.get_certificate().certificate_authority_arn(&root).certificate_arn(certificate).send()
    };
    assert_eq!(code(get(&arn).await.unwrap_err()), "RequestInProgressException");
    assert_eq!(world.revoke(&root, tail(&arn)).await.unwrap_err(), "RequestInProgressException");
    world.pass(Duration::from_secs(5));
    let got = get(&arn).await.unwrap();
    assert!(got.certificate_chain.unwrap().contains("BEGIN CERTIFICATE"));
    let unknown = format!("{root}/certificate/{}", "ab".repeat(16));
    assert_eq!(code(get(&unknown).await.unwrap_err()), "ResourceNotFoundException");
    let foreign = arn.replace("certificate-authority/", "certificate-authority/other-");
    assert_eq!(code(get(&foreign).await.unwrap_err()), "ResourceNotFoundException");
    for malformed in [&root[..], "nonsense", &format!("{root}/certificate/xyz")] {
        assert_eq!(code(get(malformed).await.unwrap_err()), "InvalidArnException", "{malformed}");
    }
    // Expired or revoked, a certificate can still be got.
    world.revoke(&root, tail(&arn)).await.unwrap();
    get(&arn).await.unwrap();
    world.pass(Duration::from_secs(31 * 86_400));
    get(&arn).await.unwrap();
}

#[tokio::test]
async fn a_token_means_one_certificate_for_five_minutes() {
    let world = World::start().await;
    let root = world.root().await;
    let admin = world.admin();
    let issue = |token: &str, name: &str| {
        let call = admin
            .issue_certificate()
            .certificate_authority_arn(&root)
            .csr(Blob::new(csr(name)))
            .signing_algorithm("SHA256WITHECDSA".into())
            .validity(validity(30))
            .idempotency_token(token);
        async move { call.send().await.unwrap().certificate_arn.unwrap() }
    };
    let first = issue("one", "device-1").await;
    assert_eq!(issue("one", "device-1").await, first);
    assert_eq!(issue("one", "device-2").await, first);
    assert_ne!(issue("two", "device-1").await, first);
    world.pass(Duration::from_secs(301));
    assert_ne!(issue("one", "device-1").await, first);
    let many = (0..10).map(|_| issue("race", "device-3"));
    let arns = futures::future::join_all(many).await;
    assert!(arns.iter().all(|arn| *arn == arns[0]), "ten at once are one");
}

#[tokio::test]
async fn what_cannot_be_issued_is_refused() {
    let world = World::start().await;
    let root = world.root().await;
    let pending = world.created(CertificateAuthorityType::Root).await;
    let admin = world.admin();
    let valid = || {
        admin
            .issue_certificate()
            .certificate_authority_arn(&root)
            .csr(Blob::new(csr("device-1")))
            .signing_algorithm("SHA256WITHECDSA".into())
            .validity(validity(30))
    };
    let of =
        |value: i64, kind: ValidityPeriodType| Validity::builder().value(value).r#type(kind).build().unwrap();
    let template = |name: &str| format!("arn:aws:acm-pca:::template/{name}");
    let now = world.clock.now().unix_timestamp();
    let cases = [
        (valid().csr(Blob::new("nonsense")), "MalformedCSRException"),
        (valid().csr(Blob::new(csr("device-1").replace("MII", "MIJ"))), "MalformedCSRException"),
        (valid().csr(Blob::new("x".repeat(32_769))), "ValidationException"),
        (valid().certificate_authority_arn(&pending), "InvalidStateException"),
        (valid().certificate_authority_arn("nonsense"), "InvalidArnException"),
        (valid().signing_algorithm("SHA512WITHRSA".into()), "InvalidArgsException"),
        (valid().template_arn(template("NoSuchTemplate/V1")), "InvalidArgsException"),
        (valid().template_arn(template("EndEntityCertificate_CSRPassthrough/V1")), "InvalidArgsException"),
        (valid().template_arn(template("RootCACertificate/V1")), "InvalidArgsException"),
        (valid().validity(validity(0)), "ValidationException"),
        (valid().validity(validity(4000)), "ValidationException"),
        (valid().validity(of(now - 1, ValidityPeriodType::Absolute)), "ValidationException"),
        (valid().validity(of(i64::MAX, ValidityPeriodType::Years)), "ValidationException"),
        (valid().validity_not_before(validity(1)), "ValidationException"),
        (
            valid().validity_not_before(of(now + 40 * 86_400, ValidityPeriodType::Absolute)),
            "ValidationException",
        ),
        (valid().idempotency_token("x".repeat(37)), "ValidationException"),
    ];
    for (number, (call, expected)) in cases.into_iter().enumerate() {
        assert_eq!(code(call.send().await.unwrap_err()), expected, "case {number}");
    }
    valid().send().await.unwrap();
}

#[tokio::test]
async fn a_hostile_subject_is_kept_to_the_octet() {
    let world = World::start().await;
    let root = world.root().await;
    let attribute = |oid: &[u64], tag: u64, value: &[u8]| {
        yasna::construct_der(|writer| {
            writer.write_set(|set| {
                set.next().write_sequence(|pair| {
                    pair.next().write_oid(&yasna::models::ObjectIdentifier::from_slice(oid));
                    let tag = yasna::Tag { tag_class: yasna::TagClass::Universal, tag_number: tag };
                    pair.next().write_tagged_implicit(tag, |w| w.write_bytes(value));
                });
            });
        })
    };
    let parts = [
        attribute(&[2, 5, 4, 11], 12, b"=cmd|'/c calc'!A1"),
        attribute(&[2, 5, 4, 11], 12, "<script>alert(1)</script>\r\n\u{202e}\u{1b}[31m\0".as_bytes()),
        attribute(&[2, 5, 4, 3], 19, b"not * printable"),
        attribute(&[2, 5, 4, 5], 4, b"\x00\xff octets"),
    ]
    .concat();
    let subject = yasna::construct_der(|writer| writer.write_sequence(|seq| seq.next().write_der(&parts)));
    let arn = world.issue_with(&root, &csr_with_subject(&subject), END_ENTITY, 30).await;
    let der = der(&world.get(&root, &arn).await);
    let (_, certificate) = parse_x509_certificate(&der).unwrap();
    assert_eq!(certificate.subject().as_raw(), subject);

    let empty = world.issue_with(&root, &csr_with_subject(&[0x30, 0]), END_ENTITY, 30).await;
    world.get(&root, &empty).await;
    for nonsense in [&[0x30, 2, 0x31, 0][..], &[0x04, 1, 0], &[0x30, 0x80, 0, 0]] {
        let refused = world
            .admin()
            .issue_certificate()
            .certificate_authority_arn(&root)
            .csr(Blob::new(csr_with_subject(nonsense)))
            .signing_algorithm("SHA256WITHECDSA".into())
            .validity(validity(30))
            .send()
            .await;
        assert_eq!(code(refused.unwrap_err()), "MalformedCSRException", "{nonsense:x?}");
    }
}
