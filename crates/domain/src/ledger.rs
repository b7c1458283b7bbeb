//! The ledger: a hash chain of everything that people and the system did, and of what they were refused.
//!
//! An entry's hash is SHA-256 over the previous entry's hash and the exact bytes of its own body, so that nothing can
//! be edited, removed or reordered unnoticed. A cut tail is noticed only against a head remembered elsewhere.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::authority::AuthorityArn;
use crate::finding::FindingId;
use crate::ids::{RequestId, RunId};
use crate::people::{Person, Role};
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Person {
        person: Person,
        roles: Vec<Role>,
    },
    /// A part of Countersign: "run", "executor", "prover".
    System {
        part: String,
    },
    /// Somebody who is not signed in.
    Stranger,
}

/// What was done. The names are part of the chain: never rename one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    SignedIn,
    SignInRefused,
    SignedOut,
    /// An attempt that was refused; the detail says what and why.
    Refused,
    RunStarted,
    RunFinished,
    RunFailed,
    FindingsRecorded,
    FindingAcknowledged,
    FindingDismissed,
    /// Of the two people who must agree that it is no trouble, the first says so.
    DismissalAsked,
    /// Somebody was made the owner of findings by somebody else.
    FindingAssigned,
    /// Something was ordered to be done to all findings that match a filter; the entries of what is done name its id.
    BulkOrdered,
    BulkEnded,
    RevocationRequested,
    RevocationApproved,
    RevocationRejected,
    RevocationCancelled,
    RevocationExpired,
    ExecutionStarted,
    CertificateRevoked,
    RevocationFailed,
    ExecutionFinished,
    InventoryRecorded,
    SeenOnCrl,
    SeenByOcsp,
    SeenInReport,
    RevocationProven,
    RevocationOverdue,
    RevocationHalted,
    RevocationResumed,
    RevocationRetried,
    RevocationClosed,
    /// Somebody asked for an older month of the trail.
    TrailMonthRequested,
    /// Events or digests of the trail opened findings, or opened them again.
    AlertRaised,
    /// A process was started with another policy, other role groups or another mode than before.
    ConfigurationChanged,
    /// Somebody made an address under which programs read when certificates expire; an earlier one of theirs ended.
    CalendarMade,
    CalendarWithdrawn,
    OwnListChanged,
}

impl Action {
    pub fn label(self) -> &'static str {
        match self {
            Self::SignedIn => "Signed in",
            Self::SignInRefused => "Sign-in refused",
            Self::SignedOut => "Signed out",
            Self::Refused => "Refused",
            Self::RunStarted => "Run started",
            Self::RunFinished => "Run finished",
            Self::RunFailed => "Run failed",
            Self::FindingsRecorded => "Findings recorded",
            Self::FindingAcknowledged => "Finding acknowledged",
            Self::FindingDismissed => "Finding dismissed",
            Self::DismissalAsked => "Dismissal asked for",
            Self::FindingAssigned => "Finding assigned",
            Self::BulkOrdered => "Handling of many findings ordered",
            Self::BulkEnded => "Handling of many findings ended",
            Self::RevocationRequested => "Revocation requested",
            Self::RevocationApproved => "Revocation approved",
            Self::RevocationRejected => "Revocation rejected",
            Self::RevocationCancelled => "Revocation cancelled",
            Self::RevocationExpired => "Request expired",
            Self::ExecutionStarted => "Execution started",
            Self::CertificateRevoked => "Certificate revoked",
            Self::RevocationFailed => "Revocation failed",
            Self::ExecutionFinished => "Execution finished",
            Self::InventoryRecorded => "Recorded in the inventory",
            Self::SeenOnCrl => "Seen on the CRL",
            Self::SeenByOcsp => "Revoked by OCSP",
            Self::SeenInReport => "Seen in the report",
            Self::RevocationProven => "Revocation proven",
            Self::RevocationOverdue => "Revocation overdue",
            Self::RevocationHalted => "Revocation halted",
            Self::RevocationResumed => "Halted revocation resumed",
            Self::RevocationRetried => "Failed ones to be tried again",
            Self::RevocationClosed => "Revocation closed",
            Self::TrailMonthRequested => "Older month of the trail requested",
            Self::AlertRaised => "Alert raised",
            Self::ConfigurationChanged => "Configuration changed",
            Self::CalendarMade => "Calendar address made",
            Self::CalendarWithdrawn => "Calendar address withdrawn",
            Self::OwnListChanged => "Own list set up",
        }
    }
}

