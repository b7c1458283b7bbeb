//! The operations of the API, by name: from parameters to an answer.

mod authorities;
mod installation;
mod issuance;
mod loaded;
mod reports;
mod retrieval;
mod revocation;
mod validity;

use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Pca;
use super::call::Caller;
use super::error::{Answer, ApiError};
use super::store::{Authority, Serial};

/// Operations that AWS has and the sandbox refuses by name.
const UNSUPPORTED: [&str; 11] = [
    "CreatePermission",
    "DeleteCertificateAuthority",
    "DeletePermission",
    "DeletePolicy",
    "GetPolicy",
    "ListPermissions",
    "ListTags",
    "PutPolicy",
    "RestoreCertificateAuthority",
    "TagCertificateAuthority",
    "UntagCertificateAuthority",
];

pub use loaded::Past;

type Operation = fn(&Pca, &Caller, Value) -> Answer;

const SUPPORTED: [(&str, Operation); 12] = [
    ("CreateCertificateAuthority", |p, c, v| authorities::create(p, c, parse(v)?)),
    ("CreateCertificateAuthorityAuditReport", |p, c, v| reports::create(p, c, parse(v)?)),
    ("DescribeCertificateAuthority", |p, c, v| authorities::describe(p, c, parse(v)?)),
    ("DescribeCertificateAuthorityAuditReport", |p, _, v| reports::describe(p, parse(v)?)),
    ("GetCertificate", |p, c, v| retrieval::get(p, c, parse(v)?)),
    ("GetCertificateAuthorityCertificate", |p, _, v| installation::certificate(p, parse(v)?)),
    ("GetCertificateAuthorityCsr", |p, c, v| installation::csr(p, c, parse(v)?)),
    ("ImportCertificateAuthorityCertificate", |p, c, v| installation::import(p, c, parse(v)?)),
    ("IssueCertificate", |p, c, v| issuance::issue(p, c, parse(v)?)),
    ("ListCertificateAuthorities", |p, c, v| authorities::list(p, c, parse(v)?)),
    ("RevokeCertificate", |p, c, v| revocation::revoke(p, c, parse(v)?)),
    ("UpdateCertificateAuthority", |p, c, v| authorities::update(p, c, parse(v)?)),
];

/// Whether the API has this operation.
pub fn exists(name: &str) -> bool {
    SUPPORTED.iter().any(|(known, _)| *known == name) || UNSUPPORTED.contains(&name)
}

/// Runs the operation of this name.
pub fn run(pca: &Pca, caller: &Caller, name: &str, parameters: Value) -> Answer {
    match SUPPORTED.iter().find(|(known, _)| *known == name) {
        Some((_, operation)) => operation(pca, caller, parameters),
        None => Err(ApiError::unsupported(format!("The sandbox does not implement {name}."))),
    }
}

fn parse<P: DeserializeOwned>(parameters: Value) -> Result<P, ApiError> {
    serde_json::from_value(parameters).map_err(|error| {
        let text = error.to_string();
        match text.strip_prefix("missing field ") {
            Some(field) => ApiError::validation(format!(
                "1 validation error detected: Value null at {field} failed to satisfy constraint: Member must \
                 not be null"
            )),
            None => ApiError::serialization(text),
        }
    })
}

/// A value that the API model does not allow.
fn outside(member: &str, value: &str, constraint: &str) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
    ))
}

/// Refuses a value that is not one of the model's enumeration.
fn one_of(member: &str, value: &str, allowed: &[&str]) -> Result<(), ApiError> {
    if allowed.contains(&value) {
        return Ok(());
    }
    let constraint = format!("Member must satisfy enum value set: [{}]", allowed.join(", "));
    Err(outside(member, value, &constraint))
}

/// Base64 of a blob, with the model's greatest length.
fn blob(member: &str, base64: &str, longest: usize) -> Result<Vec<u8>, ApiError> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(base64)
        .map_err(|e| ApiError::serialization(format!("{member}: {e}")))?;
    if bytes.is_empty() || bytes.len() > longest {
        let constraint = format!("Member must have length between 1 and {longest}");
        return Err(outside(member, "(blob)", &constraint));
    }
    Ok(bytes)
}

/// An idempotency token has 1 to 36 characters.
fn check_token(token: Option<&str>) -> Result<(), ApiError> {
    match token {
        Some(token) if !(1..=36).contains(&token.chars().count()) => {
            Err(outside("idempotencyToken", token, "Member must have length between 1 and 36"))
        }
        _ => Ok(()),
    }
}

/// The authority of an ARN.
fn authority(pca: &Pca, db: &Connection, arn: &str) -> Result<Authority, ApiError> {
    let uuid = arn
        .strip_prefix("arn:aws:acm-pca:")
        .and_then(|rest| rest.splitn(3, ':').nth(2))
        .and_then(|resource| resource.strip_prefix("certificate-authority/"))
        .filter(|uuid| !uuid.is_empty() && !uuid.contains(['/', ':']))
        .ok_or_else(|| {
            ApiError::invalid_arn(format!("The ARN {arn:?} is not that of a certificate authority."))
        })?;
    let missing = || ApiError::not_found(format!("Could not find certificate authority {arn}."));
    if pca.authority_arn(uuid) != arn {
        return Err(missing());
    }
    Authority::find(db, uuid)?.ok_or_else(missing)
}

/// A serial number as the API takes it: hex in either case, with colons between octets or without. `Ok(None)` is a
/// number, but longer than any that the sandbox gives out.
fn serial(text: &str) -> Result<Option<Serial>, ApiError> {
    let malformed = || ApiError::invalid_request(format!("The serial number {text:?} is not hexadecimal."));
    let digits = if text.contains(':') {
        if text.split(':').any(|octet| octet.len() != 2) {
            return Err(malformed());
        }
        text.replace(':', "")
    } else {
        text.to_owned()
    };
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(malformed());
    }
    let digits = digits.trim_start_matches('0');
    if digits.len() > 32 {
        return Ok(None);
    }
    let number = u128::from_str_radix(&format!("0{digits}"), 16).map_err(|_| malformed())?;
    Ok(Some(number.to_be_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_are_taken_in_every_form() {
        let expected = Some(0x0e8c_bd2b_edb1_2232_9f97_706b_cfec_990f_u128.to_be_bytes());
        for text in [
            "0e:8c:bd:2b:ed:b1:22:32:9f:97:70:6b:cf:ec:99:0f",
            "0E:8C:BD:2B:ED:B1:22:32:9F:97:70:6B:CF:EC:99:0F",
            "0e8cbd2bedb122329f97706bcfec990f",
            "E8CBD2BEDB122329F97706BCFEC990F",
            "00000e8cbd2bedb122329f97706bcfec990f",
            "00:0e:8c:bd:2b:ed:b1:22:32:9f:97:70:6b:cf:ec:99:0f",
        ] {
            assert_eq!(serial(text).unwrap(), expected, "{text}");
        }
        assert_eq!(serial(&"f".repeat(128)).unwrap(), None);
        assert_eq!(serial("00").unwrap(), Some([0; 16]));
    }

    #[test]
    fn what_is_no_serial_is_refused() {
        for text in
            ["", ":", "0x12", "-1", "+1", " 12", "12 ", "1:2", "12:3", "12::34", "１２", "zz", "12:34:"]
        {
            assert_eq!(serial(text).unwrap_err().code, "InvalidRequestException", "{text:?}");
        }
    }
}
