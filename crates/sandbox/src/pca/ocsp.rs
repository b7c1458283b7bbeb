//! The OCSP responder of all authorities (RFC 6960): on the endpoint of the API, told apart by the type of what is posted.
//!
//! A delegate's key signs, as it does at AWS: one for each authority, made when it is first needed and forgotten at the end.
//! A revocation shows after the CRL's delay. The nonce is repeated.

use std::time::Duration;

use anyhow::Context;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair, SigningKey};
use x509_cert::Certificate as X509;
use x509_cert::der::asn1::{BitString, GeneralizedTime, ObjectIdentifier, OctetString};
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::CrlReason;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspGeneralizedTime, OcspRequest, OcspResponse, ResponderId,
    ResponseData, RevokedInfo, SingleResponse, Version,
};

use super::Pca;
use super::crl::ocsp_url;
use super::stamp::Stamp;
use super::store::{Authority, AuthorityId, Certificate, RevokedEntry, Serial};
use super::troubles::OcspTrouble;
use super::x509::reason_code;

/// From thisUpdate to nextUpdate.
const VALID: Duration = Duration::from_secs(3600);
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const REQUEST: &str = "application/ocsp-request";

/// Who signs for an authority.
pub struct Delegate {
    key: KeyPair,
    certificate: X509,
}

/// Whether this is for the responder and not for the API.
pub fn is_question(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind == REQUEST)
}

pub async fn answer(pca: Pca, request: Bytes) -> Response {
    let answered = tokio::task::spawn_blocking(move || respond(&pca, &request)).await;
    match answered {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => {
            tracing::warn!(error = format!("{error:#}"), "a question to the OCSP responder");
            said(OcspResponse::malformed_request())
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn said(response: OcspResponse) -> Response {
    match response.to_der() {
        Ok(der) => ([(CONTENT_TYPE, "application/ocsp-response")], der).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn respond(pca: &Pca, request: &[u8]) -> anyhow::Result<Response> {
    let request = OcspRequest::from_der(request)?.tbs_request;
    let asked = request.request_list.first().context("it asks for nothing")?;
    let Some(authority) = authority(pca, &asked.req_cert)? else {
        return Ok(said(OcspResponse::unauthorized()));
    };
    let trouble = pca.troubles(&authority.uuid).ocsp;
    match trouble {
        Some(OcspTrouble::Down) => return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response()),
        Some(OcspTrouble::TryLater) => return Ok(said(OcspResponse::try_later())),
        Some(OcspTrouble::Redirects) => {
            return Ok((StatusCode::FOUND, [(LOCATION, "/elsewhere")]).into_response());
        }
        Some(OcspTrouble::Endless) => {
            let rubbish =
                futures::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[0; 4096])));
            return Ok(Body::from_stream(rubbish).into_response());
        }
        _ => (),
    }
    let cert_status = status(pca, &authority, &asked.req_cert, trouble)?;
    let now = pca.now();
    let end = if trouble == Some(OcspTrouble::Expired) { now.minus(VALID) } else { now.plus(VALID) };
    let one = SingleResponse {
        cert_id: asked.req_cert.clone(),
        cert_status,
        this_update: time(now.minus(VALID * 2))?,
        next_update: Some(time(end)?),
        single_extensions: None,
    };
    let mut extensions = request.request_extensions;
    if trouble == Some(OcspTrouble::OtherNonce) {
        for extension in extensions.iter_mut().flatten() {
            extension.extn_value = OctetString::new(OctetString::new([0; 32])?.to_der()?)?;
        }
    }
    let delegate = match trouble {
        Some(OcspTrouble::Stranger) => std::sync::Arc::new(Delegate::stranger(&authority)?),
        _ => pca.delegate(&authority)?,
    };
    let tbs_response_data = ResponseData {
        version: Version::V1,
        responder_id: ResponderId::ByName(delegate.certificate.tbs_certificate.subject.clone()),
        produced_at: time(now)?,
        responses: vec![one],
        response_extensions: extensions,
    };
    let signature = delegate.key.sign(&tbs_response_data.to_der()?)?;
    Ok(said(OcspResponse::successful(BasicOcspResponse {
        tbs_response_data,
        signature_algorithm: AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA256, parameters: None },
        signature: BitString::from_bytes(&signature)?,
        certs: Some(vec![delegate.certificate.clone()]),
    })?))
}

