//! A certificate as lists show it: the inventory and the newest report folded into one line.

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::authority::AuthorityArn;
use crate::inventory::DeviceId;
use crate::serial::Serial;
use crate::timestamp::Timestamp;
use std::time::Duration;

/// How long before its end a certificate counts as expiring.
pub const EXPIRING: Duration = Duration::from_secs(30 * 86_400);

/// What a certificate is at a given moment.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CertificateStatus {
    /// Neither revoked nor expired, nor about to expire, as far as is known.
    Active,
    /// Expires within [`EXPIRING`] from now.
    Expiring,
    /// Its end (notAfter) has passed.
    Expired,
    /// It was revoked, whether or not it has expired since.
    Revoked,
}

impl CertificateStatus {
    /// Every status, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Revoked wins over expired: it is what was decided, not what time did.
    pub fn at(now: Timestamp, expires_at: Option<Timestamp>, revoked_at: Option<Timestamp>) -> Self {
        match (revoked_at, expires_at) {
            (Some(_), _) => Self::Revoked,
            (None, Some(end)) if end < now => Self::Expired,
            (None, Some(end)) if end < now.plus(EXPIRING) => Self::Expiring,
            (None, _) => Self::Active,
        }
    }

    /// The name in URLs, keys and JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One line of the list of certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateLine {
    /// The CA that issued it.
    pub authority: AuthorityArn,
    /// Its serial number; with the authority, what a certificate is.
    pub serial: Serial,
    /// `None`: not in the inventory.
    pub device: Option<DeviceId>,
    /// The subject's distinguished name, from the report or the inventory: foreign text. `None`: neither says it.
    pub subject: Option<String>,
    /// When it was issued; `None`: no record says it.
    pub issued_at: Option<Timestamp>,
    /// The end of its validity; `None`: no record says it.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked; `None`: nothing says that it was.
    pub revoked_at: Option<Timestamp>,
    /// The newest report lists it.
    pub in_report: bool,
    /// An item of the inventory names it.
    pub in_inventory: bool,
}

/// What the X.509 itself says, read from the DER.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct X509Details {
    /// The subject's distinguished name, as text: foreign.
    pub subject: String,
    /// The issuer's distinguished name, as text: foreign.
    pub issuer: String,
    /// The serial number (RFC 5280 §4.1.2.2).
    pub serial: Serial,
    /// The beginning of its validity (RFC 5280 §4.1.2.5).
    pub not_before: Timestamp,
    /// The end of its validity (RFC 5280 §4.1.2.5).
    pub not_after: Timestamp,
    /// `DNS:device-1.example`, `IP:…`, `URI:…`, one a line.
    pub alternative_names: Vec<String>,
    /// "EC P-256", "RSA 2048".
    pub key: String,
    /// The name of the algorithm that it is signed with, or its OID in dots.
    pub signature_algorithm: String,
    /// What its key may be used for (RFC 5280 §4.2.1.3), by name.
    pub key_usage: Vec<String>,
    /// For which purposes (RFC 5280 §4.2.1.12), by name or OID.
    pub extended_key_usage: Vec<String>,
    /// SHA-256 over the DER, lower-case hex.
    pub fingerprint: String,
    /// SHA-256 over the SubjectPublicKeyInfo, lower-case hex.
    pub public_key_fingerprint: String,
    /// Where its CRL is to be found (RFC 5280 §4.2.1.13): addresses.
    pub crl_distribution_points: Vec<String>,
    /// The whole certificate, as PEM (RFC 7468).
    pub pem: String,
}
