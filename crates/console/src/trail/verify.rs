//! Verification: new digests are judged in the order of their ends, and what they prove is noted.
//!
//! What a digest names and nobody has read yet is read now. What a digest says is compared with what was read, not with
//! what lies in the bucket today.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Read};
use std::time::Duration;

use countersign_aws::trail::TrailPart;
use countersign_aws::{Error as AwsError, Lease};
use domain::Timestamp;
use domain::trail::Proof;
use feeds::trail::key::{ChainName, DigestKey};
use feeds::trail::{Chain, Delivered, Digest, DigestError, Known, Problem, PublicKeys, Signature, Verdict};
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::days::days;
use crate::Console;

/// A digest begins where the one before ends; this much apart is no gap.
const SLACK: Duration = Duration::from_secs(2);
/// How many digests are read at once.
const AT_ONCE: usize = 8;
/// The longest time that a digest covers.
const HOUR: Duration = Duration::from_secs(3600);

/// Where the chains of digests stand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Chains(Vec<Link>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Link {
    name: ChainName,
    chain: Chain,
    /// How long its newest digest covers.
    length: Duration,
}

/// A digest that was found in a listing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// First: digests sort by their ends.
    pub name: DigestKey,
    pub key: String,
}

/// A digest as it was read, and what is known of what it names.
pub(super) struct Fetched {
    found: Found,
    digest: Result<Digest, String>,
    signature: Option<String>,
    keys: PublicKeys,
    files: HashMap<String, Known>,
}

/// What came of a digest.
pub(super) struct Judged {
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
    /// The end of the newest digest of any chain, its key, and how long it covers. Backfill digests tell nothing of that.
    pub fn newest(&self) -> Option<(Timestamp, &str, Duration)> {
        let live = self.0.iter().filter(|link| !link.name.backfill);
        let ends = live.filter_map(|link| Some((link.chain.end()?, link.chain.last_key()?, link.length)));
        ends.max_by_key(|(end, ..)| *end)
    }

    fn link(&mut self, name: &ChainName) -> &mut Link {
        let place = self.0.iter().position(|link| link.name == *name).unwrap_or_else(|| {
            self.0.push(Link { name: name.clone(), chain: Chain::default(), length: HOUR });
            self.0.len() - 1
        });
        &mut self.0[place]
    }

    fn has(&self, name: &ChainName) -> bool {
        self.0.iter().any(|link| link.name == *name)
    }
}

