//! Digests one after the other: what each proves, and what is missing or altered.
//!
//! Stricter than AWS's own validation: a digest's hash and signature must also be the ones that its successor states. Pure:
//! what was read from where is handed in, and the state between two digests can be kept and resumed.

mod judge;

use std::time::Duration;

use domain::Timestamp;
use domain::trail::{About, DigestPosition, Problem, Proof, Span};
use serde::{Deserialize, Serialize};

pub(super) use self::judge::{Standing, judge};
use super::digest::{Digest, LogFile, Previous};
use super::key::DigestKey;
use super::public_keys::PublicKeys;

/// The longest time that a digest covers; how long, where it cannot be read.
pub(super) const HOUR: Duration = Duration::from_secs(3600);
/// A digest begins where the one before ends; this much apart is no gap.
pub(super) const SLACK: Duration = Duration::from_secs(2);
/// How many digests that cannot be trusted are remembered: anybody can write one.
const DOUBTFUL: usize = 64;

/// A digest as it was found.
#[derive(Clone, Debug)]
pub struct Delivered<'a> {
    /// Where it was read from; `None` for the bucket: from a copy, nobody knows.
    pub bucket: Option<&'a str>,
    pub key: &'a str,
    /// What its key says.
    pub name: &'a DigestKey,
    /// Or why it cannot be read.
    pub digest: Result<&'a Digest, &'a str>,
    pub signature: Signature<'a>,
}

/// The signature of a digest: `x-amz-meta-signature`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature<'a> {
    /// In hex.
    Given(&'a str),
    /// The object has none. CloudTrail delivers no digest without.
    Absent,
    /// Nobody has looked: a copy has no metadata.
    Unknown,
}

/// What is known of a log file that a digest names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Lower-case hex SHA-256 of its uncompressed content.
    Present {
        sha256: String,
    },
    Absent,
    /// It is there, and nobody gets at its content; why.
    OutOfReach(String),
    /// It is there, and this is wrong with it.
    Unreadable(String),
}

/// What one digest proves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What it covers, if it is what CloudTrail delivered. Problems take away from it.
    pub proven: Option<Span>,
    pub problems: Vec<Problem>,
    /// The keys of the log files that are what CloudTrail delivered.
    pub vouched: Vec<String>,
    /// The log files that CloudTrail delivered and that could not be read.
    pub absent: Vec<Absent>,
}

/// A log file that CloudTrail delivered, of which nothing is known but what its digest says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absent {
    pub object: String,
    /// Lower-case hex.
    pub sha256: String,
    /// The time of its events.
    pub from: Timestamp,
    /// Not included.
    pub to: Timestamp,
}

impl Absent {
    /// What is wrong when it comes back as another.
    pub fn altered(self) -> Problem {
        let what = OTHER_HASH.to_owned();
        let Self { object, from, to, .. } = self;
        Problem { from, to, proof: Proof::Altered, about: About::LogFile, object, what }
    }
}

const OTHER_HASH: &str = "The log file is not the one that was delivered: its hash is another.";

impl Verdict {
    /// What it adds to a [`domain::trail::Coverage`].
    pub fn spans(&self) -> impl Iterator<Item = Span> {
        // What only cannot be checked is unproven by itself, and must not spoil what another trail proves.
        let bad = self.problems.iter().filter(|problem| problem.proof != Proof::Unproven);
        self.proven.into_iter().chain(bad.map(Problem::span))
    }

    fn add(
        &mut self,
        (from, to): (Timestamp, Timestamp),
        proof: Proof,
        about: About,
        object: &str,
        what: String,
    ) {
        self.problems.push(Problem { from, to, proof, about, object: object.to_owned(), what });
    }
}

/// The state of one chain of digests ([`super::key::ChainName`]) between two of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// The newest that CloudTrail is known to have signed.
    last: Option<Last>,
    /// Newer ones that are there. What they say counts for nothing.
    #[serde(default)]
    doubtful: Vec<Last>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Last {
    key: String,
    /// `None`: it is known not to be what was delivered; there is nothing to compare.
    sha256: Option<String>,
    signature: Option<String>,
    start: Timestamp,
    end: Timestamp,
}

impl Last {
    fn of(delivered: &Delivered<'_>, digest: &Digest) -> Self {
        let signature = match delivered.signature {
            Signature::Given(signature) => Some(signature.to_owned()),
            _ => None,
        };
        Self {
            key: delivered.key.to_owned(),
            sha256: Some(digest.sha256.clone()),
            signature,
            start: digest.start,
            end: digest.end,
        }
    }
}

impl Chain {
    /// The key of the newest digest that CloudTrail is known to have signed.
    pub fn last_key(&self) -> Option<&str> {
        self.last.as_ref().map(|last| last.key.as_str())
    }

