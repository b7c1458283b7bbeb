//! Verification: new digests are judged in the order of their ends, and what they prove is noted.
//!
//! What a digest names and nobody has read yet is read now. What a digest says is compared with what was read, not with
//! what lies in the bucket today. A digest that CloudTrail did not sign has no say, and one that cannot be read is left out:
//! its successor misses it.

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
use super::ingest::Notes;
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
    /// The end of the newest proven digest of any chain, its key, and how long it covers. Backfill digests tell nothing of
    /// that.
    pub fn newest(&self) -> Option<(Timestamp, &str, Duration)> {
        let live = self.0.iter().filter(|link| !link.name.backfill);
        let ends = live.filter_map(|link| Some((link.chain.end()?, link.chain.last_key()?, link.length)));
        ends.max_by_key(|(end, ..)| *end)
    }

    fn place(&self, name: &ChainName) -> Option<usize> {
        self.0.iter().position(|link| link.name == *name)
    }
}

impl Console {
    /// The digests in the folders of some days, by their ends. What does not have a digest's name, or has one of a time that
    /// is still to come, is none of CloudTrail's: a digest that is not there is missed.
    pub(super) async fn digests(
        &self,
        part: &TrailPart,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeSet<Found>, AwsError> {
        let mut found = BTreeSet::new();
        let Some(trail) = &self.configuration.trail else { return Ok(found) };
        let latest = self.clock.now().plus(HOUR);
        for day in days(from, to) {
            let folder = trail.location(part).digests_of_day(day);
            let mut objects = std::pin::pin!(self.aws.list_objects(&trail.bucket, &folder));
            while let Some(object) = objects.try_next().await? {
                let is_in_folder = object.key.strip_prefix(&folder).is_some_and(|name| !name.contains('/'));
                let name = object.key.parse().ok().filter(|name: &DigestKey| name.end <= latest);
                if let Some(name) = name.filter(|_| is_in_folder) {
                    found.insert(Found { name, key: object.key });
                }
            }
        }
        Ok(found)
    }

    /// Reads digests, and the log files that they name, in this order. Those that are no longer there are left out, and those
    /// that cannot be read are noted.
    pub(super) async fn fetch_digests(
        &self,
        part: &TrailPart,
        found: &[Found],
        notes: &mut Notes,
        lease: &Lease,
    ) -> Result<Vec<Fetched>, AwsError> {
        let fetch = |found: &Found| {
            let key = found.key.clone();
            self.fetch_digest(part, found.clone(), lease).map(|fetched| (key, fetched)).boxed()
        };
        let mut fetched = stream::iter(found.iter().map(fetch).collect::<Vec<_>>()).buffered(AT_ONCE);
        let mut read = Vec::new();
        while let Some((key, fetched)) = fetched.next().await {
            match fetched? {
                Ok(fetched) => {
                    notes.read();
                    read.extend(fetched);
                }
                Err(unreadable) => notes.add(&key, unreadable)?,
            }
        }
        Ok(read)
    }

    /// The inner error is about this digest alone.
    async fn fetch_digest(
        &self,
        part: &TrailPart,
        found: Found,
        lease: &Lease,
    ) -> Result<Result<Option<Fetched>, AwsError>, AwsError> {
        let Some(trail) = &self.configuration.trail else { return Ok(Ok(None)) };
        let mut object = match self.read_object(&trail.bucket, &found.key, read).await {
            Ok(Some(object)) => object,
            Ok(None) => return Ok(Ok(None)),
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => return Ok(Err(error)),
        };
        let (mut digest, signature) = (object.content, object.metadata.remove("signature"));
        let (mut keys, mut files) = (PublicKeys::default(), HashMap::new());
        if let Ok(digest) = &mut digest {
            let is_here = digest.bucket == trail.bucket && digest.object == found.key;
            if is_here && (digest.end == found.name.end || found.name.chain.backfill) {
                // Times that cannot be are refused: this is no digest of CloudTrail's, and the others must go on.
                keys = match self.public_keys(&part.region, digest).await {
                    Ok(keys) => keys,
                    Err(error) if error.is_transient() => return Err(error),
                    Err(error) => return Ok(Err(error)),
                };
            }
            if is_genuine(digest, &keys, signature.as_ref()) {
                files = self.named_files(part, digest, lease).await?;
            } else {
                // Anybody can write a long list.
                digest.log_files = Vec::new();
            }
        }
        Ok(Ok(Some(Fetched { found, digest, signature, keys, files })))
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
        let place = chains.place(&found.name.chain);
        let begins = place.is_none() && digest.as_ref().is_ok_and(|digest| digest.previous.is_none());
        let before = chains.newest().map(|(end, key, _)| (end, key.to_owned()));
        let mut link = match place {
            Some(place) => chains.0[place].clone(),
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
            Some(place) => chains.0[place] = link,
            // Anybody can make up names: a chain begins with a digest that CloudTrail signed.
            None if link.chain.end().is_some() => chains.0.push(link),
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
        let (mut added, mut unread) = (Vec::new(), HashMap::new());
        for name in missing {
            match self.read_log_file(&trail.bucket, name, None).await {
                Ok(Some(file)) => {
                    added.push(name.clone());
                    self.add_files(part, vec![file], lease).await?;
                }
                Ok(None) => (),
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => drop(unread.insert(name.clone(), error.to_string())),
            }
        }
        stored.extend(self.aws.trail_known(&trail.bucket, &added).await?);
        let mut known = HashMap::new();
        for file in &digest.log_files {
            let what = match stored.remove(&file.object) {
                _ if !is_here(&file) => {
                    Known::Unreadable("it is said to lie outside of the trail's own folder".to_owned())
                }
                None => match unread.get(&file.object) {
                    Some(why) => Known::OutOfReach(why.trim_end_matches('.').to_owned()),
                    None => Known::Absent,
                },
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

/// Whether CloudTrail signed it: only then is it worth while to read what it names.
fn is_genuine(digest: &Digest, keys: &PublicKeys, signature: Option<&String>) -> bool {
    let signature = signature.and_then(|signature| hex::decode(signature).ok());
    signature.is_some_and(|signature| {
        keys.verify(&digest.fingerprint, digest.string_to_sign().as_bytes(), &signature) == Some(true)
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
