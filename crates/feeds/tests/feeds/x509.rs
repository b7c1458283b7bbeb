use feeds::x509::{CertificateError, read};
use proptest::prelude::*;
use rcgen::{
    CertificateParams, CrlDistributionPoint, DnType, DnValue, ExtendedKeyUsagePurpose, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P384_SHA384, SanType, SerialNumber,
};

fn certificate(change: impl FnOnce(&mut CertificateParams)) -> rcgen::Certificate {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name = Default::default();
    params.serial_number = Some(SerialNumber::from_slice(&[0x00, 0x8a, 0x1b]));
    params.not_before = time::OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap();
    params.not_after = time::OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
    change(&mut params);
    params.self_signed(&KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap()).unwrap()
}

#[test]
fn a_certificate_says_what_it_is() {
    let certificate = certificate(|params| {
        params.distinguished_name.push(DnType::CountryName, "DE");
        params.distinguished_name.push(DnType::OrganizationName, "Example, Inc.");
        params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), "sensor 1 ");
        params.distinguished_name.push(DnType::CommonName, "sensor-1");
        params.subject_alt_names = vec![
            SanType::DnsName("sensor-1.example".try_into().unwrap()),
            SanType::IpAddress("192.0.2.1".parse().unwrap()),
            SanType::URI("urn:device:1".try_into().unwrap()),
        ];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyAgreement];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.crl_distribution_points =
            vec![CrlDistributionPoint { uris: vec!["http://crl.example/ca.crl".to_owned()] }];
    });
    let details = read(certificate.der()).unwrap();
    assert_eq!(details.subject, "CN=sensor-1,serialNumber=sensor 1\\ ,O=Example\\, Inc.,C=DE");
    assert_eq!(details.serial.to_string(), "8a1b");
    assert_eq!((details.not_before.unix(), details.not_after.unix()), (1_700_000_000, 1_800_000_000));
    assert_eq!(details.alternative_names, ["DNS:sensor-1.example", "IP:192.0.2.1", "URI:urn:device:1"]);
    assert_eq!(
        (details.key.as_str(), details.signature_algorithm.as_str()),
        ("EC P-384", "ECDSA with SHA-384")
    );
    assert_eq!(details.key_usage, ["digitalSignature", "keyAgreement"]);
    assert_eq!(details.extended_key_usage, ["clientAuth"]);
    assert_eq!(details.crl_distribution_points, ["http://crl.example/ca.crl"]);
    assert_eq!(read(certificate.pem().as_bytes()), Ok(details.clone()));
    assert_eq!(read(details.pem.as_bytes()), Ok(details));
}

#[test]
fn hostile_names_come_out_harmless() {
    let certificate = certificate(|params| {
        params.distinguished_name.push(DnType::CommonName, "<script>\r\n\u{202e}evil\0");
        let bad = DnValue::BmpString(rcgen::string::BmpString::try_from("no UTF-8").unwrap());
        params.distinguished_name.push(DnType::OrganizationName, bad);
        params.subject_alt_names = vec![SanType::DnsName("a\u{7f}\u{0}".try_into().unwrap())];
    });
    let details = read(certificate.der()).unwrap();
    let subject = details.subject.as_str();
    assert!(subject.starts_with("2.5.4.10=#1e10"), "{subject}");
    assert!(subject.ends_with("CN=\\<script\\>\\0d\\0a\\e2\\80\\aeevil\\00"), "{subject}");
    assert_eq!(details.alternative_names, ["DNS:a\\7f\\00"]);
}

#[test]
fn what_is_no_certificate_is_refused_with_the_reason() {
    let certificate = certificate(|_| ());
    assert_eq!(read(&vec![0x30; 70_000]), Err(CertificateError::TooLong));
    assert!(matches!(read(b"hello"), Err(CertificateError::Pem(_))));
    let key = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n";
    assert!(matches!(read(key.as_bytes()), Err(CertificateError::Pem(_))));
    assert_eq!(read(&[certificate.der().as_ref(), b"x"].concat()), Err(CertificateError::Trailing));
    assert!(matches!(read(&certificate.der()[..100]), Err(CertificateError::X509(_))));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200), at in 0.0f64..1.0, byte in proptest::num::u8::ANY) {
        let _ = (read(&bytes), read(&[&[0x30], bytes.as_slice()].concat()));
        let certificate = certificate(|params| {
            params.distinguished_name.push(DnType::CommonName, "sensor-1");
            params.subject_alt_names = vec![SanType::DnsName("sensor-1.example".try_into().unwrap())];
        });
        let mut damaged = certificate.der().to_vec();
        let at = (at * damaged.len() as f64) as usize;
        damaged[at] = byte;
        let _ = read(&damaged);
    }
}
