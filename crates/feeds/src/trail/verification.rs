//! A downloaded trail verified without AWS: every digest, every log file that one names, and every log file that none does.
//!
//! The signature of a digest lies in the metadata of its S3 object, which a download loses; but each digest states that of
//! the one before it. Only the newest digest needs its own, from a file beside it: `NAME.json.gz.signature`.

mod limits;
mod signatures;

use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use domain::Timestamp;
use domain::trail::{Coverage, Problem, Proof, Span};

pub use self::limits::Limits;
use self::signatures::Signatures;
use super::chain::{Delivered, Known, Signature};
use super::chains::Chains;
use super::digest::{Digest, DigestError};
use super::directory::{Directory, Stored};
use super::key::{ChainName, DigestKey, LogKey, tail};
use super::public_keys::PublicKeys;
use super::stray::stray;

/// Where a trail's files belong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub organization: Option<String>,
    pub account: String,
    pub region: String,
}

/// One chain of digests as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chained {
    pub name: ChainName,
    pub digests: u64,
    /// The beginning of the first and the end of the last, as far as they can be read.
    pub from: Timestamp,
    pub to: Timestamp,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    pub chains: Vec<Chained>,
    pub coverage: BTreeMap<Place, Coverage>,
    /// By time.
    pub problems: Vec<(Place, Problem)>,
    /// How far each of the directory's log files can be trusted, in its order: proven, unproven or altered.
    pub logs: Vec<Proof>,
    /// The newest digests of chains, whose signature is not at hand: the only unproven ones that are no fault of the trail.
    pub unsigned: Vec<Stored<DigestKey>>,
    /// How many objects are not there that a lifecycle rule removed.
    pub removed: u64,
}

impl Verification {
    /// The chains of digests of one account and Region.
    pub fn chains_of(&self, place: &Place) -> impl Iterator<Item = &Chained> {
        let of = |name: &ChainName| Place::of(&name.organization, &name.account, &name.region);
        self.chains.iter().filter(move |chain| of(&chain.name) == *place)
    }

    /// Something is proven, and nothing is missing, altered or beyond checking; but the newest digests may lack their
    /// signatures.
    pub fn is_whole(&self) -> bool {
        let proven = self.coverage.values().flat_map(Coverage::spans).any(|span| span.proof == Proof::Proven);
        proven && self.problems.len() == self.unsigned.len()
    }
}

/// Verifies all digests of a directory within limits. `log_file` says what is known of a log file that is there.
///
/// # Errors
/// A file cannot be read for a reason that is not its content.
pub fn verify(
    directory: &Directory,
    keys: &PublicKeys,
    limits: &Limits,
    mut log_file: impl FnMut(&Stored<LogKey>) -> io::Result<Known>,
) -> io::Result<Verification> {
    let mut places: BTreeMap<Place, Vec<&Stored<DigestKey>>> = BTreeMap::new();
    for digest in &directory.digests {
        let ChainName { organization, account, region, .. } = &digest.name.chain;
        places.entry(Place::of(organization, account, region)).or_default().push(digest);
    }
    let mut found =
        Verification { logs: vec![Proof::Unproven; directory.logs.len()], ..Verification::default() };
    let mut spans: BTreeMap<Place, Vec<Span>> = BTreeMap::new();
    for (place, digests) in places {
        let covered = found.place(directory, &place, &digests, (keys, limits), &mut log_file)?;
        spans.insert(place, covered);
    }
    let clipped = |spans: Vec<Span>| Coverage::of(spans.into_iter().map(|span| limits.clip(span)));
    found.coverage = spans.into_iter().map(|(place, spans)| (place, clipped(spans))).collect();
    found.strays(directory);
    found.problems.sort_by(|(_, a), (_, b)| (a.from, &a.object).cmp(&(b.from, &b.object)));
    Ok(found)
}

