//! Getting a certificate.

use serde::Deserialize;
use serde_json::json;

use super::super::Pca;
use super::super::call::Caller;
use super::super::error::{Answer, ApiError};
use super::super::store::Certificate;
use super::super::x509;
use super::loaded;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Get {
    certificate_authority_arn: String,
    certificate_arn: String,
}

pub fn get(pca: &Pca, caller: &Caller, given: Get) -> Answer {
    let db = &pca.store().lock();
    let authority = super::authority(pca, db, &given.certificate_authority_arn)?;
    let arn = &given.certificate_arn;
    let malformed = || ApiError::invalid_arn(format!("The ARN {arn:?} is not that of a certificate."));
    let missing = || ApiError::not_found(format!("Could not find certificate {arn}."));
    let (issuer, tail) = arn.rsplit_once("/certificate/").ok_or_else(malformed)?;
    if !issuer.starts_with("arn:aws:acm-pca:") {
        return Err(malformed());
    }
    let serial = super::serial(tail).map_err(|_| malformed())?;
    let serial = serial.filter(|_| issuer == given.certificate_authority_arn).ok_or_else(missing)?;
    let found = Certificate::find(db, authority.id, serial)?.ok_or_else(missing)?;
    if caller.at < found.ready_at {
        return Err(ApiError::in_progress("The request to issue the certificate is still in progress."));
    }
    let der = match &found.der {
        Some(der) => der.clone(),
        None => loaded::make(pca, db, &authority, serial, &found)?,
    };
    let mut answer = json!({ "Certificate": x509::encode_pem("CERTIFICATE", &der) });
    if let Some(installed) = &authority.installed
        && found.template != "arn:aws:acm-pca:::template/RootCACertificate/V1"
    {
        let own = x509::encode_pem("CERTIFICATE", &installed.certificate);
        let chain = installed.chain.as_ref().map_or(own.clone(), |above| format!("{own}\n{above}"));
        answer["CertificateChain"] = chain.into();
    }
    Ok(answer)
}
