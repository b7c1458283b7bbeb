//! How an authority becomes operational: its CSR goes out, a certificate comes in; and reading that back.

use rcgen::{KeyPair, PublicKeyData};
use serde::Deserialize;
use serde_json::{Value, json};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::super::Pca;
use super::super::call::Caller;
use super::super::error::{Answer, ApiError};
use super::super::stamp::Stamp;
use super::super::store::{Authority, Installed};
use super::super::x509;
use super::authorities::{Named, wrong_state};
use super::blob;

const LABEL: &str = "CERTIFICATE";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Import {
    certificate_authority_arn: String,
    certificate: String,
    certificate_chain: Option<String>,
}

pub fn csr(pca: &Pca, caller: &Caller, given: Named) -> Answer {
    let authority = super::authority(pca, &pca.store().lock(), &given.certificate_authority_arn)?;
    if authority.status(caller.at) == "CREATING" {
        return Err(ApiError::in_progress("The certificate authority is being created."));
    }
    Ok(json!({ "Csr": authority.csr }))
}

pub fn certificate(pca: &Pca, given: Named) -> Answer {
    let authority = super::authority(pca, &pca.store().lock(), &given.certificate_authority_arn)?;
    let installed = authority
        .installed
        .ok_or_else(|| ApiError::invalid_state("The certificate authority has no certificate yet."))?;
    let mut answer = json!({ "Certificate": x509::encode_pem(LABEL, &installed.certificate) });
    if let Some(chain) = installed.chain {
        answer["CertificateChain"] = chain.into();
    }
    Ok(answer)
}

pub fn import(pca: &Pca, caller: &Caller, given: Import) -> Answer {
    let db = &pca.store().lock();
    let authority = super::authority(pca, db, &given.certificate_authority_arn)?;
    if !matches!(authority.status(caller.at), "PENDING_CERTIFICATE" | "ACTIVE" | "EXPIRED") {
        return Err(wrong_state(&authority, caller.at, "take a certificate"));
    }
    let malformed = |error: String| ApiError::malformed_certificate(format!("The certificate is {error}."));
    let pem = blob("certificate", &given.certificate, 32_768)?;
    let certificate = x509::decode_pem(&pem, &[LABEL]).map_err(malformed)?;
    let chain = match given.certificate_chain.as_deref().filter(|chain| !chain.is_empty()) {
        None => Vec::new(),
        Some(chain) => {
            let pem = blob("certificateChain", chain, 2_097_152)?;
            x509::decode_all_pem(&pem, &[LABEL]).map_err(malformed)?
        }
    };
    let installed = check(&authority, &certificate, &chain, caller.at)?;
    authority.install(db, &installed, caller.at)?;
    Ok(Value::Null)
}

/// The certificate is for this authority's key and name, is an authority's, is valid now, and is signed by itself
/// (ROOT) or by the first of the chain (SUBORDINATE).
fn check(
    authority: &Authority,
    certificate: &[u8],
    chain: &[Vec<u8>],
    now: Stamp,
) -> Result<Installed, ApiError> {
    let mismatch = ApiError::certificate_mismatch;
    let parsed = parse(certificate)?;
    let key = KeyPair::try_from(authority.key.as_slice())?;
    let own = x509::Csr::from_pem(authority.csr.as_bytes()).map_err(ApiError::internal)?;
    if parsed.public_key().raw != key.subject_public_key_info() || parsed.subject().as_raw() != own.subject {
        return Err(mismatch("The certificate does not match the CSR of the certificate authority."));
    }
    if !parsed.is_ca() {
        return Err(ApiError::invalid_request("The certificate is not that of a certificate authority."));
    }
    match (authority.is_root(), chain.is_empty()) {
        (true, true) | (false, false) => {}
        (true, false) => return Err(ApiError::invalid_request("A root has no certificate chain.")),
        (false, true) => return Err(ApiError::invalid_request("The certificate chain is missing.")),
    }
    let above = chain.iter().map(|der| parse(der)).collect::<Result<Vec<_>, _>>()?;
    let mut below = &parsed;
    for above in above.iter().chain(authority.is_root().then_some(&parsed)) {
        below
            .verify_signature(Some(above.public_key()))
            .map_err(|_| mismatch("The certificate is not signed by what is above it."))?;
        below = above;
    }
    let date = |time: i64| {
        Stamp::from_seconds(time)
            .ok_or_else(|| ApiError::malformed_certificate("The validity cannot be read."))
    };
    let not_before = date(parsed.validity().not_before.timestamp())?;
    let not_after = date(parsed.validity().not_after.timestamp())?;
    if now < not_before || not_after < now {
        return Err(ApiError::invalid_request("The certificate is not valid now."));
    }
    let serial = parsed.tbs_certificate.serial.to_string();
    let pems = chain.iter().map(|der| x509::encode_pem(LABEL, der)).collect::<Vec<_>>();
    let chain = (!pems.is_empty()).then(|| pems.join("\n"));
    Ok(Installed { serial, not_before, not_after, chain, certificate: certificate.to_vec() })
}

fn parse(der: &[u8]) -> Result<X509Certificate<'_>, ApiError> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        Ok(_) => Err(ApiError::malformed_certificate("There is data after the certificate.")),
        Err(error) => {
            Err(ApiError::malformed_certificate(format!("The certificate cannot be read: {error}.")))
        }
    }
}
