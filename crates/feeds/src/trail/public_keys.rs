//! The public keys with which CloudTrail's digests are verified, by fingerprint.
//!
//! Source: CloudTrail API reference, ListPublicKeys: `Value` is a DER RSAPublicKey (PKCS#1). One of AWS's own examples is a
//! SubjectPublicKeyInfo; both are read.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read as _;

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::Timestamp;
use serde::Deserialize;

use super::LIMIT;
use crate::input::open;

/// Public keys of one account and Region, or of several.
#[derive(Clone, Default)]
pub struct PublicKeys(BTreeMap<String, Key>);

#[derive(Clone)]
struct Key {
    key: ParsedPublicKey,
    valid: Option<(Timestamp, Timestamp)>,
}

/// Why a file is not a list of public keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeysError {
    #[error("this is not what `aws cloudtrail list-public-keys` prints: {0}")]
    Malformed(String),
    #[error("the public key {0} is not an RSA key of 2048 to 8192 bits")]
    NotRsa(String),
    #[error("the list has no public key")]
    Empty,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    public_key_list: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    value: String,
    fingerprint: String,
    validity_start_time: Option<serde_json::Value>,
    validity_end_time: Option<serde_json::Value>,
}

impl PublicKeys {
    /// Reads what `aws cloudtrail list-public-keys` prints; several answers one after the other are read too, and
    /// UTF-16, as PowerShell saves it.
    pub fn from_json(bytes: &[u8]) -> Result<Self, PublicKeysError> {
        let mut keys = Self::default();
        let mut text = Vec::new();
        let read = open(bytes).and_then(|plain| plain.text.take(LIMIT).read_to_end(&mut text));
        read.map_err(|error| PublicKeysError::Malformed(error.to_string()))?;
        for list in serde_json::Deserializer::from_slice(&text).into_iter::<List>() {
            for listed in list.map_err(|error| PublicKeysError::Malformed(error.to_string()))?.public_key_list
            {
                let der = BASE64_STANDARD.decode(listed.value.trim());
                let der = der.map_err(|error| PublicKeysError::Malformed(format!("Value: {error}")))?;
                let [from, to] =
                    [listed.validity_start_time, listed.validity_end_time].map(|at| at.and_then(moment));
                keys.insert(&listed.fingerprint, &der, from.zip(to))?;
            }
        }
        if keys.0.is_empty() { Err(PublicKeysError::Empty) } else { Ok(keys) }
    }

    /// Adds a key in DER, with the time in which it is valid, if that is known.
    pub fn insert(
        &mut self,
        fingerprint: &str,
        der: &[u8],
        valid: Option<(Timestamp, Timestamp)>,
    ) -> Result<(), PublicKeysError> {
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)
            .map_err(|_| PublicKeysError::NotRsa(fingerprint.to_owned()))?;
        self.0.insert(fingerprint.to_owned(), Key { key, valid });
        Ok(())
    }

    pub fn contains(&self, fingerprint: &str) -> bool {
        self.0.contains_key(fingerprint)
    }

    /// Whether the list is one for this moment: some key in it is valid then, or does not say when it is.
    pub fn covers(&self, moment: Timestamp) -> bool {
        self.0.values().any(|key| key.valid.is_none_or(|(from, to)| (from..=to).contains(&moment)))
    }

    /// Whether a key made this signature (RSASSA-PKCS1-v1_5 with SHA-256); `None`: there is no such key.
    pub fn verify(&self, fingerprint: &str, message: &[u8], signature: &[u8]) -> Option<bool> {
        Some(self.0.get(fingerprint)?.key.verify_sig(message, signature).is_ok())
    }
}

impl fmt::Debug for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A time as one version of the AWS CLI prints it, a text, or as another, in seconds.
fn moment(value: serde_json::Value) -> Option<Timestamp> {
    match value {
        serde_json::Value::String(text) => text.parse().ok(),
        serde_json::Value::Number(seconds) => Timestamp::from_unix(seconds.as_f64()? as i64).ok(),
        _ => None,
    }
}
