use std::collections::BTreeSet;

use domain::{RevocationReason, Serial};
use feeds::crl::{Crl, CrlError};
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    CrlIssuingDistributionPoint, DnType, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SerialNumber, SigningKey,
};
use time::OffsetDateTime;
use x509_cert::crl::{CertificateList, TbsCertList};
use x509_cert::der::asn1::{Any, BitString, Ia5String, ObjectIdentifier, OctetString, SetOfVec};
use x509_cert::der::oid::db::rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT;
use x509_cert::der::{Decode, Encode, Tag};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::IssuingDistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};

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
fn all_entries_are_given_and_none_counts_without_the_signature() {
    let (right, namesake) = (ca("a"), ca("a"));
    let der = crl(&right, &[&[0x0a], &[0xff], &[0x00, 0xff, 0x01]]);
    let read = |ca: &Ca| {
        let mut given = Vec::new();
        let each = |serial, _| {
            given.push(serial);
            Ok::<_, CrlError>(())
        };
        let head = feeds::crl::read_all(der.as_slice(), ca.pem.as_bytes(), each);
        (given, head.map(|head| (head.this_update.unix(), head.entries)))
    };
    let all = vec![serial("0a"), serial("ff"), serial("ff01")];
    assert_eq!(read(&right), (all.clone(), Ok((1_700_000_100, 3))));
    assert_eq!(read(&namesake), (all, Err(CrlError::Signature)));
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
    assert_eq!(der[1], 0x81);
    let long = [&[0x30, 0x82, 0], &der[2..]].concat();
    assert_eq!(read(&long, &right), Err(CrlError::Malformed("a length is none of DER".to_owned())));
}

