//! Who may sign an answer (RFC 6960 §4.2.2.2): the CA itself, or a delegate. A locally configured responder, the third way,
//! does not exist here.

use domain::Timestamp;
use x509_cert::der::Encode;
use x509_ocsp::{BasicOcspResponse, ResponderId};
use x509_parser::asn1_rs::{Any, Sequence};
use x509_parser::prelude::{FromDer, ParsedExtension, X509Certificate};
use x509_parser::x509::AlgorithmIdentifier;

use super::{OcspError, sha1};
use crate::{signature, x509};

/// Who signed an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    Authority,
    /// A certificate that the CA signed for OCSP signing.
    Delegate,
}

/// Checks the signature of `basic`, of which `bytes` is the DER.
pub(super) fn verify(
    bytes: &[u8],
    basic: &BasicOcspResponse,
    issuer: &[u8],
    now: Timestamp,
) -> Result<Signer, OcspError> {
    let issuer = x509::parse(issuer)?;
    let signed = signed(bytes)?;
    let algorithm = basic.signature_algorithm.to_der()?;
    let (_, algorithm) =
        AlgorithmIdentifier::from_der(&algorithm).map_err(|error| OcspError::Malformed(error.to_string()))?;
    let bits = basic.signature.as_bytes();
    let bits = bits.ok_or_else(|| OcspError::Malformed("its signature is no whole octets".to_owned()))?;
    let is_signed_by = |signer: &X509Certificate<'_>| {
        signature::is_good(&algorithm, signer.public_key(), signed, bits).ok_or(OcspError::UnknownSignature)
    };
    let responder = &basic.tbs_response_data.responder_id;
    if is_responder(responder, &issuer)? && is_signed_by(&issuer)? {
        return Ok(Signer::Authority);
    }
    let mut why = "no certificate in it is the responder's";
    for delegate in basic.certs.iter().flatten() {
        let delegate = delegate.to_der()?;
        let delegate = x509::parse(&delegate).map_err(|error| OcspError::Malformed(error.to_string()))?;
        if !is_responder(responder, &delegate)? {
            continue;
        }
        why = match refused(&delegate, &issuer, now) {
            Some(refused) => refused,
            None if is_signed_by(&delegate)? => return Ok(Signer::Delegate),
            None => "the signature is not the responder's",
        };
    }
    Err(OcspError::Signer(why))
}

/// Why this certificate may not speak for the CA.
fn refused(
    delegate: &X509Certificate<'_>,
    issuer: &X509Certificate<'_>,
    now: Timestamp,
) -> Option<&'static str> {
    let certified = x509::same(delegate.issuer(), issuer.subject())
        && signature::is_good(
            &delegate.signature_algorithm,
            issuer.public_key(),
            delegate.tbs_certificate.as_ref(),
            &delegate.signature_value.data,
        ) == Some(true);
    if !certified {
        return Some("the responder's certificate is not of this CA");
    }
    let purposes = delegate.extended_key_usage().ok().flatten();
    if !purposes.is_some_and(|purposes| purposes.value.ocsp_signing) {
        return Some("the responder's certificate is not for OCSP signing");
    }
    // RFC 5280 §4.2: a critical one that one does not know makes the certificate useless.
    let known = |extension: &ParsedExtension<'_>| {
        matches!(
            extension,
            ParsedExtension::BasicConstraints(_)
                | ParsedExtension::KeyUsage(_)
                | ParsedExtension::ExtendedKeyUsage(_)
        )
    };
    if delegate
        .extensions()
        .iter()
        .any(|extension| extension.critical && !known(extension.parsed_extension()))
    {
        return Some("the responder's certificate has a critical extension that we do not know");
    }
    let usage = delegate.key_usage();
    if !usage.is_ok_and(|usage| usage.is_none_or(|usage| usage.value.digital_signature())) {
        return Some("the responder's key is not for signatures");
    }
    let valid = |validity: &x509_parser::certificate::Validity| {
        Some(
            x509::moment(&validity.not_before).ok()? <= now
                && now <= x509::moment(&validity.not_after).ok()?,
        )
    };
    (valid(delegate.validity()) != Some(true)).then_some("the responder's certificate is not valid now")
}

/// Whether the answer says that it is of the holder of this certificate.
fn is_responder(responder: &ResponderId, certificate: &X509Certificate<'_>) -> Result<bool, OcspError> {
    Ok(match responder {
        ResponderId::ByName(name) => name.to_der()? == certificate.subject().as_raw(),
        ResponderId::ByKey(hash) => *hash == sha1(&certificate.public_key().subject_public_key.data)?,
    })
}

/// The bytes that are signed: the first value of the response, as it came.
fn signed(bytes: &[u8]) -> Result<&[u8], OcspError> {
    let malformed = |error: &dyn std::fmt::Display| OcspError::Malformed(error.to_string());
    let content = match Any::from_der(bytes) {
        Ok((_, outer)) => outer.data,
        Err(error) => return Err(malformed(&error)),
    };
    let (rest, _) = Sequence::from_der(content).map_err(|error| malformed(&error))?;
    Ok(&content[..content.len() - rest.len()])
}
