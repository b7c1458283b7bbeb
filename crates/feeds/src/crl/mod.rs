//! Certificate revocation lists (RFC 5280 §5): is it the CA's, is its signature good, whom is it for, and what does it say
//! about some certificates. Read as it comes in: what is kept grows with what is asked, not with the list. Knows no clock:
//! whether a list is stale is for the caller to judge.

mod der;
mod scope;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Read};

use domain::{RevocationReason, Serial, Timestamp};
use x509_cert::crl::RevokedCert;
use x509_cert::der::asn1::BitString;
use x509_cert::der::oid::AssociatedOid;
use x509_cert::der::{self as asn1, Decode};
use x509_cert::ext::pkix::CrlReason;
use x509_cert::time::Time;
use x509_parser::prelude::FromDer;

use crate::signature::Scheme;
use crate::x509::{self, CertificateError};
use der::{BIT_STRING, EXTENSIONS, GENERALIZED_TIME, Header, INTEGER, Reader, SEQUENCE, UTC_TIME, malformed};
pub use scope::Scope;

/// How long a value may be of which a list has one: a name, its extensions, its signature.
const ONE: usize = 64 * 1024;
/// How long an entry may be. AWS Private CA writes about 50 bytes.
const ENTRY: usize = 4 * 1024;

/// A list whose signature is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub this_update: Timestamp,
    /// `None`: it does not say when the next one comes.
    pub next_update: Option<Timestamp>,
    pub scope: Scope,
    /// How many certificates it lists in all.
    pub entries: u64,
}

/// The same, as far as some certificates are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crl {
    pub this_update: Timestamp,
    /// `None`: it does not say when the next one comes.
    pub next_update: Option<Timestamp>,
    pub scope: Scope,
    /// How many certificates it lists in all.
    pub entries: u64,
    /// Those of the certificates asked about that it lists.
    pub revoked: BTreeMap<Serial, Revoked>,
}

/// One entry of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked {
    pub at: Timestamp,
    /// `None`: it gives none, or one that AWS Private CA does not take.
    pub reason: Option<RevocationReason>,
}

/// Why a list proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    #[error("the CA's certificate cannot be read: {0}")]
    Issuer(#[from] CertificateError),
    #[error("this is not a CRL: {0}")]
    Malformed(String),
    #[error("reading failed: {0}")]
    Io(String),
    #[error("the CRL was issued by another CA")]
    OtherIssuer,
    #[error("the CA's certificate does not let its key sign CRLs")]
    NotForCrls,
    #[error("the CRL's signature is not the CA's")]
    Signature,
    #[error("the CRL is signed in a way that we cannot check")]
    UnknownSignature,
    #[error(
        "the CRL speaks for other CAs too, about CAs alone, or about changes alone, or in a way that we do not read"
    )]
    Kind,
    #[error("the CRL has a date that we do not read")]
    Date,
}

/// Reads a list in DER, checks that the CA of the certificate `issuer` (DER or PEM) signed it, and looks up `wanted`.
pub fn read(source: impl Read, issuer: &[u8], wanted: &BTreeSet<Serial>) -> Result<Crl, CrlError> {
    let mut revoked = BTreeMap::new();
    let keep = |serial: Serial, entry: Revoked| {
        if wanted.contains(&serial) {
            revoked.insert(serial, entry);
        }
        Ok::<_, CrlError>(())
    };
    let Head { this_update, next_update, scope, entries } = read_all(source, issuer, keep)?;
    Ok(Crl { this_update, next_update, scope, entries, revoked })
}

/// The same; `each` is given every entry as it comes in, before the signature is read: until this says that it is good, they
/// are anybody's words.
pub fn read_all<E: From<CrlError>>(
    source: impl Read,
    issuer: &[u8],
    each: impl FnMut(Serial, Revoked) -> Result<(), E>,
) -> Result<Head, E> {
    let issuer = x509::der(issuer).map_err(CrlError::from)?;
    let issuer = x509::parse(&issuer).map_err(CrlError::from)?;
    // RFC 5280 §6.3.3 (f).
    if !issuer.key_usage().is_ok_and(|usage| usage.is_none_or(|usage| usage.value.crl_sign())) {
        return Err(CrlError::NotForCrls.into());
    }
    let mut list = Reader::new(BufReader::with_capacity(ONE, source));
    let mut all = list.expect(SEQUENCE)?.length;
    let signed = of(next(&mut list, &mut all)?, SEQUENCE)?;
    let mut left = signed.length;
    // RFC 5280 §5.1.2: version, signature, issuer, thisUpdate, nextUpdate, revokedCertificates, crlExtensions. How it is
    // signed comes before all that is large.
    let mut before = signed.written().to_vec();
    let mut header = next(&mut list, &mut left)?;
    if let Some(version) = header.take_if(|header| header.tag == INTEGER) {
        before.extend(list.value(version, ONE)?);
        header = next(&mut list, &mut left)?;
    }
    let algorithm = list.value(of(header, SEQUENCE)?, ONE)?;
    let scheme = Scheme::of(&whole(&algorithm)?, issuer.public_key()).ok_or(CrlError::UnknownSignature)?;
    list.hash_with(scheme.context(), &[before, algorithm.clone()].concat());

    // The header of each further value is read, and hashed, before it is known what it is.
    let name = of(next(&mut list, &mut left)?, SEQUENCE)?;
    let name = list.value(name, ONE)?;
    if !x509::same(&whole(&name)?, issuer.subject()) {
        return Err(CrlError::OtherIssuer.into());
    }
    let mut header = next(&mut list, &mut left)?;
    let this_update = match time(&mut list, &mut header)? {
        Some(at) => at,
        None => return Err(malformed("it has no date").into()),
    };
    header = next(&mut list, &mut left)?;
    let next_update = time(&mut list, &mut header)?;
    if next_update.is_some() {
        header = next(&mut list, &mut left)?;
    }
    let mut found = Head { this_update, next_update, scope: Scope::default(), entries: 0 };
    if let Some(entries) = header.take_if(|header| header.tag == SEQUENCE) {
        found.entries = read_entries(&mut list, entries.length, each)?;
        header = next(&mut list, &mut left)?;
    }
    if let Some(tagged) = header.take_if(|header| header.tag == EXTENSIONS) {
        let tagged = list.value(tagged, ONE)?;
        found.scope = Scope::of(content(&tagged)?)?;
        header = next(&mut list, &mut left)?;
    }
    if header.is_some() {
        return Err(malformed("it has a field that is none of a CRL").into());
    }

    let signed = list.hashed().ok_or_else(|| malformed("nothing is signed"))?;
    let outer = of(next(&mut list, &mut all)?, SEQUENCE)?;
    // RFC 5280 §5.1.1.2: both say the same.
    if list.value(outer, ONE)? != algorithm {
        return Err(CrlError::Signature.into());
    }
    let signature = of(next(&mut list, &mut all)?, BIT_STRING)?;
    let signature = list.value(signature, ONE)?;
    if all > 0 {
        return Err(malformed("it has a field that is none of a CRL").into());
    }
    list.end()?;
    let signature = BitString::from_der(&signature).map_err(CrlError::from)?;
    let is_good = signature.as_bytes().is_some_and(|signature| scheme.is_good(signed, signature));
    if is_good { Ok(found) } else { Err(CrlError::Signature.into()) }
}

