//! The signatures of a chain's digests, each from its successor, and where the digests lay in the bucket.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Read};

use super::{is_key, read};
use crate::input::open;
use crate::trail::chain::{Delivered, Signature, Standing, judge};
use crate::trail::digest::{Digest, Previous};
use crate::trail::directory::Stored;
use crate::trail::key::DigestKey;
use crate::trail::public_keys::PublicKeys;

/// The most that a file with a signature may have, in bytes.
const SIDECAR: u64 = 8192;

pub(super) struct Signatures {
    /// By digest, oldest first, in hex; `None`: nobody knows.
    pub given: Vec<Option<String>>,
    /// What stood before `AWSLogs/` in the keys.
    prefix: String,
}

impl Signatures {
    /// Reads the digests from the newest to the oldest.
    pub fn of(digests: &[&Stored<DigestKey>], keys: &PublicKeys) -> io::Result<Self> {
        let mut found = Self { given: vec![None; digests.len()], prefix: String::new() };
        let mut successor: Option<(Previous, bool)> = None;
        for (at, stored) in digests.iter().enumerate().rev() {
            let digest = read(stored)?.ok();
            let stated = successor.take().filter(|(previous, _)| is_key(&previous.object, stored));
            let (signature, trusted) = match stated {
                Some((previous, trusted)) => (Some(previous.signature), trusted),
                None => (sidecar(stored)?, true),
            };
            let Some(digest) = digest else { continue };
            if let Some(prefix) = digest.object.strip_suffix(&stored.key) {
                found.prefix = prefix.to_owned();
            }
            let key = found.key(stored, Some(&digest));
            let delivered = Delivered {
                bucket: None,
                key: &key,
                name: &stored.name,
                digest: Ok(&digest),
                signature: signature.as_deref().map_or(Signature::Unknown, Signature::Given),
            };
            let good = matches!(judge(&delivered, keys), Standing::Good(_));
            // What an altered successor says against a digest counts for nothing.
            found.given[at] = signature.filter(|_| good || trusted);
            successor = digest.previous.map(|previous| (previous, good));
        }
        Ok(found)
    }

    /// The whole key of a digest: the one that it states, if that is the file's but for its prefix.
    pub fn key(&self, stored: &Stored<DigestKey>, digest: Option<&Digest>) -> String {
        match digest {
            Some(digest) if is_key(&digest.object, stored) => digest.object.clone(),
            _ => format!("{}{}", self.prefix, stored.key),
        }
    }
}

/// The signature in the file beside a digest, whatever encoding it was saved in. What is no signature says nothing: it was
/// put there by whoever downloaded the digest, as `None` by the AWS CLI.
fn sidecar(stored: &Stored<DigestKey>) -> io::Result<Option<String>> {
    let mut path = OsString::from(&stored.path);
    path.push(".signature");
    let file = match fs::File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut text = Vec::new();
    open(file)?.text.take(SIDECAR).read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let signature = text.trim().trim_matches('"');
    let is_hex = !signature.is_empty() && signature.bytes().all(|byte| byte.is_ascii_hexdigit());
    Ok(is_hex.then(|| signature.to_owned()))
}