impl Verification {
    /// The digests of one account and Region, those of all chains in the order of their ends.
    fn place(
        &mut self,
        directory: &Directory,
        place: &Place,
        digests: &[&Stored<DigestKey>],
        (keys, limits): (&PublicKeys, &Limits),
        log_file: &mut impl FnMut(&Stored<LogKey>) -> io::Result<Known>,
    ) -> io::Result<Vec<Span>> {
        let mut by_chain: BTreeMap<&ChainName, Vec<&Stored<DigestKey>>> = BTreeMap::new();
        for digest in digests {
            by_chain.entry(&digest.name.chain).or_default().push(digest);
        }
        let (mut chains, mut spans, mut found) = (Chains::default(), Vec::new(), BTreeMap::new());
        let mut ordered = Vec::with_capacity(digests.len());
        for (name, mut digests) in by_chain {
            digests.sort_by_key(|digest| &digest.name);
            let signatures = Rc::new(Signatures::of(&digests, keys)?);
            let count = digests.len();
            ordered.extend(
                digests.into_iter().enumerate().map(|(at, digest)| (digest, at, Rc::clone(&signatures))),
            );
            found.insert(name, (count, None));
        }
        ordered.sort_by_key(|(digest, ..)| &digest.name);
        let mut failure = None;
        for (stored, at, signatures) in ordered {
            let read = read(stored)?;
            let key = signatures.key(stored, read.as_ref().ok());
            let signature = signatures.given.get(at).and_then(Option::as_deref);
            let delivered = Delivered {
                bucket: None,
                key: &key,
                name: &stored.name,
                digest: read.as_ref().map_err(String::as_str),
                signature: signature.map_or(Signature::Unknown, Signature::Given),
            };
            let mut verdict = chains.feed(&delivered, keys, |file| match directory.log(&file.object) {
                None => Known::Absent,
                Some(at) => log_file(&directory.logs[at]).unwrap_or_else(|error| {
                    failure = Some(error);
                    Known::Absent
                }),
            });
            if let Some(error) = failure.take() {
                return Err(error);
            }
            let removed = limits.apply(&mut verdict);
            self.removed += removed.len() as u64;
            spans.extend(removed);
            let (start, end) =
                read.as_ref().map_or((stored.name.end, stored.name.end), |digest| (digest.start, digest.end));
            if let Some((count, bounds)) = found.get_mut(&stored.name.chain) {
                let (from, to): (Timestamp, Timestamp) = bounds.unwrap_or((start, end));
                *bounds = Some((from.min(start), to.max(end)));
                let newest = at + 1 == *count && delivered.signature == Signature::Unknown;
                if newest && verdict.problems.iter().any(|problem| problem.proof == Proof::Unproven) {
                    self.unsigned.push(stored.clone());
                }
            }
            spans.extend(verdict.spans());
            for object in &verdict.vouched {
                self.judge(directory, object, Proof::Proven);
            }
            for problem in verdict.problems {
                if problem.proof == Proof::Altered {
                    self.judge(directory, &problem.object, Proof::Altered);
                }
                self.problems.push((place.clone(), problem));
            }
        }
        for (name, (count, bounds)) in found {
            let chained = |(from, to)| Chained { name: name.clone(), digests: count as u64, from, to };
            self.chains.extend(bounds.map(chained));
        }
        Ok(spans)
    }

    fn judge(&mut self, directory: &Directory, object: &str, proof: Proof) {
        if let Some(known) = directory.log(object).and_then(|at| self.logs.get_mut(at)) {
            *known = proof;
        }
    }

    /// Log files of a proven time that no digest names: CloudTrail did not deliver them.
    fn strays(&mut self, directory: &Directory) {
        for (log, known) in directory.logs.iter().zip(&mut self.logs) {
            let place = Place::of(&log.name.organization, &log.name.account, &log.name.region);
            let coverage = self.coverage.get(&place).filter(|_| *known == Proof::Unproven);
            let problem = coverage.and_then(|all| stray(log.key.clone(), log.name.delivered, all));
            if let Some(problem) = problem {
                *known = Proof::Altered;
                self.problems.push((place, problem));
            }
        }
    }
}

impl Place {
    pub fn of(organization: &Option<String>, account: &str, region: &str) -> Self {
        Self { organization: organization.clone(), account: account.to_owned(), region: region.to_owned() }
    }
}

/// A digest, or why its content is none.
fn read(stored: &Stored<DigestKey>) -> io::Result<Result<Digest, String>> {
    match Digest::read(stored.open()?) {
        Ok(digest) => Ok(Ok(digest)),
        Err(DigestError::Io(error)) => Err(error),
        Err(error) => Ok(Err(error.to_string())),
    }
}

/// Whether a key as a digest states it is that of a file.
fn is_key<'a>(object: &'a str, stored: &'a Stored<DigestKey>) -> bool {
    let name = |key: &'a str| key.rsplit('/').next();
    match stored.flat {
        true => name(object) == name(&stored.key),
        false => tail(object) == Some(stored.key.as_str()),
    }
}