#[test]
fn a_key_that_is_not_for_crls_signs_none() {
    let right = ca("a");
    let der = crl(&right, &[&[0x0a]]);
    let issued = |usages: Vec<KeyUsagePurpose>| {
        let mut params = right.params.clone();
        params.key_usages = usages;
        read(&der, params.self_signed(&right.key).unwrap().pem().as_bytes(), &BTreeSet::new())
    };
    assert_eq!(issued(vec![KeyUsagePurpose::KeyCertSign]), Err(CrlError::NotForCrls));
    assert_eq!(
        issued(vec![]).map(|crl| crl.entries),
        Ok(1),
        "a certificate that says nothing forbids nothing"
    );
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

/// The list, changed and signed again.
fn changed(ca: &Ca, der: &[u8], change: impl FnOnce(&mut TbsCertList)) -> Vec<u8> {
    let mut list = CertificateList::from_der(der).unwrap();
    change(&mut list.tbs_cert_list);
    let signature = ca.key.sign(&list.tbs_cert_list.to_der().unwrap()).unwrap();
    list.signature = BitString::from_bytes(&signature).unwrap();
    list.to_der().unwrap()
}

fn extension(oid: &str, critical: bool, value: Vec<u8>) -> Extension {
    let extn_value = OctetString::new(value).unwrap();
    Extension { extn_id: ObjectIdentifier::new_unwrap(oid), critical, extn_value }
}

#[test]
fn what_one_does_not_understand_makes_a_list_useless() {
    let ca = ca("a");
    let honest = crl_at(&ca, &[&[0x0a]], &["http://crl.example/crl/1.crl"]);
    let judged = |change: &dyn Fn(&mut TbsCertList)| {
        let wanted = BTreeSet::from([serial("0a")]);
        read(&changed(&ca, &honest, |list| change(list)), ca.pem.as_bytes(), &wanted)
    };
    let point = |change: &dyn Fn(&mut IssuingDistributionPoint)| {
        judged(&|list| {
            let extensions = list.crl_extensions.as_mut().unwrap();
            let one = extensions.iter_mut().find(|one| one.extn_id == ID_CE_ISSUING_DISTRIBUTION_POINT);
            let value = &mut one.unwrap().extn_value;
            let mut point = IssuingDistributionPoint::from_der(value.as_bytes()).unwrap();
            change(&mut point);
            *value = OctetString::new(point.to_der().unwrap()).unwrap();
        })
    };
    let mail = GeneralName::Rfc822Name(Ia5String::new("crl@example").unwrap());
    for useless in [
        point(&|point| point.indirect_crl = true),
        point(&|point| point.only_contains_ca_certs = true),
        point(&|point| point.only_contains_attribute_certs = true),
        point(&|point| {
            let relative = DistributionPointName::NameRelativeToCRLIssuer(Default::default());
            point.distribution_point = Some(relative);
        }),
        point(&|point| {
            point.distribution_point = Some(DistributionPointName::FullName(vec![mail.clone()]));
        }),
        // A delta CRL (RFC 5280 §5.2.4), and something new.
        judged(&|list| add(&mut list.crl_extensions, extension("2.5.29.27", true, vec![2, 1, 1]))),
        judged(&|list| add(&mut list.crl_extensions, extension("1.2.3.4", true, vec![5, 0]))),
        // An entry of another CA (§5.3.3), beside the one that is asked for.
        judged(&|list| {
            let entries = list.revoked_certificates.as_mut().unwrap();
            let mut other = entries[0].clone();
            other.serial_number = x509_cert::serial_number::SerialNumber::new(&[0x0b]).unwrap();
            add(&mut other.crl_entry_extensions, extension("2.5.29.29", true, vec![0x30, 0]));
            entries.push(other);
        }),
    ] {
        assert_eq!(useless.unwrap_err(), CrlError::Kind);
    }
    let unreadable = judged(&|list| {
        let extensions = list.crl_extensions.as_mut().unwrap();
        let one = extensions.iter_mut().find(|one| one.extn_id == ID_CE_ISSUING_DISTRIBUTION_POINT);
        // A distribution point of a kind that there is not.
        one.unwrap().extn_value = OctetString::new([0x30, 4, 0xa0, 2, 0xa7, 0]).unwrap();
    });
    assert!(matches!(unreadable, Err(CrlError::Malformed(_))), "{unreadable:?}");
    for fine in [
        point(&|point| point.only_contains_user_certs = true),
        judged(&|list| add(&mut list.crl_extensions, extension("1.2.3.4", false, vec![5, 0]))),
        judged(&|list| {
            let entry = &mut list.revoked_certificates.as_mut().unwrap()[0];
            add(&mut entry.crl_entry_extensions, extension("1.2.3.4", false, vec![5, 0]));
        }),
    ] {
        assert_eq!(fine.unwrap().revoked.len(), 1);
    }
}

fn add(extensions: &mut Option<Vec<Extension>>, one: Extension) {
    extensions.get_or_insert_default().push(one);
}

/// RFC 5280 §7.1: a name is what it says, not how it is written.
#[test]
fn the_issuers_name_may_be_written_in_another_way() {
    let ca = ca("Devices CA");
    let wanted = BTreeSet::from([serial("0a")]);
    let named = |name: &str| {
        let list = changed(&ca, &crl(&ca, &[&[0x0a]]), |list| {
            let any = &mut list.issuer.0[0].0;
            let mut one = any.get(0).unwrap().clone();
            one.value = Any::new(Tag::PrintableString, name.as_bytes()).unwrap();
            *any = SetOfVec::try_from(vec![one]).unwrap();
        });
        read(&list, ca.pem.as_bytes(), &wanted)
    };
    assert_eq!(named("DEVICES  CA").unwrap().revoked.len(), 1);
    assert_eq!(named("Devices CB"), Err(CrlError::OtherIssuer));
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
    assert_eq!((partition.revoked.len(), &partition.scope.points), (1, &vec![at.to_owned()]));
    let other = at.replace("0f0e0d0c", "1f0e0d0c");
    assert!(partition.scope.covers(&[at.to_owned()]) && !partition.scope.covers(&[other]));
    let some = read("crl/crl-only-some-reasons.der");
    assert_eq!((some.entries, some.scope.reasons.as_deref()), (0, Some("KeyCompromise")));
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
