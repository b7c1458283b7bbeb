//! What a request revokes: its targets, and the hash that binds them to it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::id;
use crate::inventory::DeviceId;
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// One certificate to revoke, as it was known when the request was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its serial number; the request says of which authority.
    pub serial: Serial,
    /// `None`: not in the inventory.
    pub device: Option<DeviceId>,
    /// The serial as the inventory item's key holds it.
    pub serial_key: Option<String>,
    /// The subject's distinguished name: foreign text. `None`: nobody said.
    pub subject: Option<String>,
    /// The end of its validity; `None`: nobody said.
    pub expires_at: Option<Timestamp>,
    /// SHA-256 over the certificate's DER, lower-case hex, where it was read.
    pub fingerprint: Option<String>,
}

id!(
    /// SHA-256 over exactly what an approval approves.
    TargetHash,
    "the hash of a request (64 lower-case hexadecimal digits)",
    |text| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
);

impl TargetHash {
    pub(super) fn of(hasher: Sha256) -> Self {
        Self(hex::encode(hasher.finalize()))
    }
}