/// What an entry is about, so that pages can link to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    Request(RequestId),
    Finding(FindingId),
    Run {
        authority: AuthorityArn,
        id: RunId,
    },
    Certificate {
        authority: AuthorityArn,
        serial: Serial,
    },
    Session,
    /// A page or function, by its path.
    Route(String),
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    pub at: Timestamp,
    pub who: Who,
    pub action: Action,
    pub object: Object,
    /// Facts by name: counts, hashes, reasons. Values are text, cut at 2,000 characters.
    pub detail: std::collections::BTreeMap<String, String>,
}

/// The most that one value of [`Body::detail`] holds, in characters.
pub const DETAIL: usize = 2000;

impl Body {
    pub fn new(at: Timestamp, who: Who, action: Action, object: Object) -> Self {
        Self { at, who, action, object, detail: Default::default() }
    }

    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.detail.insert(name.to_owned(), value.to_string().chars().take(DETAIL).collect());
        self
    }

    /// All of these, in as many values as they need: `name`, `name 2` and so on.
    pub fn with_each(mut self, name: &str, values: impl IntoIterator<Item = String>) -> Self {
        let (mut place, mut line) = (1, String::new());
        for value in values {
            if !line.is_empty() && line.chars().count() + value.chars().count() >= DETAIL {
                self = self.with(&numbered(name, place), &line);
                (place, line) = (place + 1, String::new());
            }
            line += if line.is_empty() { "" } else { " " };
            line += &value;
        }
        self.with(&numbered(name, place), line)
    }
}

fn numbered(name: &str, place: u32) -> String {
    if place == 1 { name.to_owned() } else { format!("{name} {place}") }
}

/// The hash of an entry, lower-case hex.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EntryHash(pub String);

impl EntryHash {
    /// What the first entry has for a predecessor.
    pub fn genesis() -> Self {
        Self("0".repeat(64))
    }
}

impl fmt::Display for EntryHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One link of the chain, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// From 1, without gaps.
    pub seq: u64,
    pub previous: EntryHash,
    /// The JSON of a [`Body`], byte for byte as it was hashed.
    pub body: String,
    pub hash: EntryHash,
}

impl Entry {
    /// The link that follows `seq` - 1 with the hash `previous`.
    pub fn seal(seq: u64, previous: EntryHash, body: &Body) -> Result<Self, serde_json::Error> {
        let body = serde_json::to_string(body)?;
        let hash = Self::hash(seq, &previous, &body);
        Ok(Self { seq, previous, body, hash })
    }

    pub fn read(&self) -> Result<Body, serde_json::Error> {
        serde_json::from_str(&self.body)
    }

    fn hash(seq: u64, previous: &EntryHash, body: &str) -> EntryHash {
        let mut hasher = Sha256::new();
        hasher.update(b"countersign ledger 1\n");
        hasher.update(seq.to_be_bytes());
        hasher.update(previous.0.as_bytes());
        hasher.update(body.as_bytes());
        EntryHash(hex::encode(hasher.finalize()))
    }
}

/// Where a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Break {
    #[error("entry {expected} is missing: the next one there is {found}")]
    Missing { expected: u64, found: u64 },
    #[error("entry {seq} does not follow the one before it")]
    Unlinked { seq: u64 },
    #[error("entry {seq} was changed: its hash does not fit its content")]
    Changed { seq: u64 },
    #[error("the chain ends at entry {found}, but its head says {expected}")]
    Cut { expected: u64, found: u64 },
}