    /// Where it stands.
    pub(super) fn position(&self) -> Option<DigestPosition> {
        let Last { key, sha256, end, .. } = self.last.as_ref()?;
        Some(DigestPosition { key: key.clone(), sha256: sha256.clone()?, end: *end })
    }

    /// Its end.
    pub fn end(&self) -> Option<Timestamp> {
        self.last.as_ref().map(|last| last.end)
    }

    /// The end and the key of the newest digest that CloudTrail is known to have signed, or of the one right after it whose
    /// signature nobody has looked for: a copy lacks that of the newest. That one counts for an hour at most.
    pub(super) fn reach(&self) -> Option<(Timestamp, &str)> {
        let unsigned = |one: &&Last| one.sha256.is_some() && one.signature.is_none();
        let follows = |one: &&Last| self.last.as_ref().is_none_or(|last| one.start.since(last.end) <= SLACK);
        let is_short = |one: &&Last| one.end.since(one.start) <= HOUR + SLACK;
        let next = self.doubtful.iter().filter(unsigned).filter(follows).filter(is_short);
        self.last.iter().chain(next).map(|one| (one.end, one.key.as_str())).max()
    }

    /// The earliest beginning of the digests that are there and cannot be trusted.
    pub(super) fn doubtful_since(&self) -> Option<Timestamp> {
        self.doubtful.iter().map(|one| one.start).min()
    }

    /// Takes the next digest of the chain, in the order of their ends. One that is not newer than the last is judged by
    /// itself. Only one with a good signature says anything of others; one whose signature nobody has looked for may.
    pub fn feed(
        &mut self,
        delivered: &Delivered<'_>,
        keys: &PublicKeys,
        log_file: impl FnMut(&LogFile) -> Known,
    ) -> Verdict {
        let mut verdict = Verdict::default();
        match judge(delivered, keys) {
            Standing::Good(digest) => {
                // A backfill digest is about files that came late, not about all of its time.
                if !delivered.name.chain.backfill {
                    verdict.proven = Some(Span { from: digest.start, to: digest.end, proof: Proof::Proven });
                }
                self.link(&mut verdict, delivered, digest, true);
                log_files(&mut verdict, digest, true, log_file);
                self.advance(Last::of(delivered, digest));
            }
            Standing::Unproven(digest, why) => {
                let span = (digest.start, digest.end);
                verdict.add(
                    span,
                    Proof::Unproven,
                    About::Digest,
                    delivered.key,
                    format!("The digest {why}."),
                );
                if delivered.signature == Signature::Unknown {
                    self.link(&mut verdict, delivered, digest, false);
                    log_files(&mut verdict, digest, false, log_file);
                }
                self.doubt(Last::of(delivered, digest));
            }
            Standing::Altered(why) => {
                // Nothing of it counts but that it is there.
                let (end, key) = (delivered.name.end, delivered.key.to_owned());
                let before = self.before(end).last().map(|last| last.end);
                let start = end.minus(HOUR).max(before.unwrap_or(Timestamp::EPOCH));
                verdict.add((start, end), Proof::Altered, About::Digest, &key, format!("The digest {why}."));
                self.doubt(Last { key, sha256: None, signature: None, start, end });
            }
        }
        verdict
    }

    /// The newest good digest and the doubtful ones after it, as far as they are older than this. None, if a good one is
    /// not older.
    fn before(&self, end: Timestamp) -> Vec<&Last> {
        if self.last.as_ref().is_some_and(|last| last.end >= end) {
            return Vec::new();
        }
        let mut before: Vec<&Last> = self.last.iter().chain(&self.doubtful).collect();
        before.retain(|one| one.end < end);
        before.sort_by_key(|one| one.end);
        before
    }

    fn advance(&mut self, next: Last) {
        if self.last.as_ref().is_none_or(|last| last.end < next.end) {
            self.doubtful.retain(|one| next.end < one.end);
            self.last = Some(next);
        }
    }

    fn doubt(&mut self, next: Last) {
        if self.last.as_ref().is_none_or(|last| last.end < next.end) {
            self.doubtful.retain(|one| one.key != next.key);
            self.doubtful.push(next);
            let surplus = self.doubtful.len().saturating_sub(DOUBTFUL);
            self.doubtful.drain(..surplus);
        }
    }

