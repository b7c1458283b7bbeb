use std::collections::BTreeSet;

use domain::{RevocationReason, Serial};
use feeds::crl::{CrlError, read};
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer, KeyIdMethod,
    KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
};
use time::OffsetDateTime;

struct Ca {
    params: CertificateParams,
    key: KeyPair,
    pem: String,
}

fn ca(name: &str) -> Ca {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name = Default::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    Ca { params, key, pem }
}

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

fn crl(ca: &Ca, serials: &[&[u8]]) -> Vec<u8> {
    let revoked = |serial: &&[u8]| RevokedCertParams {
        serial_number: SerialNumber::from_slice(serial),
        revocation_time: at(1_700_000_000),
        reason_code: Some(rcgen::RevocationReason::KeyCompromise),
        invalidity_date: None,
    };
    let params = CertificateRevocationListParams {
        this_update: at(1_700_000_100),
        next_update: at(1_700_086_500),
        crl_number: SerialNumber::from(1u64),
        issuing_distribution_point: None,
        revoked_certs: serials.iter().map(revoked).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(&Issuer::from_params(&ca.params, &ca.key)).unwrap().der().to_vec()
}

fn serial(text: &str) -> Serial {
    text.parse().unwrap()
}

#[test]
fn a_list_says_which_certificates_are_revoked_and_why() {
    let ca = ca("a");
    let der = crl(&ca, &[&[0x0a], &[0x00, 0xff, 0x01], &[0x0c]]);
    let wanted = BTreeSet::from([serial("0a"), serial("ff01"), serial("0d")]);
    let found = read(&der, ca.pem.as_bytes(), &wanted).unwrap();
    assert_eq!((found.this_update.unix(), found.entries), (1_700_000_100, 3));
    assert_eq!(found.next_update.map(|at| at.unix()), Some(1_700_086_500));
    assert_eq!(found.revoked.keys().copied().collect::<Vec<_>>(), [serial("0a"), serial("ff01")]);
    let entry = found.revoked[&serial("0a")];
    assert_eq!((entry.at.unix(), entry.reason), (1_700_000_000, Some(RevocationReason::KeyCompromise)));
}

#[test]
fn only_the_cas_own_signature_counts() {
    let (right, namesake, other) = (ca("a"), ca("a"), ca("b"));
    let der = crl(&right, &[&[0x0a]]);
    let wanted = BTreeSet::from([serial("0a")]);
    let read = |der: &[u8], ca: &Ca| read(der, ca.pem.as_bytes(), &wanted);
    assert_eq!(read(&der, &namesake), Err(CrlError::Signature));
    assert_eq!(read(&der, &other), Err(CrlError::OtherIssuer));
    let mut edited = der.clone();
    let place = der.windows(3).position(|bytes| bytes == [0x02, 0x01, 0x0a]).unwrap();
    edited[place + 2] = 0x0b;
    assert_eq!(read(&edited, &right), Err(CrlError::Signature));
    assert!(matches!(read(&der[..der.len() - 1], &right), Err(CrlError::Malformed(_))));
    assert!(matches!(read(&[der.as_slice(), b"x"].concat(), &right), Err(CrlError::Malformed(_))));
}

#[test]
fn an_entry_that_cannot_be_read_is_not_an_empty_list() {
    let ca = ca("a");
    let mut der = crl(&ca, &[&[0x0a]]);
    let place = der.windows(3).position(|bytes| bytes == [0x02, 0x01, 0x0a]).unwrap();
    der[place] = 0x04;
    assert!(read(&der, ca.pem.as_bytes(), &BTreeSet::new()).is_err());
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let ca = ca("a");
        let _ = read(&bytes, ca.pem.as_bytes(), &BTreeSet::new());
        let _ = read(&[&[0x30], bytes.as_slice()].concat(), ca.pem.as_bytes(), &BTreeSet::new());
    }
}
