//! Private CA's own events: IssueCertificateDetails and GenerateCRL.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::envelope::service_event;
use crate::clock::iso;
use crate::keys::{ACCOUNT, Identity, Role};
use crate::pca::Issuance;

const AUTHORITY: &str = "AWS::ACMPCA::CertificateAuthority";
const CERTIFICATE: &str = "AWS::ACMPCA::Certificate";

/// One finished issuance. How AWS names the session of a role in `requesterArn` is not documented: half of the
/// events have the session's ARN here, the other half the role's with its path.
pub(super) fn issued(issuance: &Issuance, role: Option<Role>) -> Value {
    let requester = match role.map(Role::identity) {
        Some(session @ Identity::Session { .. })
            if issuance.serial.last().is_some_and(|last| last % 2 == 1) =>
        {
            session.principal()
        }
        _ => issuance.requester.clone(),
    };
    let time = |stamp| iso(OffsetDateTime::from(stamp));
    let details = json!({
        "tbsCertificate": STANDARD.encode(&issuance.tbs),
        "issuerAuthorityKeyIdentifier": with_colons(&issuance.issuer_key_id),
        "issuerSerialNumber": with_colons(&issuance.issuer_serial),
        "issuerName": issuance.issuer,
        "subject": issuance.subject,
        "serialNumber": with_colons(&issuance.serial),
        "notBefore": time(issuance.not_before),
        "notAfter": time(issuance.not_after),
        "issuedAt": time(issuance.issued_at),
        "templateArn": issuance.template,
        "signingAlgorithm": "ECDSAWITHSHA256",
        "status": "ISSUED",
        "requesterAccountId": ACCOUNT,
        "requesterArn": requester,
    });
    let resources = [(AUTHORITY, issuance.authority.as_str()), (CERTIFICATE, &issuance.certificate)];
    service_event(issuance.ready_at.into(), "IssueCertificateDetails", &resources, Some(details))
}

/// A CRL was published.
pub(super) fn list_published(authority: &str, at: OffsetDateTime) -> Value {
    service_event(at, "GenerateCRL", &[(AUTHORITY, authority)], None)
}

/// Upper-case hex, octet by octet.
fn with_colons(octets: &[u8]) -> String {
    let octets: Vec<String> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
    octets.join(":")
}