/// Whose certificate is asked for: the one with this key, if it lets OCSP speak for it.
fn authority(pca: &Pca, asked: &CertId) -> anyhow::Result<Option<Authority>> {
    for authority in Authority::page(&pca.store().lock(), AuthorityId(0), usize::from(u16::MAX))? {
        let Some(installed) = &authority.installed else { continue };
        let own = X509::from_der(&installed.certificate)?.tbs_certificate.subject_public_key_info;
        let key = digest(&SHA1_FOR_LEGACY_USE_ONLY, own.subject_public_key.raw_bytes());
        if key.as_ref() == asked.issuer_key_hash.as_bytes() {
            let is_on = ocsp_url(&authority, &pca.options().region)?.is_some();
            return Ok(is_on.then_some(authority));
        }
    }
    Ok(None)
}

fn status(
    pca: &Pca,
    authority: &Authority,
    asked: &CertId,
    trouble: Option<OcspTrouble>,
) -> anyhow::Result<CertStatus> {
    let mut serial: Serial = [0; 16];
    // A first bit that is set has an octet of zeros before it.
    let digits = asked.serial_number.as_bytes();
    let digits = digits.strip_prefix(&[0]).unwrap_or(digits);
    let Some(start) = serial.len().checked_sub(digits.len()) else { return Ok(CertStatus::unknown()) };
    serial[start..].copy_from_slice(digits);
    let db = pca.store().lock();
    if Certificate::find(&db, authority.id, serial)?.is_none() {
        return Ok(CertStatus::unknown());
    }
    let revoked = RevokedEntry::of(&db, authority.id, serial)?;
    let shows = |entry: &RevokedEntry| entry.revoked_at.plus(pca.options().crl_delay) <= pca.now();
    let Some(entry) = revoked.filter(|entry| shows(entry) && trouble != Some(OcspTrouble::Forgetful)) else {
        return Ok(CertStatus::good());
    };
    let reason = reason_code(&entry.reason).context("a reason that the API does not have")?;
    Ok(CertStatus::Revoked(RevokedInfo {
        revocation_time: time(entry.revoked_at)?,
        revocation_reason: Some(CrlReason::from_der(&[10, 1, reason as u8])?),
    }))
}

impl Delegate {
    /// Certified by the authority.
    pub fn of(authority: &Authority) -> anyhow::Result<Self> {
        let installed = authority.installed.as_ref().context("an authority without a certificate")?;
        let key = KeyPair::try_from(authority.key.as_slice())?;
        let issuer = Issuer::from_ca_cert_der(&installed.certificate.as_slice().into(), key)?;
        Self::certified(&issuer)
    }

    /// Certified by nobody that the authority knows.
    fn stranger(authority: &Authority) -> anyhow::Result<Self> {
        let installed = authority.installed.as_ref().context("an authority without a certificate")?;
        let other = KeyPair::generate()?;
        Self::certified(&Issuer::from_ca_cert_der(&installed.certificate.as_slice().into(), other)?)
    }

    fn certified(issuer: &Issuer<'_, KeyPair>) -> anyhow::Result<Self> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "OCSP responder");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
        let certificate = X509::from_der(params.signed_by(&key, issuer)?.der())?;
        Ok(Self { key, certificate })
    }
}

fn time(stamp: Stamp) -> anyhow::Result<OcspGeneralizedTime> {
    let seconds = Duration::from_secs(u64::try_from(stamp.millis() / 1000)?);
    Ok(OcspGeneralizedTime(GeneralizedTime::from_unix_duration(seconds)?))
}
