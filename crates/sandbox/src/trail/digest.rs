//! Digest files: what was delivered in a span of time, signed, and chained to the digest before.
//! (CloudTrail user guide, "CloudTrail digest file structure" and "Custom implementations of validation".)

use serde_json::json;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;

use super::file::{self, Entry, HASH, NAME};
use super::key::SigningKey;
use crate::clock::iso;
use crate::keys::{ACCOUNT, REGION};

pub(super) const ALGORITHM: &str = "SHA256withRSA";

/// What the next digest says of a digest.
#[derive(Clone, Debug)]
pub(super) struct Previous {
    pub(super) key: String,
    /// SHA-256 of the uncompressed content, lower-case hex.
    pub(super) hash: String,
    /// Lower-case hex.
    pub(super) signature: String,
}

/// A digest to be signed.
pub(super) struct Digest<'a> {
    pub(super) bucket: &'a str,
    pub(super) from: OffsetDateTime,
    pub(super) to: OffsetDateTime,
    /// `None` begins a chain.
    pub(super) previous: Option<&'a Previous>,
    pub(super) files: &'a [Entry],
}

/// A signed digest.
pub(super) struct Signed {
    pub(super) ended_at: OffsetDateTime,
    pub(super) this: Previous,
    /// Compressed.
    pub(super) body: Vec<u8>,
}

impl Digest<'_> {
    pub(super) fn sign(&self, key: &SigningKey) -> anyhow::Result<Signed> {
        let object = self.key()?;
        let previous = |of: fn(&Previous) -> &String| self.previous.map(of);
        let content = json!({
            "awsAccountId": ACCOUNT,
            "digestStartTime": iso(self.from),
            "digestEndTime": iso(self.to),
            "digestS3Bucket": self.bucket,
            "digestS3Object": object,
            "digestPublicKeyFingerprint": key.fingerprint(),
            "digestSignatureAlgorithm": ALGORITHM,
            "newestEventTime": self.files.iter().map(|file| &file.newest_event_time).max(),
            "oldestEventTime": self.files.iter().map(|file| &file.oldest_event_time).min(),
            "previousDigestS3Bucket": self.previous.map(|_| self.bucket),
            "previousDigestS3Object": previous(|previous| &previous.key),
            "previousDigestHashValue": previous(|previous| &previous.hash),
            "previousDigestHashAlgorithm": self.previous.map(|_| HASH),
            "previousDigestSignature": previous(|previous| &previous.signature),
            "logFiles": self.files,
        })
        .to_string();
        let hash = hex::encode(Sha256::digest(&content));
        let signature = previous(|previous| &previous.signature);
        let text = string_to_sign(&iso(self.to), self.bucket, &object, &hash, signature.map(String::as_str));
        let signature = hex::encode(key.sign(text.as_bytes())?);
        let body = file::compressed(content.as_bytes())?;
        Ok(Signed { ended_at: self.to, this: Previous { key: object, hash, signature }, body })
    }

    fn key(&self) -> anyhow::Result<String> {
        let folder = file::folder("CloudTrail-Digest", self.to)?;
        let time = self.to.format(format_description!("[year][month][day]T[hour][minute][second]Z"))?;
        Ok(format!("{folder}/{ACCOUNT}_CloudTrail-Digest_{REGION}_{NAME}_{REGION}_{time}.json.gz"))
    }
}

/// What is signed. The first digest of a chain has the word `null` in the place of the signature before it.
fn string_to_sign(end: &str, bucket: &str, object: &str, hash: &str, previous: Option<&str>) -> String {
    format!("{end}\n{bucket}/{object}\n{hash}\n{}", previous.unwrap_or("null"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_string_to_sign_is_the_user_guides() {
        let text = string_to_sign("2015-08-17T14:01:31Z", "bucket", "AWSLogs/1/x.json.gz", "31e8b5", None);
        assert_eq!(text, "2015-08-17T14:01:31Z\nbucket/AWSLogs/1/x.json.gz\n31e8b5\nnull");
        let text = string_to_sign("2015-08-17T14:01:31Z", "b", "k", "h", Some("00ff"));
        assert_eq!(text, "2015-08-17T14:01:31Z\nb/k\nh\n00ff");
    }
}