impl Console {
    /// The digests in the folders of some days, by their ends.
    pub(super) async fn digests(
        &self,
        part: &TrailPart,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeSet<Found>, AwsError> {
        let mut found = BTreeSet::new();
        let Some(trail) = &self.configuration.trail else { return Ok(found) };
        for day in days(from, to) {
            let mut objects = std::pin::pin!(
                self.aws.list_objects(&trail.bucket, &trail.location(part).digests_of_day(day))
            );
            while let Some(object) = objects.try_next().await? {
                // What does not have a digest's name is none of CloudTrail's: a digest that is not there is missed.
                if let Ok(name) = object.key.parse() {
                    found.insert(Found { name, key: object.key });
                }
            }
        }
        Ok(found)
    }

    /// Reads digests, and the log files that they name, in this order. Those that are no longer there are left out.
    pub(super) async fn fetch_digests(
        &self,
        part: &TrailPart,
        found: &[Found],
        lease: &Lease,
    ) -> Result<Vec<Fetched>, AwsError> {
        let fetch = |found| self.fetch_digest(part, found, lease).boxed();
        let fetched = stream::iter(found.iter().map(fetch).collect::<Vec<_>>());
        let fetched: Vec<Option<Fetched>> = fetched.buffered(AT_ONCE).try_collect().await?;
        Ok(fetched.into_iter().flatten().collect())
    }

    async fn fetch_digest(
        &self,
        part: &TrailPart,
        found: &Found,
        lease: &Lease,
    ) -> Result<Option<Fetched>, AwsError> {
        let Some(trail) = &self.configuration.trail else { return Ok(None) };
        let Some(mut object) = self.read_object(&trail.bucket, &found.key, read).await? else {
            return Ok(None);
        };
        let (digest, signature) = (object.content, object.metadata.remove("signature"));
        let (mut keys, mut files) = (PublicKeys::default(), HashMap::new());
        if let Ok(digest) = &digest {
            keys = self.public_keys(&part.region, digest).await?;
            if is_genuine(digest, &keys, signature.as_ref()) {
                files = self.named_files(part, digest, lease).await?;
            }
        }
        Ok(Some(Fetched { found: found.clone(), digest, signature, keys, files }))
    }

    /// Judges the next digest.
    pub(super) fn judge_digest(&self, fetched: &Fetched, chains: &mut Chains) -> Judged {
        let Fetched { found, digest, signature, keys, files } = fetched;
        let bucket = self.configuration.trail.as_ref().map(|trail| trail.bucket.as_str());
        let delivered = Delivered {
            bucket,
            key: &found.key,
            name: &found.name,
            digest: digest.as_ref().map_err(String::as_str),
            signature: signature.as_deref().map_or(Signature::Absent, Signature::Given),
        };
        let begins = digest.as_ref().ok().filter(|digest| digest.previous.is_none());
        let begins = begins.map(|digest| digest.start).filter(|_| !chains.has(&found.name.chain));
        let before = chains.newest().map(|(end, key, _)| (end, key.to_owned()));
        let link = chains.link(&found.name.chain);
        let mut verdict = link.chain.feed(&delivered, keys, |file| {
            let unknown = || Known::Unreadable("nobody can tell where it lies".to_owned());
            files.get(&file.object).cloned().unwrap_or_else(unknown)
        });
        if let Some(span) = verdict.proven {
            link.length = span.to.since(span.from).min(HOUR);
        }
        // Another trail took over, and only some time after the one before had ended.
        if let Some((start, (end, key))) = begins.zip(before)
            && start.since(end) > SLACK
            && !found.name.chain.backfill
        {
            let what = "After this digest no trail delivered any for some time: logging was off.".to_owned();
            verdict.problems.push(Problem { from: end, to: start, proof: Proof::Missing, object: key, what });
        }
        Judged { key: found.key.clone(), verdict }
    }

    /// What is known of the log files that a digest names. Those that were never read are read now.
    async fn named_files(
        &self,
        part: &TrailPart,
        digest: &Digest,
        lease: &Lease,
    ) -> Result<HashMap<String, Known>, AwsError> {
        let Some(trail) = &self.configuration.trail else { return Ok(HashMap::new()) };
        let folder = trail.location(part).logs();
        let is_here =
            |file: &&feeds::trail::LogFile| file.bucket == trail.bucket && file.object.starts_with(&folder);
        let names: Vec<String> =
            digest.log_files.iter().filter(is_here).map(|file| file.object.clone()).collect();
        let mut stored = self.aws.trail_known(&trail.bucket, &names).await?;
        let missing: Vec<&String> = names.iter().filter(|name| !stored.contains_key(*name)).collect();
        let mut added = Vec::new();
        for name in missing {
            if let Some(file) = self.read_log_file(&trail.bucket, name, None).await? {
                added.push(name.clone());
                self.add_files(part, vec![file], lease).await?;
            }
        }
        stored.extend(self.aws.trail_known(&trail.bucket, &added).await?);
        let mut known = HashMap::new();
        for file in &digest.log_files {
            let what = match stored.remove(&file.object) {
                _ if !is_here(&file) => {
                    Known::Unreadable("it is said to lie outside of the trail's own folder".to_owned())
                }
                None => Known::Absent,
                Some(stored) => match stored.refused {
                    Some(why) if stored.sha256 != file.sha256 => Known::Unreadable(why),
                    _ => Known::Present { sha256: stored.sha256 },
                },
            };
            known.entry(file.object.clone()).or_insert(what);
        }
        Ok(known)
    }
}

/// Whether nothing speaks against it so far: then it is worth while to read what it names.
fn is_genuine(digest: &Digest, keys: &PublicKeys, signature: Option<&String>) -> bool {
    let signature = signature.and_then(|signature| hex::decode(signature).ok());
    signature.is_some_and(|signature| {
        keys.verify(&digest.fingerprint, digest.string_to_sign().as_bytes(), &signature) != Some(false)
    })
}

/// A digest, or why it is none.
fn read(source: &mut dyn Read) -> io::Result<Result<Digest, String>> {
    match Digest::read(source) {
        Ok(digest) => Ok(Ok(digest)),
        Err(DigestError::Io(error)) => Err(error),
        Err(error) => Ok(Err(error.to_string())),
    }
}
