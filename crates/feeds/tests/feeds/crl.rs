use std::collections::BTreeSet;

use domain::{RevocationReason, Serial};
use feeds::crl::{Crl, CrlError};
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    CrlIssuingDistributionPoint, DnType, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SerialNumber,
};
use time::OffsetDateTime;

use crate::test_data;

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

fn read(der: &[u8], issuer: &[u8], wanted: &BTreeSet<Serial>) -> Result<Crl, CrlError> {
    feeds::crl::read(der, issuer, wanted)
}

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

fn crl(ca: &Ca, serials: &[&[u8]]) -> Vec<u8> {
    crl_at(ca, serials, &[])
}

/// For the certificates that name one of these addresses; none: for all.
fn crl_at(ca: &Ca, serials: &[&[u8]], points: &[&str]) -> Vec<u8> {
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
        issuing_distribution_point: (!points.is_empty()).then(|| CrlIssuingDistributionPoint {
            distribution_point: CrlDistributionPoint {
                uris: points.iter().map(|point| (*point).to_owned()).collect(),
            },
            scope: None,
        }),
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
    let read = |der: &[u8], ca: &Ca| feeds::crl::read(der, ca.pem.as_bytes(), &wanted);
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

#[test]
fn a_partition_speaks_for_the_certificates_that_name_it() {
    let ca = ca("a");
    let (here, there) = ("http://crl.example/crl/1.crl", "http://crl.example/crl/2.crl");
    let wanted = BTreeSet::from([serial("0a")]);
    let scope = read(&crl_at(&ca, &[&[0x0a]], &[here]), ca.pem.as_bytes(), &wanted).unwrap().scope;
    assert!(scope.covers(&[there.to_owned(), here.to_owned()]));
    assert!(!scope.covers(&[there.to_owned()]) && !scope.covers(&[]));
    let complete = read(&crl(&ca, &[&[0x0a]]), ca.pem.as_bytes(), &wanted).unwrap().scope;
    assert!(complete.covers(&[]) && complete.covers(&[there.to_owned()]));
}

/// The lists of AWS's kind that other programs made.
#[test]
fn lists_from_the_field_say_whom_they_are_for() {
    let issuer = test_data("crl/ca-printable.pem");
    let wanted = BTreeSet::from([serial("0a6707447683a9b7f4055627ffd55ceb")]);
    let read = |name: &str| read(&test_data(name), &issuer, &wanted).unwrap();
    let complete = read("crl/crl-no-idp.der");
    assert_eq!((complete.revoked.len(), complete.scope.points.len()), (1, 0));
    let partition = read("crl/crl-partition.der");
    let at = "http://example-crl.s3.eu-central-1.amazonaws.com/crl/11223344-1234-1122-2233-112233445566/\
              0f0e0d0c-0b0a-0908-0706-050403020100.crl";
    assert_eq!((partition.revoked.len(), partition.scope.points), (1, vec![at.to_owned()]));
    let some = read("crl/crl-only-some-reasons.der");
    assert_eq!((some.entries, some.scope.reasons.as_deref()), (0, Some("Key Compromise")));
    assert_eq!(complete.scope.reasons, None);
}

/// One byte at a time, as a slow connection gives them.
struct Trickle<'a>(&'a [u8]);

impl std::io::Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let one = buffer.len().min(1);
        self.0.read(&mut buffer[..one])
    }
}

#[test]
fn a_long_list_is_read_as_it_comes() {
    let ca = ca("a");
    let numbers: Vec<[u8; 4]> = (1..5000_u32).map(|number| (number << 8 | 1).to_be_bytes()).collect();
    let der = crl(&ca, &numbers.iter().map(|number| number.as_slice()).collect::<Vec<_>>());
    let wanted = BTreeSet::from([serial("0101"), serial("010001"), serial("02")]);
    let found = feeds::crl::read(Trickle(&der), ca.pem.as_bytes(), &wanted).unwrap();
    assert_eq!((found.entries, found.revoked.len()), (4999, 2));
}

/// A list of more entries than would fit into memory, and the end of which never comes.
struct Endless<'a> {
    beginning: &'a [u8],
    entry: &'a [u8],
    at: usize,
    left: u64,
}

impl std::io::Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if !self.beginning.is_empty() {
            return self.beginning.read(buffer);
        }
        let read = (&self.entry[self.at..]).read(buffer)?.min(self.left.try_into().unwrap());
        self.at = (self.at + read) % self.entry.len();
        self.left -= u64::try_from(read).unwrap();
        Ok(read)
    }
}

#[test]
fn what_is_kept_does_not_grow_with_the_list() {
    let ca = ca("a");
    let der = crl(&ca, &[&[0x0a], &[0x0b]]);
    // What comes before the entries, with lengths that promise four gigabytes of them.
    let name = der.windows(2).position(|bytes| bytes == [0x17, 13]).unwrap();
    let entry = der.windows(3).position(|bytes| bytes == [0x02, 0x01, 0x0a]).unwrap();
    let second = der.windows(3).position(|bytes| bytes == [0x02, 0x01, 0x0b]).unwrap();
    let tbs = der.windows(3).position(|bytes| bytes == [0x02, 0x01, 0x01]).unwrap();
    let long = |tag: u8, length: u32| [&[tag, 0x84], &length.to_be_bytes()[..]].concat();
    let beginning = [
        long(0x30, u32::MAX),
        long(0x30, u32::MAX - 6),
        der[tbs..name + 30].to_vec(),
        long(0x30, u32::MAX - 65_536),
    ];
    let beginning = beginning.concat();
    let entry = &der[entry - 2..second - 2];
    let source = Endless { beginning: &beginning, entry, at: 0, left: 30_000_000 };
    let error = feeds::crl::read(source, ca.pem.as_bytes(), &BTreeSet::new()).unwrap_err();
    assert_eq!(error, CrlError::Malformed("it ends too early".to_owned()));
    // A single value that promises as much is not waited for.
    let one = [long(0x30, u32::MAX), long(0x30, u32::MAX - 6), long(0x30, u32::MAX - 65_536)].concat();
    let error = read(&one, ca.pem.as_bytes(), &BTreeSet::new()).unwrap_err();
    assert_eq!(error, CrlError::Malformed("a value is too long".to_owned()));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let ca = ca("a");
        let _ = read(&bytes, ca.pem.as_bytes(), &BTreeSet::new());
        let _ = read(&[&[0x30], bytes.as_slice()].concat(), ca.pem.as_bytes(), &BTreeSet::new());
    }

    #[test]
    fn damage_never_makes_a_list(at in any::<prop::sample::Index>(), byte: u8, cut: bool) {
        static LIST: std::sync::OnceLock<(String, Vec<u8>)> = std::sync::OnceLock::new();
        let (issuer, honest) = LIST.get_or_init(|| {
            let ca = ca("a");
            (ca.pem.clone(), crl_at(&ca, &[&[0x0a], &[0x0b]], &["http://crl.example/1.crl"]))
        });
        let wanted = BTreeSet::from([serial("0a")]);
        let mut bytes = honest.clone();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let read = read(&bytes, issuer.as_bytes(), &wanted);
        prop_assert!(bytes == *honest || read.is_err(), "byte {at} of {}: {read:?}", honest.len());
    }
}
