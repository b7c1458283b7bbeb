//! Certificate revocation lists (RFC 5280 §5): is it the CA's, is its signature good, and what does it say about some
//! certificates. Knows no clock: whether a list is stale is for the caller to judge.

use std::collections::{BTreeMap, BTreeSet};

use domain::{RevocationReason, Serial, Timestamp};
use x509_parser::error::X509Error;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;
use x509_parser::time::ASN1Time;

use crate::x509::{self, CertificateError};

/// A list whose signature is good, as far as some certificates are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crl {
    pub this_update: Timestamp,
    /// `None`: it does not say when the next one comes.
    pub next_update: Option<Timestamp>,
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
    #[error("the CRL was issued by another CA")]
    OtherIssuer,
    #[error("the CRL's signature is not the CA's")]
    Signature,
    #[error("the CRL is signed in a way that we cannot check")]
    UnknownSignature,
    #[error("the CRL speaks for other CAs too, or only about changes: we do not read such lists")]
    Kind,
    #[error("the CRL has a date that we do not read")]
    Date,
}

/// Reads a list in DER, checks that the CA of the certificate `issuer` (DER or PEM) signed it, and looks up `wanted`.
pub fn read(der: &[u8], issuer: &[u8], wanted: &BTreeSet<Serial>) -> Result<Crl, CrlError> {
    let issuer = x509::der(issuer)?;
    let issuer = x509::parse(&issuer)?;
    let (rest, crl) =
        CertificateRevocationList::from_der(der).map_err(|error| CrlError::Malformed(error.to_string()))?;
    if !rest.is_empty() {
        return Err(CrlError::Malformed("something follows it".to_owned()));
    }
    if crl.issuer().as_raw() != issuer.subject().as_raw() {
        return Err(CrlError::OtherIssuer);
    }
    crl.verify_signature(issuer.public_key()).map_err(|error| match error {
        X509Error::SignatureUnsupportedAlgorithm => CrlError::UnknownSignature,
        _ => CrlError::Signature,
    })?;
    let foreign = |extension: &ParsedExtension<'_>| match extension {
        ParsedExtension::IssuingDistributionPoint(point) => point.indirect_crl,
        // deltaCRLIndicator, RFC 5280 §5.2.4.
        ParsedExtension::UnsupportedExtension { oid } => oid.to_id_string() == "2.5.29.27",
        _ => false,
    };
    if crl.extensions().iter().any(|extension| foreign(extension.parsed_extension())) {
        return Err(CrlError::Kind);
    }
    let mut found = Crl {
        this_update: date(crl.last_update())?,
        next_update: crl.next_update().map(date).transpose()?,
        entries: 0,
        revoked: BTreeMap::new(),
    };
    for entry in crl.iter_revoked_certificates() {
        found.entries += 1;
        // An entry whose serial number is none cannot be one of those asked about.
        let Some(serial) = x509::serial(entry.raw_serial()).ok().filter(|serial| wanted.contains(serial))
        else {
            continue;
        };
        let reason = entry.reason_code().and_then(|(_, code)| {
            RevocationReason::ALL.iter().copied().find(|reason| reason.code() == code.0)
        });
        found.revoked.insert(serial, Revoked { at: date(entry.revocation_date)?, reason });
    }
    Ok(found)
}

fn date(time: ASN1Time) -> Result<Timestamp, CrlError> {
    x509::moment(&time).map_err(|_| CrlError::Date)
}