    /// Compares what a digest says of the one before it with the one that was there.
    fn link(&self, verdict: &mut Verdict, delivered: &Delivered<'_>, digest: &Digest, good: bool) {
        let before = self.before(digest.end);
        let Some(newest) = before.last() else { return };
        let Some(previous) = &digest.previous else {
            holes(verdict, delivered.name, &before, good);
            return gap(
                verdict,
                delivered.name,
                newest,
                digest.start,
                "After this digest a new chain begins",
            );
        };
        let is_here = delivered.bucket.is_none_or(|bucket| previous.bucket == bucket);
        let Some(at) = before.iter().position(|one| is_here && one.key == previous.object) else {
            let read = before.iter().rev().find(|one| one.sha256.is_some());
            return missing(verdict, digest, previous, read.unwrap_or(newest));
        };
        holes(verdict, delivered.name, &before[..=at], good);
        compare(verdict, delivered, digest, good, previous, before[at]);
        let why = "After this digest there is none for some time";
        gap(verdict, delivered.name, before[at], digest.start, why);
    }
}

/// What lies between two digests, the second of which is altered, is missing. Only a good one that comes after says so: it
/// may have been written there by anybody.
fn holes(verdict: &mut Verdict, name: &DigestKey, digests: &[&Last], good: bool) {
    for two in digests.windows(2).filter(|two| good && two[1].sha256.is_none()) {
        gap(verdict, name, two[0], two[1].start, "There is no digest of this time");
    }
}

/// What lies between the last digest and the beginning of the next is missing.
fn gap(verdict: &mut Verdict, name: &DigestKey, last: &Last, start: Timestamp, why: &str) {
    if start.since(last.end) > SLACK && !name.chain.backfill {
        let what =
            format!("{why}: logging, or the validation of log files, was off, or digests were deleted.");
        verdict.add((last.end, start), Proof::Missing, About::Gap, &last.key, what);
    }
}

fn compare(
    verdict: &mut Verdict,
    delivered: &Delivered<'_>,
    digest: &Digest,
    good: bool,
    previous: &Previous,
    last: &Last,
) {
    let other = |own: &Option<String>, stated: &str| {
        own.as_ref().is_some_and(|own| !own.eq_ignore_ascii_case(stated))
    };
    let different = match (other(&last.sha256, &previous.sha256), other(&last.signature, &previous.signature))
    {
        (true, _) => "hash",
        (_, true) => "signature",
        _ => return,
    };
    // Of two that contradict each other, the one whose signature is good is right.
    let (span, key, what) = match good {
        true => ((last.start, last.end), last.key.as_str(), "its successor states another"),
        false => ((digest.start, digest.end), delivered.key, "its predecessor has another"),
    };
    let what = format!("The digest is not the one that was delivered: {what} {different}.");
    verdict.add(span, Proof::Altered, About::Digest, key, what);
}

fn missing(verdict: &mut Verdict, digest: &Digest, previous: &Previous, last: &Last) {
    let named = previous.object.parse::<DigestKey>().ok();
    let to = named.map_or(digest.start, |named| named.end.max(digest.start)).min(digest.end);
    let from = if last.end < to { last.end } else { to.minus(HOUR) };
    let what =
        format!("The digest is not there, although the one of {} names it as its predecessor.", digest.end);
    verdict.add((from, to), Proof::Missing, About::Digest, &previous.object, what);
}

/// Compares the log files that a digest names with those that are there.
fn log_files(
    verdict: &mut Verdict,
    digest: &Digest,
    verified: bool,
    mut known: impl FnMut(&LogFile) -> Known,
) {
    for file in &digest.log_files {
        let (from, to) = match (file.oldest, file.newest) {
            (Some(oldest), Some(newest)) if oldest <= newest => (oldest, newest.plus(Duration::from_secs(1))),
            _ => (digest.start, digest.end),
        };
        let (proof, what) = match known(file) {
            Known::Present { sha256 } if sha256.eq_ignore_ascii_case(&file.sha256) => {
                if verified {
                    verdict.vouched.push(file.object.clone());
                }
                continue;
            }
            Known::Present { .. } => (Proof::Altered, OTHER_HASH.to_owned()),
            Known::Absent => {
                (Proof::Missing, "The log file is not there, although a digest names it.".to_owned())
            }
            Known::OutOfReach(why) => {
                (Proof::Missing, format!("The log file cannot be read, although a digest names it: {why}."))
            }
            Known::Unreadable(why) => {
                (Proof::Altered, format!("The log file is not the one that was delivered: {why}."))
            }
        };
        if !verified {
            let what = format!("{what} The digest that says so is unproven itself.");
            verdict.add((from, to), Proof::Unproven, About::LogFile, &file.object, what);
            continue;
        }
        if proof == Proof::Missing {
            let (object, sha256) = (file.object.clone(), file.sha256.clone());
            verdict.absent.push(Absent { object, sha256, from, to });
        }
        verdict.add((from, to), proof, About::LogFile, &file.object, what);
    }
}
