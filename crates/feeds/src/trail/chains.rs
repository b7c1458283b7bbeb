//! All chains of digests of one account and Region: where each stands, and what lies between one that ends and the next.

use std::time::Duration;

use domain::Timestamp;
use domain::trail::{About, DigestPosition, Problem, Proof};
use serde::{Deserialize, Serialize};

use super::chain::{Chain, Delivered, HOUR, Known, SLACK, Verdict};
use super::digest::LogFile;
use super::key::ChainName;
use super::public_keys::PublicKeys;

/// How many chains are remembered of which no digest can be trusted.
const STRANGERS: usize = 8;

/// Where the chains of digests of one account and Region stand. Can be kept and resumed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chains(Vec<Link>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Link {
    name: ChainName,
    chain: Chain,
    /// How long its newest digest covers.
    length: Duration,
}

impl Chains {
    /// The end of the newest proven digest of any chain, its key, and how long it covers: an hour at most. Backfill digests
    /// tell nothing of that.
    pub fn newest(&self) -> Option<(Timestamp, &str, Duration)> {
        let live = self.0.iter().filter(|link| !link.name.backfill);
        let ends = live.filter_map(|link| Some((link.chain.end()?, link.chain.last_key()?, link.length)));
        ends.max_by_key(|(end, ..)| *end)
    }

    /// The newest proven digest of each chain.
    pub fn positions(&self) -> Vec<DigestPosition> {
        self.0.iter().filter_map(|link| link.chain.position()).collect()
    }

    /// Takes the next digest of any chain, in the order of their ends ([`Chain::feed`]). Where a trail takes over some time
    /// after all others have ended, the time between is missing, whether its first digest is there or only a later one that
    /// names a predecessor.
    pub fn feed(
        &mut self,
        delivered: &Delivered<'_>,
        keys: &PublicKeys,
        log_file: impl FnMut(&LogFile) -> Known,
    ) -> Verdict {
        let name = &delivered.name.chain;
        let place = self.0.iter().position(|link| link.name == *name);
        let live = self.0.iter().filter(|link| !link.name.backfill);
        let before = live.filter_map(|link| link.chain.reach()).max().map(|(end, key)| (end, key.to_owned()));
        let mut link = match place {
            Some(place) => self.0[place].clone(),
            None => Link { name: name.clone(), chain: Chain::default(), length: HOUR },
        };
        let is_new = link.chain.reach().is_none() && !name.backfill;
        let doubtful = link.chain.doubtful_since();
        let mut verdict = link.chain.feed(delivered, keys, log_file);
        if let Some(span) = verdict.proven {
            link.length = span.to.since(span.from).min(HOUR);
        }
        // A digest that nobody can trust begins nothing.
        let begins = is_new && link.chain.reach().is_some();
        match place {
            Some(place) => self.0[place] = link,
            None => self.0.push(link),
        }
        self.forget_strangers();
        if let (Ok(digest), Some((end, last))) = (delivered.digest, before.filter(|_| begins)) {
            // What is there and cannot be trusted is told by itself.
            let start = doubtful.map_or(digest.start, |doubtful| doubtful.min(digest.start));
            let (about, object, what) = match &digest.previous {
                Some(previous) if doubtful.is_none() => (
                    About::Digest,
                    previous.object.clone(),
                    format!(
                        "The digest is not there, although the one of {} names it as its predecessor, and no other \
                         trail covers this time.",
                        digest.end
                    ),
                ),
                _ => (
                    About::Gap,
                    last,
                    "After this digest no trail delivered any for some time: logging was off.".to_owned(),
                ),
            };
            if start.since(end) > SLACK {
                let (from, to, proof) = (end, start, Proof::Missing);
                verdict.problems.push(Problem { from, to, proof, about, object, what });
            }
        }
        verdict
    }

    /// Anybody can make up names: of chains of which no digest can be trusted only the newest few are remembered.
    fn forget_strangers(&mut self) {
        let is_strange = |link: &Link| link.chain.reach().is_none();
        let surplus = self.0.iter().filter(|link| is_strange(link)).count().saturating_sub(STRANGERS);
        for _ in 0..surplus {
            if let Some(oldest) = self.0.iter().position(is_strange) {
                self.0.remove(oldest);
            }
        }
    }
}
