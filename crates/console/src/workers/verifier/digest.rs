//! A digest from its listing to the verdict on it.

use std::collections::HashMap;
use std::time::Duration;

use feeds::trail::key::DigestKey;
use feeds::trail::{Chains, Delivered, Digest, Known, PublicKeys, Signature, Verdict};

/// The longest time that a digest covers.
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// A digest that was found in a listing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    /// First: digests sort by their ends.
    pub name: DigestKey,
    pub key: String,
}

/// A digest as it was read, and what is known of what it names.
pub(crate) struct Fetched {
    pub found: Found,
    pub digest: Result<Digest, String>,
    pub signature: Option<String>,
    pub keys: PublicKeys,
    pub files: HashMap<String, Known>,
}

/// What came of a digest.
pub(crate) struct Judged {
    pub key: String,
    pub verdict: Verdict,
}

impl Judged {
    /// The log files that it has a word on: good ones and others.
    pub fn named(&self) -> impl Iterator<Item = &String> {
        self.verdict.vouched.iter().chain(self.verdict.problems.iter().map(|problem| &problem.object))
    }
}

impl Fetched {
    /// Judges it as the next digest of a part: after all that end before.
    pub fn judge(&self, bucket: &str, chains: &mut Chains) -> Judged {
        let Self { found, digest, signature, keys, files } = self;
        let delivered = Delivered {
            bucket: Some(bucket),
            key: &found.key,
            name: &found.name,
            digest: digest.as_ref().map_err(String::as_str),
            signature: signature.as_deref().map_or(Signature::Absent, Signature::Given),
        };
        let verdict = chains.feed(&delivered, keys, |file| {
            let unknown = || Known::Unreadable("nobody can tell where it lies".to_owned());
            files.get(&file.object).cloned().unwrap_or_else(unknown)
        });
        Judged { key: found.key.clone(), verdict }
    }
}
