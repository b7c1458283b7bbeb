//! A certificate revocation list, signed.

use rcgen::{
    CertificateRevocationListParams, CrlDistributionPoint, CrlIssuingDistributionPoint, Issuer, KeyIdMethod,
    KeyPair, RevocationReason, RevokedCertParams, SerialNumber,
};
use time::OffsetDateTime;

/// One revoked certificate.
pub struct ListEntry {
    pub serial: [u8; 16],
    pub revoked_at: OffsetDateTime,
    pub reason: RevocationReason,
}

/// The reason by its name in the API. The API has neither certificateHold nor removeFromCRL.
pub fn reason_code(name: &str) -> Option<RevocationReason> {
    Some(match name {
        "UNSPECIFIED" => RevocationReason::Unspecified,
        "KEY_COMPROMISE" => RevocationReason::KeyCompromise,
        "CERTIFICATE_AUTHORITY_COMPROMISE" => RevocationReason::CaCompromise,
        "AFFILIATION_CHANGED" => RevocationReason::AffiliationChanged,
        "SUPERSEDED" => RevocationReason::Superseded,
        "CESSATION_OF_OPERATION" => RevocationReason::CessationOfOperation,
        "PRIVILEGE_WITHDRAWN" => RevocationReason::PrivilegeWithdrawn,
        "A_A_COMPROMISE" => RevocationReason::AaCompromise,
        _ => return None,
    })
}

/// The DER of the list. `certificate` is the DER of the authority's own; `point` the URL of a partition.
pub fn sign_list(
    certificate: &[u8],
    key: KeyPair,
    number: u64,
    this_update: OffsetDateTime,
    next_update: OffsetDateTime,
    entries: &[ListEntry],
    point: Option<String>,
) -> Result<Vec<u8>, rcgen::Error> {
    let revoked = entries.iter().map(|entry| RevokedCertParams {
        serial_number: SerialNumber::from_slice(&entry.serial),
        revocation_time: entry.revoked_at,
        reason_code: Some(entry.reason),
        invalidity_date: None,
    });
    let list = CertificateRevocationListParams {
        this_update,
        next_update,
        crl_number: SerialNumber::from(number),
        issuing_distribution_point: point.map(|url| CrlIssuingDistributionPoint {
            distribution_point: CrlDistributionPoint { uris: vec![url] },
            scope: None,
        }),
        revoked_certs: revoked.collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    let issuer = Issuer::from_ca_cert_der(&certificate.into(), key)?;
    Ok(list.signed_by(&issuer)?.der().to_vec())
}
