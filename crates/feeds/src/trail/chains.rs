//! All chains of digests of one account and Region: where each stands, and what lies between one that ends and the next.

use std::time::Duration;

use domain::Timestamp;
use domain::trail::{About, Problem, Proof};
use serde::{Deserialize, Serialize};

use super::chain::{Chain, Delivered, HOUR, Known, SLACK, Signature, Verdict};
use super::digest::LogFile;
use super::key::ChainName;
use super::public_keys::PublicKeys;

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

    /// Takes the next digest of any chain, in the order of their ends ([`Chain::feed`]). Where a trail takes over some time
    /// after all others have ended, the time between is missing.
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
        let mut verdict = link.chain.feed(delivered, keys, log_file);
        if let Some(span) = verdict.proven {
            link.length = span.to.since(span.from).min(HOUR);
        }
        // A digest that nobody can trust begins nothing.
        let begins = is_new && link.chain.reach().is_some();
        match place {
            Some(place) => self.0[place] = link,
            // Anybody can make up names: a chain begins with a digest that CloudTrail signed, or whose signature nobody has
            // looked for.
            None if link.chain.end().is_some() || delivered.signature == Signature::Unknown => {
                self.0.push(link)
            }
            None => (),
        }
        if let (Ok(digest), Some((end, object))) = (delivered.digest, before.filter(|_| begins))
            && digest.previous.is_none()
            && digest.start.since(end) > SLACK
        {
            let what = "After this digest no trail delivered any for some time: logging was off.".to_owned();
            let (from, to, proof) = (end, digest.start, Proof::Missing);
            verdict.problems.push(Problem { from, to, proof, about: About::Gap, object, what });
        }
        verdict
    }
}
