//! `[ledger]`: the log that the ledger is made into.

use std::path::PathBuf;

use tlog::PublicKey;

use super::section::Section;
use super::value::{bucket, kms_key, list_of, parsed, text};

/// `[ledger]`.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub bucket: String,
    /// Empty, or it ends with a slash.
    pub prefix: String,
    /// At least one, all of one name: the log's.
    pub keys: Vec<PublicKey>,
    pub witnesses: Vec<PublicKey>,
    /// `None`: this process does not sign.
    pub signer: Option<Signer>,
}

/// What signs, for the worker alone.
#[derive(Clone, Debug)]
pub enum Signer {
    /// The file with the key.
    File(PathBuf),
    /// The ARN of the key in AWS KMS.
    Kms(String),
}

impl Signer {
    /// As the configuration has it.
    pub fn setting(&self) -> String {
        match self {
            Self::File(file) => format!("ledger.key_file: is {}", file.display()),
            Self::Kms(key) => format!("ledger.kms_key: is {key}"),
        }
    }
}

impl Ledger {
    /// The log's name.
    pub fn origin(&self) -> &str {
        self.keys.first().map_or("", PublicKey::name)
    }
}

/// `Some(None)`: the file has no such section.
pub(super) fn ledger(section: Section<'_>) -> Option<Option<Ledger>> {
    const KEYS: &str = "List the log's public keys as countersign ledger key printed them, the one that signs and those that did before; all have the log's name.";
    if section.is_missing() {
        return Some(None);
    }
    let bucket = section.required("bucket", "Name the S3 bucket that the log is written to.", bucket);
    let prefix = section.optional(
        "prefix",
        "Write where in the bucket the log begins, such as \"ledger/\", or leave it out.",
        |value| match text(value)? {
            prefix if !prefix.ends_with('/') => Err("does not end with a slash".to_owned()),
            prefix if prefix.starts_with('/') => Err("begins with a slash".to_owned()),
            prefix => Ok(prefix),
        },
    );
    let keys = section.required("keys", KEYS, |value| {
        let keys = list_of(parsed::<PublicKey>)(value)?;
        match keys.first() {
            None => Err("is empty".to_owned()),
            Some(first) if keys.iter().any(|key| key.name() != first.name()) => {
                Err("has keys of more than one name".to_owned())
            }
            Some(_) if keys.iter().any(PublicKey::cosigns) => Err("has the key of a witness".to_owned()),
            Some(_) => Ok(keys),
        }
    });
    let witnesses = section.optional(
        "witnesses",
        "List the public keys of witnesses as countersign ledger witness printed them.",
        |value| {
            let keys = list_of(parsed::<PublicKey>)(value)?;
            if keys.iter().all(PublicKey::cosigns) {
                Ok(keys)
            } else {
                Err("has the key of a log".to_owned())
            }
        },
    );
    let key_file = section.optional(
        "key_file",
        "Name the file that countersign ledger key has written, for the worker alone.",
        text,
    );
    let kms_key = section.optional(
        "kms_key",
        "Write the ARN of the Ed25519 key in AWS KMS that signs, for the worker alone.",
        kms_key,
    );
    let signer = match (key_file, kms_key) {
        (Some(_), Some(_)) => {
            section.report(
                "kms_key",
                "and ledger.key_file both sign",
                "Keep one of them, and remove the other.",
            );
            None
        }
        (Some(file), None) => Some(Signer::File(file.into())),
        (None, Some(key)) => Some(Signer::Kms(key)),
        (None, None) => None,
    };
    section.finish();
    Some(Some(Ledger {
        bucket: bucket?,
        prefix: prefix.unwrap_or_default(),
        keys: keys?,
        witnesses: witnesses.unwrap_or_default(),
        signer,
    }))
}
