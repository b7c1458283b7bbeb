//! Reading digests, and the log files that they name and nobody has read yet.
//!
//! What a digest says is compared with what was read, not with what lies in the bucket today. A digest that CloudTrail did
//! not sign has no say, and one that cannot be read is left out: its successor misses it.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Read};

use countersign_aws::{Error as AwsError, Lease};
use domain::Timestamp;
use domain::trail::TrailPart;
use feeds::trail::key::DigestKey;
use feeds::trail::{Digest, DigestError, Known, PublicKeys};
use futures::{FutureExt, StreamExt, TryStreamExt, stream};

use super::Verifier;
use super::digest::{Fetched, Found, HOUR};
use crate::days::days;
use crate::workers::trail_files::Notes;

/// How many digests are read at once.
const AT_ONCE: usize = 8;

impl Verifier {
    /// The digests in the folders of some days, by their ends. What does not have a digest's name, or has one of a time that
    /// is still to come, is none of CloudTrail's: a digest that is not there is missed.
    pub(crate) async fn digests(
        &self,
        part: &TrailPart,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeSet<Found>, AwsError> {
        let mut found = BTreeSet::new();
        let trail = &self.files.trail;
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
    pub(crate) async fn fetch_digests(
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
        let trail = &self.files.trail;
        let mut object = match self.files.read_object(&trail.bucket, &found.key, read).await {
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

    /// What is known of the log files that a digest names. Those that were never read are read now.
    async fn named_files(
        &self,
        part: &TrailPart,
        digest: &Digest,
        lease: &Lease,
    ) -> Result<HashMap<String, Known>, AwsError> {
        let trail = &self.files.trail;
        let folder = trail.location(part).logs();
        let is_here =
            |file: &&feeds::trail::LogFile| file.bucket == trail.bucket && file.object.starts_with(&folder);
        let names: Vec<String> =
            digest.log_files.iter().filter(is_here).map(|file| file.object.clone()).collect();
        let mut stored = self.aws.trail_known(&trail.bucket, &names).await?;
        let missing: Vec<&String> = names.iter().filter(|name| !stored.contains_key(*name)).collect();
        let (mut added, mut unread) = (Vec::new(), HashMap::new());
        for name in missing {
            match self.files.read_log_file(&trail.bucket, name, None).await {
                Ok(Some(file)) => {
                    added.push(name.clone());
                    self.files.add_files(part, vec![file], lease).await?;
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