/// Follows a chain entry by entry, in constant memory.
#[derive(Clone, Debug)]
pub struct Verifier {
    seq: u64,
    hash: EntryHash,
}

impl Default for Verifier {
    fn default() -> Self {
        Self { seq: 0, hash: EntryHash::genesis() }
    }
}

impl Verifier {
    /// Takes the next entry, or says where the chain is broken.
    pub fn follow(&mut self, entry: &Entry) -> Result<(), Break> {
        let expected = self.seq + 1;
        if entry.seq != expected {
            return Err(Break::Missing { expected, found: entry.seq });
        }
        if entry.previous != self.hash {
            return Err(Break::Unlinked { seq: entry.seq });
        }
        if Entry::hash(entry.seq, &entry.previous, &entry.body) != entry.hash {
            return Err(Break::Changed { seq: entry.seq });
        }
        (self.seq, self.hash) = (entry.seq, entry.hash.clone());
        Ok(())
    }

    /// Compares the last entry with a head kept elsewhere. Gives the number of entries and the last hash.
    pub fn finish(self, head_seq: u64, head_hash: &EntryHash) -> Result<(u64, EntryHash), Break> {
        match (self.seq == head_seq, self.hash == *head_hash) {
            (true, true) => Ok((self.seq, self.hash)),
            (true, false) => Err(Break::Changed { seq: self.seq }),
            (false, _) => Err(Break::Cut { expected: head_seq, found: self.seq }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(length: u64) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for seq in 1..=length {
            let previous = entries.last().map_or_else(EntryHash::genesis, |entry| entry.hash.clone());
            let body = Body::new(Timestamp::EPOCH, Who::Stranger, Action::SignInRefused, Object::Session)
                .with("number", seq);
            entries.push(Entry::seal(seq, previous, &body).unwrap());
        }
        entries
    }

    fn verify(entries: &[Entry], head: &Entry) -> Result<(u64, EntryHash), Break> {
        let mut verifier = Verifier::default();
        entries.iter().try_for_each(|entry| verifier.follow(entry))?;
        verifier.finish(head.seq, &head.hash)
    }

    #[test]
    fn however_many_names_there_are_none_is_cut() {
        let names: Vec<String> = (0..40).map(|number| format!("{number:0>512}")).collect();
        let body = Body::new(Timestamp::EPOCH, Who::Stranger, Action::AlertRaised, Object::Session);
        let body = body.with_each("opened", names.clone());
        assert!(body.detail.values().all(|value| value.len() <= DETAIL));
        let told = (1..=body.detail.len()).flat_map(|place| {
            let value = &body.detail[&numbered("opened", u32::try_from(place).unwrap())];
            value.split(' ').map(str::to_owned)
        });
        assert_eq!(told.collect::<Vec<_>>(), names);
    }

    #[test]
    fn a_whole_chain_verifies() {
        let entries = chain(5);
        assert_eq!(verify(&entries, &entries[4]), Ok((5, entries[4].hash.clone())));
    }

    #[test]
    fn editing_removing_reordering_and_cutting_are_seen() {
        let entries = chain(5);
        let head = &entries[4];
        let mut edited = entries.clone();
        edited[2].body = edited[2].body.replace('3', "4");
        assert_eq!(verify(&edited, head), Err(Break::Changed { seq: 3 }));
        let mut resealed = edited.clone();
        resealed[2].hash = Entry::hash(3, &resealed[2].previous, &resealed[2].body);
        assert_eq!(verify(&resealed, head), Err(Break::Unlinked { seq: 4 }));
        let mut removed = entries.clone();
        removed.remove(2);
        assert_eq!(verify(&removed, head), Err(Break::Missing { expected: 3, found: 4 }));
        let mut reordered = entries.clone();
        reordered.swap(1, 2);
        assert_eq!(verify(&reordered, head), Err(Break::Missing { expected: 2, found: 3 }));
        assert_eq!(verify(&entries[..4], head), Err(Break::Cut { expected: 5, found: 4 }));
    }
}
