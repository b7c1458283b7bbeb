//! Asking a responder about one certificate, and judging its answer (RFC 6960, as RFC 5019 narrows it down): bytes out,
//! bytes in, a verdict. Knows no network and no clock.
//!
//! An answer counts when it is about the certificate asked for, has a time that is now, and is signed by the CA or by a
//! delegate: a certificate that this CA itself signed for OCSP signing. AWS Private CA's responder makes its answers before
//! anybody asks, so that they repeat no nonce: one that is missing is no fault, one that is wrong is. An old answer that
//! somebody sends again while it is valid can only say "good", which proves nothing; "revoked" is never taken back.

mod signer;

use domain::{RevocationReason, Serial, Timestamp};
use std::time::Duration;
use x509_cert::der::asn1::{Null, ObjectIdentifier, OctetString};
use x509_cert::der::{self, Decode, Encode};
use x509_cert::ext::{Extension, Extensions};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspGeneralizedTime, OcspRequest, OcspResponse,
    OcspResponseStatus, Request, TbsRequest,
};

use crate::crl::taken;
use crate::x509::{self, CertificateError};
pub use signer::Signer;

/// How long an answer may be, in bytes: it holds one status and a few certificates.
pub const LIMIT: usize = 64 * 1024;
/// By how much the responder's clock may be ahead of ours.
const AHEAD: Duration = Duration::from_secs(300);
/// id-sha1: what every responder takes in a CertID (RFC 5019 §2.1.1). It names a certificate and protects nothing.
const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
/// id-pkix-ocsp-basic and id-pkix-ocsp-nonce.
const BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");

/// A question about one certificate.
#[derive(Clone, Debug)]
pub struct Question {
    /// Of the CA that issued it, in DER.
    issuer: Vec<u8>,
    id: CertId,
    /// The nonce's extension value: an OCTET STRING.
    nonce: OctetString,
}

/// What a responder says of a certificate, and says rightly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: Status,
    pub this_update: Timestamp,
    /// `None`: newer information may come at any time.
    pub next_update: Option<Timestamp>,
    pub signer: Signer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Good,
    Revoked {
        at: Timestamp,
        /// `None`: it gives none, or one that AWS Private CA does not take.
        reason: Option<RevocationReason>,
    },
    /// The responder does not know the certificate.
    Unknown,
}