/// How many there are. `length`: of all entries, in bytes.
fn read_entries<E: From<CrlError>>(
    list: &mut Reader<impl Read>,
    length: u64,
    mut each: impl FnMut(Serial, Revoked) -> Result<(), E>,
) -> Result<u64, E> {
    let (mut left, mut entries) = (length, 0);
    while left > 0 {
        let header = list.expect(SEQUENCE)?;
        left = left.checked_sub(header.whole()).ok_or_else(|| malformed("an entry ends after its list"))?;
        entries += 1;
        if let Some((serial, revoked)) = entry(&list.value(header, ENTRY)?)? {
            each(serial, revoked)?;
        }
    }
    Ok(entries)
}

/// `None`: its serial number is negative, and so of no certificate that anybody asks about.
fn entry(der: &[u8]) -> Result<Option<(Serial, Revoked)>, CrlError> {
    let entry = RevokedCert::from_der(der)?;
    let mut reason = None;
    for extension in entry.crl_entry_extensions.iter().flatten() {
        match extension.extn_id {
            CrlReason::OID => reason = taken(CrlReason::from_der(extension.extn_value.as_bytes())?),
            // RFC 5280 §5.3: a critical one that one does not know makes the whole list useless; so does one that names
            // the certificate's issuer (RFC 5280 §5.3.3).
            _ if extension.critical => return Err(CrlError::Kind),
            _ => (),
        }
    }
    let Ok(serial) = x509::serial(entry.serial_number.as_bytes()) else { return Ok(None) };
    Ok(Some((serial, Revoked { at: date(entry.revocation_date)?, reason })))
}

/// The header of the next value; `None`: there is none, as `left` bytes are left of what they are in.
fn next(list: &mut Reader<impl Read>, left: &mut u64) -> Result<Option<Header>, CrlError> {
    if *left == 0 {
        return Ok(None);
    }
    let header = list.header()?;
    *left = left.checked_sub(header.whole()).ok_or_else(|| malformed("a value ends after its list"))?;
    Ok(Some(header))
}

/// The time that begins with `header`, if one does.
fn time(list: &mut Reader<impl Read>, header: &mut Option<Header>) -> Result<Option<Timestamp>, CrlError> {
    let is_time = |header: &mut Header| matches!(header.tag, UTC_TIME | GENERALIZED_TIME);
    let Some(header) = header.take_if(is_time) else { return Ok(None) };
    date(Time::from_der(&list.value(header, ONE)?)?).map(Some)
}

fn of(header: Option<Header>, tag: u8) -> Result<Header, CrlError> {
    header.filter(|header| header.tag == tag).ok_or_else(|| malformed("a field is missing"))
}

/// What a value contains.
fn content(value: &[u8]) -> Result<&[u8], CrlError> {
    let mut rest = value;
    let header = Reader::new(&mut rest).header()?;
    usize::try_from(header.length)
        .ok()
        .filter(|length| *length == rest.len())
        .map(|_| rest)
        .ok_or_else(|| malformed("a length is wrong"))
}

/// Exactly one value.
fn whole<'a, T, E: std::error::Error>(value: &'a [u8]) -> Result<T, CrlError>
where
    T: FromDer<'a, E>,
{
    match T::from_der(value) {
        Ok((&[], value)) => Ok(value),
        Ok(_) => Err(malformed("something follows a value")),
        Err(error) => Err(CrlError::Malformed(error.to_string())),
    }
}

/// A reason as AWS Private CA takes it: it knows neither holding nor taking off a list.
pub(crate) fn taken(given: CrlReason) -> Option<RevocationReason> {
    RevocationReason::ALL.iter().copied().find(|reason| reason.code() == given as u8)
}

fn date(time: Time) -> Result<Timestamp, CrlError> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).map_err(|_| CrlError::Date)?;
    Timestamp::from_unix(seconds).map_err(|_| CrlError::Date)
}

impl From<asn1::Error> for CrlError {
    fn from(error: asn1::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}
