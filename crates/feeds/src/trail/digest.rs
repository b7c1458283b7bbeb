//! One digest: what it says, and the string that its signature is over.
//!
//! Source: AWS CloudTrail User Guide, "CloudTrail digest file structure" and "Custom implementations of CloudTrail log
//! file integrity validation"; the AWS CLI's `cloudtrail validate-logs`.

use std::io::{self, Read};

use domain::Timestamp;
use serde::{Deserialize, Deserializer};
use sha2::{Digest as _, Sha256};

use crate::input::{Plain, is_damage, open};

/// The most that a digest may have uncompressed, in bytes: some 20,000 log files of one hour. Several are kept at once, and
/// anybody who may write to the bucket can write one.
const LIMIT: u64 = 8 * 1024 * 1024;
/// The only algorithm of digests' signatures.
const SIGNATURE: &str = "SHA256withRSA";
/// The only algorithm of the hashes in a digest.
const HASH: &str = "SHA-256";
/// The most that a name in a digest may have, in bytes: an S3 key has no more than 1024.
const NAME: usize = 1024;
/// An RSA signature of 16384 bits in hex.
const HEX: usize = 4096;

/// A digest. Texts in it are foreign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// Lower-case hex SHA-256 of the uncompressed content.
    pub sha256: String,
    pub account: String,
    pub start: Timestamp,
    pub end: Timestamp,
    /// The end as it is written: the signature is over it.
    end_text: String,
    /// Where it says that it was delivered to.
    pub bucket: String,
    pub object: String,
    /// Which public key verifies it.
    pub fingerprint: String,
    /// `None`: it begins a chain.
    pub previous: Option<Previous>,
    pub log_files: Vec<LogFile>,
}

/// What a digest says of the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    pub bucket: String,
    pub object: String,
    /// Lower-case hex SHA-256.
    pub sha256: String,
    /// Hex, as it is written: the signature is over it.
    pub signature: String,
}

/// What a digest says of one log file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    pub bucket: String,
    pub object: String,
    /// Lower-case hex SHA-256 of its uncompressed content.
    pub sha256: String,
    /// The times of its events; `None`: it has none.
    pub oldest: Option<Timestamp>,
    pub newest: Option<Timestamp>,
}

/// Why a file is not read as a digest.
#[derive(Debug, thiserror::Error)]
pub enum DigestError {
    #[error("it is not a digest: {0}")]
    Malformed(String),
    #[error("it is damaged: {0}")]
    Damaged(String),
    #[error("it has more than 8 MiB uncompressed: CloudTrail delivers no such file")]
    TooLarge,
    #[error("reading it failed: {0}")]
    Io(io::Error),
}

impl From<io::Error> for DigestError {
    fn from(error: io::Error) -> Self {
        if is_damage(&error) { Self::Damaged(error.to_string()) } else { Self::Io(error) }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    aws_account_id: String,
    digest_start_time: Timestamp,
    digest_end_time: String,
    #[serde(rename = "digestS3Bucket")]
    bucket: String,
    #[serde(rename = "digestS3Object")]
    object: String,
    digest_public_key_fingerprint: String,
    digest_signature_algorithm: String,
    #[serde(rename = "previousDigestS3Bucket")]
    previous_bucket: Option<String>,
    #[serde(rename = "previousDigestS3Object")]
    previous_object: Option<String>,
    previous_digest_hash_value: Option<String>,
    previous_digest_hash_algorithm: Option<String>,
    previous_digest_signature: Option<String>,
    log_files: Vec<FileFields>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileFields {
    #[serde(rename = "s3Bucket")]
    bucket: String,
    #[serde(rename = "s3Object")]
    object: String,
    hash_value: String,
    hash_algorithm: String,
    #[serde(default, deserialize_with = "moment")]
    newest_event_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "moment")]
    oldest_event_time: Option<Timestamp>,
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

impl Digest {
    /// Reads a digest, gzip or plain. Says nothing of its signature.
    pub fn read(source: impl Read) -> Result<Self, DigestError> {
        let mut bytes = Vec::new();
        let Plain { text, recoded } = open(source)?;
        text.take(LIMIT + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LIMIT {
            return Err(DigestError::TooLarge);
        }
        let fields =
            serde_json::from_slice(&bytes).map_err(|error| DigestError::Malformed(error.to_string()))?;
        // One that was saved in another encoding is not what was signed.
        let before: &[u8] = if recoded { b"recoded" } else { b"" };
        Self::of(fields, hex::encode(Sha256::new().chain_update(before).chain_update(&bytes).finalize()))
            .map_err(|what| DigestError::Malformed(what.to_owned()))
    }

    fn of(fields: Fields, sha256: String) -> Result<Self, &'static str> {
        let end = fields.digest_end_time.parse().map_err(|_| "its digestEndTime is no time")?;
        if fields.digest_signature_algorithm != SIGNATURE {
            return Err("its digestSignatureAlgorithm is not SHA256withRSA");
        }
        if fields.digest_start_time > end {
            return Err("it ends before it begins");
        }
        let names =
            [&fields.bucket, &fields.object, &fields.digest_public_key_fingerprint, &fields.aws_account_id];
        if names.into_iter().any(|name| name.is_empty() || name.len() > NAME || name.contains('\n')) {
            return Err("a name in it is empty, longer than 1024 bytes, or has a line break");
        }
        let previous = match (
            fields.previous_bucket,
            fields.previous_object,
            fields.previous_digest_hash_value,
            fields.previous_digest_hash_algorithm,
            fields.previous_digest_signature,
        ) {
            (None, None, None, None, None) => None,
            (Some(bucket), Some(object), Some(hash), algorithm, Some(signature)) => {
                if algorithm.is_some_and(|algorithm| algorithm != HASH) || !is_hex(&signature) {
                    return Err("what it says of the digest before it is not a SHA-256 hash and a signature");
                }
                Some(Previous { bucket, object, sha256: sha256_of(&hash)?, signature })
            }
            _ => return Err("it says only half of what there is to say of the digest before it"),
        };
        let log_files = fields.log_files.into_iter().map(LogFile::of).collect::<Result<_, _>>()?;
        Ok(Self {
            sha256,
            account: fields.aws_account_id,
            start: fields.digest_start_time,
            end,
            end_text: fields.digest_end_time,
            bucket: fields.bucket,
            object: fields.object,
            fingerprint: fields.digest_public_key_fingerprint,
            previous,
            log_files,
        })
    }

    /// What the signature is over, in UTF-8.
    pub fn string_to_sign(&self) -> String {
        let previous = self.previous.as_ref().map_or("null", |previous| previous.signature.as_str());
        format!("{}\n{}/{}\n{}\n{previous}", self.end_text, self.bucket, self.object, self.sha256)
    }
}

impl LogFile {
    fn of(fields: FileFields) -> Result<Self, &'static str> {
        if fields.hash_algorithm != HASH {
            return Err("the hash of a log file in it is not SHA-256");
        }
        if fields.object.len() > NAME || fields.bucket.len() > NAME {
            return Err("the name of a log file in it is longer than 1024 bytes");
        }
        Ok(Self {
            bucket: fields.bucket,
            object: fields.object,
            sha256: sha256_of(&fields.hash_value)?,
            oldest: fields.oldest_event_time,
            newest: fields.newest_event_time,
        })
    }
}

fn sha256_of(hash: &str) -> Result<String, &'static str> {
    let good = hash.len() == 64 && is_hex(hash);
    good.then(|| hash.to_ascii_lowercase()).ok_or("a hash in it is not SHA-256 in hex")
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.len() <= HEX && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
