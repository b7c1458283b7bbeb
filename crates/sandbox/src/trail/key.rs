//! The RSA key that signs the digests. It never leaves the data directory.

use std::path::Path;

use anyhow::{Context, anyhow};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::files;

/// How long before its making the key is valid: the past of a new sandbox is signed with it too.
const BEFORE: time::Duration = time::Duration::days(60);
const AFTER: time::Duration = time::Duration::days(3650);

/// The file.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// PKCS #8, hex.
    key: String,
    /// Seconds since 1970.
    made_at: i64,
}

pub(super) struct SigningKey {
    pair: KeyPair,
    made_at: OffsetDateTime,
}

impl SigningKey {
    /// The key in this file, or a new one.
    pub(super) fn open(path: &Path, now: OffsetDateTime) -> anyhow::Result<Self> {
        if path.exists() {
            let kept: Kept = serde_json::from_slice(&std::fs::read(path)?)?;
            let pair = KeyPair::from_pkcs8(&hex::decode(kept.key)?)
                .map_err(|error| anyhow!("{}: {error}", path.display()))?;
            return Ok(Self { pair, made_at: OffsetDateTime::from_unix_timestamp(kept.made_at)? });
        }
        let pair = KeyPair::generate(KeySize::Rsa2048).ok().context("no RSA key could be made")?;
        let der: Pkcs8V1Der<'_> = pair.as_der().ok().context("the RSA key has no PKCS #8 form")?;
        let kept = Kept { key: hex::encode(der.as_ref()), made_at: now.unix_timestamp() };
        files::replace(path, &serde_json::to_vec(&kept)?)?;
        Ok(Self { pair, made_at: now })
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256.
    pub(super) fn sign(&self, message: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .ok()
            .context("a digest could not be signed")?;
        Ok(signature)
    }

    /// DER of the RSAPublicKey (PKCS #1).
    pub(super) fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// What names the key: 32 hex digits.
    pub(super) fn fingerprint(&self) -> String {
        hex::encode(&Sha256::digest(self.public())[..16])
    }

    /// From when to when it signs.
    pub(super) fn validity(&self) -> (OffsetDateTime, OffsetDateTime) {
        (self.made_at - BEFORE, self.made_at + AFTER)
    }
}