/// Why an answer proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OcspError {
    #[error("the CA's certificate cannot be read: {0}")]
    Issuer(#[from] CertificateError),
    #[error("this is not an OCSP response: {0}")]
    Malformed(String),
    #[error("the responder refuses to answer: {0}")]
    Refused(&'static str),
    #[error("the response is about another certificate")]
    OtherCertificate,
    #[error("the response is signed by nobody whom the CA lets speak for it: {0}")]
    Signer(&'static str),
    #[error("the response is signed in a way that we cannot check")]
    UnknownSignature,
    #[error("the response has another nonce than the request: it is the answer to another one")]
    Nonce,
    #[error("the response is of the future: {}", .0.absolute())]
    Early(Timestamp),
    #[error("the response has expired at {}", .0.absolute())]
    Expired(Timestamp),
    #[error("the response has a date that we do not read")]
    Date,
}

impl Question {
    /// About the certificate `serial` of the CA whose own certificate is `issuer` (DER or PEM). `nonce`: random, and used once.
    pub fn new(issuer: &[u8], serial: Serial, nonce: [u8; 32]) -> Result<Self, OcspError> {
        let issuer = x509::der(issuer)?.into_owned();
        let certificate = x509::parse(&issuer)?;
        let (name, key) = (certificate.subject().as_raw(), certificate.public_key());
        let id = CertId {
            hash_algorithm: AlgorithmIdentifierOwned { oid: SHA1, parameters: Some(Null.into()) },
            issuer_name_hash: sha1(name)?,
            issuer_key_hash: sha1(&key.subject_public_key.data)?,
            serial_number: SerialNumber::new(serial.as_bytes())?,
        };
        let nonce = OctetString::new(OctetString::new(nonce)?.to_der()?)?;
        Ok(Self { issuer, id, nonce })
    }

    /// The request, in DER.
    pub fn der(&self) -> Result<Vec<u8>, OcspError> {
        let nonce = Extension { extn_id: NONCE, critical: false, extn_value: self.nonce.clone() };
        let one = Request { req_cert: self.id.clone(), single_request_extensions: None };
        let tbs_request = TbsRequest {
            request_list: vec![one],
            request_extensions: Some(vec![nonce]),
            ..TbsRequest::default()
        };
        Ok(OcspRequest { tbs_request, optional_signature: None }.to_der()?)
    }

    /// Judges the answer that came at `now`.
    pub fn read(&self, response: &[u8], now: Timestamp) -> Result<Answer, OcspError> {
        if response.len() > LIMIT {
            return Err(OcspError::Malformed("it is longer than 64 KiB".to_owned()));
        }
        let response = OcspResponse::from_der(response)?;
        let refused = match response.response_status {
            OcspResponseStatus::Successful => None,
            OcspResponseStatus::MalformedRequest => Some("it does not understand the request"),
            OcspResponseStatus::InternalError => Some("it has an internal error"),
            OcspResponseStatus::TryLater => Some("it says to try later"),
            OcspResponseStatus::SigRequired => Some("it wants signed requests"),
            OcspResponseStatus::Unauthorized => Some("it does not answer for this CA or certificate"),
        };
        if let Some(refused) = refused {
            return Err(OcspError::Refused(refused));
        }
        let bytes = response.response_bytes.filter(|bytes| bytes.response_type == BASIC);
        let bytes = bytes.ok_or_else(|| OcspError::Malformed("it is not of the basic type".to_owned()))?;
        let bytes = bytes.response.as_bytes();
        let basic = BasicOcspResponse::from_der(bytes)?;
        let signer = signer::verify(bytes, &basic, &self.issuer, now)?;

        // All below is what the signer says.
        let data = &basic.tbs_response_data;
        let nonce = known_only(&data.response_extensions)?;
        if nonce.is_some_and(|nonce| *nonce != self.nonce) {
            return Err(OcspError::Nonce);
        }
        let one = data.responses.iter().find(|one| self.is_about(&one.cert_id));
        let one = one.ok_or(OcspError::OtherCertificate)?;
        known_only(&one.single_extensions)?;
        let this_update = moment(one.this_update)?;
        let next_update = one.next_update.map(moment).transpose()?;
        // RFC 6960 §2.4: made after what it says was known.
        let newest = moment(data.produced_at)?.max(this_update);
        if newest > now.plus(AHEAD) {
            return Err(OcspError::Early(newest));
        }
        if let Some(end) = next_update.filter(|end| *end < now) {
            return Err(OcspError::Expired(end));
        }
        let status = match one.cert_status {
            CertStatus::Good(_) => Status::Good,
            CertStatus::Unknown(_) => Status::Unknown,
            CertStatus::Revoked(info) => Status::Revoked {
                at: moment(info.revocation_time)?,
                reason: info.revocation_reason.and_then(taken),
            },
        };
        Ok(Answer { status, this_update, next_update, signer })
    }

    fn is_about(&self, id: &CertId) -> bool {
        id.hash_algorithm.oid == SHA1
            && id.issuer_name_hash == self.id.issuer_name_hash
            && id.issuer_key_hash == self.id.issuer_key_hash
            && id.serial_number == self.id.serial_number
    }
}

impl From<der::Error> for OcspError {
    fn from(error: der::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// The value of the nonce, if there is one. A critical extension that we do not know makes the answer useless
/// (RFC 6960 §4.4).
fn known_only(extensions: &Option<Extensions>) -> Result<Option<&OctetString>, OcspError> {
    let mut nonce = None;
    for extension in extensions.iter().flatten() {
        if extension.extn_id == NONCE {
            nonce = Some(&extension.extn_value);
        } else if extension.critical {
            let oid = extension.extn_id;
            return Err(OcspError::Malformed(format!("its extension {oid} is critical, and unknown to us")));
        }
    }
    Ok(nonce)
}

fn sha1(bytes: &[u8]) -> Result<OctetString, OcspError> {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    Ok(OctetString::new(digest.as_ref())?)
}

fn moment(time: OcspGeneralizedTime) -> Result<Timestamp, OcspError> {
    let seconds = i64::try_from(time.0.to_unix_duration().as_secs()).map_err(|_| OcspError::Date)?;
    Timestamp::from_unix(seconds).map_err(|_| OcspError::Date)
}
