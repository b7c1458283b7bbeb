//! Where the chains of digests stand, and what comes of the next digest of one.

use std::collections::HashMap;
use std::time::Duration;

use domain::Timestamp;
use domain::trail::Proof;
use feeds::trail::key::{ChainName, DigestKey};
use feeds::trail::{Chain, Delivered, Digest, Known, Problem, PublicKeys, Signature, Verdict};
use serde::{Deserialize, Serialize};

/// A digest begins where the one before ends; this much apart is no gap.
const SLACK: Duration = Duration::from_secs(2);
/// The longest time that a digest covers.
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// Where the chains of digests stand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Chains(Vec<Link>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Link {
    name: ChainName,
    chain: Chain,
    /// How long its newest digest covers.
    length: Duration,
}

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

impl Chains {
    /// The end of the newest proven digest of any chain, its key, and how long it covers. Backfill digests tell nothing of
    /// that.
    pub fn newest(&self) -> Option<(Timestamp, &str, Duration)> {
        let live = self.0.iter().filter(|link| !link.name.backfill);
        let ends = live.filter_map(|link| Some((link.chain.end()?, link.chain.last_key()?, link.length)));
        ends.max_by_key(|(end, ..)| *end)
    }

    /// Judges the next digest.
    pub fn judge(&mut self, bucket: &str, fetched: &Fetched) -> Judged {
        let Fetched { found, digest, signature, keys, files } = fetched;
        let delivered = Delivered {
            bucket: Some(bucket),
            key: &found.key,
            name: &found.name,
            digest: digest.as_ref().map_err(String::as_str),
            signature: signature.as_deref().map_or(Signature::Absent, Signature::Given),
        };
        let place = self.place(&found.name.chain);
        let begins = place.is_none() && digest.as_ref().is_ok_and(|digest| digest.previous.is_none());
        let before = self.newest().map(|(end, key, _)| (end, key.to_owned()));
        let mut link = match place {
            Some(place) => self.0[place].clone(),
            None => Link { name: found.name.chain.clone(), chain: Chain::default(), length: HOUR },
        };
        let mut verdict = link.chain.feed(&delivered, keys, |file| {
            let unknown = || Known::Unreadable("nobody can tell where it lies".to_owned());
            files.get(&file.object).cloned().unwrap_or_else(unknown)
        });
        if let Some(span) = verdict.proven {
            link.length = span.to.since(span.from).min(HOUR);
        }
        match place {
            Some(place) => self.0[place] = link,
            // Anybody can make up names: a chain begins with a digest that CloudTrail signed.
            None if link.chain.end().is_some() => self.0.push(link),
            None => (),
        }
        // Another trail took over, and only some time after the one before had ended.
        if let Some((span, (end, key))) = verdict.proven.filter(|_| begins).zip(before)
            && span.from.since(end) > SLACK
            && !found.name.chain.backfill
        {
            let what = "After this digest no trail delivered any for some time: logging was off.".to_owned();
            let (to, proof) = (span.from, Proof::Missing);
            verdict.problems.push(Problem { from: end, to, proof, object: key, what });
        }
        Judged { key: found.key.clone(), verdict }
    }

    fn place(&self, name: &ChainName) -> Option<usize> {
        self.0.iter().position(|link| link.name == *name)
    }
}
