//! Revoking a certificate: once, for good, and only while it means something.

use serde::Deserialize;
use serde_json::Value;

use super::super::Pca;
use super::super::call::Caller;
use super::super::error::{Answer, ApiError};
use super::super::store::{Certificate, Revocation};
use super::super::x509::{self, Template};
use super::authorities::wrong_state;
use super::outside;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Revoke {
    certificate_authority_arn: String,
    certificate_serial: String,
    revocation_reason: String,
}

pub fn revoke(pca: &Pca, caller: &Caller, given: Revoke) -> Answer {
    let text = &given.certificate_serial;
    let reason = &given.revocation_reason;
    if text.chars().count() > 128 {
        return Err(outside("certificateSerial", text, "Member must have length less than or equal to 128"));
    }
    if x509::reason_code(reason).is_none() {
        return Err(outside(
            "revocationReason",
            reason,
            "Member must satisfy enum value set of RevocationReason",
        ));
    }
    let mut db = pca.store().lock();
    let change = db.transaction()?;
    let authority = super::authority(pca, &change, &given.certificate_authority_arn)?;
    if !matches!(authority.status(caller.at), "ACTIVE" | "DISABLED") {
        return Err(wrong_state(&authority, caller.at, "revoke"));
    }
    let missing = || {
        let arn = &given.certificate_authority_arn;
        ApiError::not_found(format!("Could not find certificate {text:?} of {arn}."))
    };
    let serial = super::serial(text)?.ok_or_else(missing)?;
    let found = Certificate::find(&change, authority.id, serial)?.ok_or_else(missing)?;
    if found.revoked {
        return Err(ApiError::already_processed("The certificate is already revoked."));
    }
    if caller.at < found.ready_at {
        return Err(ApiError::in_progress("The request to issue the certificate is still in progress."));
    }
    if Template::from_arn(Some(&found.template)).is_some_and(Template::is_root) {
        return Err(ApiError::invalid_request("A root CA self-signed certificate cannot be revoked."));
    }
    if found.not_after < caller.at {
        return Err(ApiError::invalid_request("An expired certificate cannot be revoked."));
    }
    let revocation = Revocation {
        authority: authority.id,
        certificate: found.id,
        reason: given.revocation_reason,
        revoked_at: caller.at,
    };
    revocation.insert(&change, caller)?;
    change.commit()?;
    Ok(Value::Null)
}
