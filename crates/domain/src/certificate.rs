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
    Active,
    Expiring,
    Expired,
    Revoked,
}

impl CertificateStatus {
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

    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One line of the list of certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateLine {
    pub authority: AuthorityArn,
    pub serial: Serial,
    /// `None`: not in the inventory.
    pub device: Option<DeviceId>,
    pub subject: Option<String>,
    pub issued_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub in_report: bool,
    pub in_inventory: bool,
}

/// What the X.509 itself says, read from the DER.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct X509Details {
    pub subject: String,
    pub issuer: String,
    pub serial: Serial,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// `DNS:device-1.example`, `IP:…`, `URI:…`, one a line.
    pub alternative_names: Vec<String>,
    /// "EC P-256", "RSA 2048".
    pub key: String,
    pub signature_algorithm: String,
    pub key_usage: Vec<String>,
    pub extended_key_usage: Vec<String>,
    /// SHA-256 over the DER, lower-case hex.
    pub fingerprint: String,
    /// SHA-256 over the SubjectPublicKeyInfo, lower-case hex.
    pub public_key_fingerprint: String,
    pub crl_distribution_points: Vec<String>,
    pub pem: String,
}
