//! The ledger, and its verification.

use serde::{Deserialize, Serialize};

use crate::ledger::Body;
use crate::timestamp::Timestamp;

/// One entry of the ledger, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// Its place, from 1. `None`: the sequencer has not placed it yet.
    pub seq: Option<u64>,
    /// Of its leaf in the log's tree (RFC 6962 §2.1), in hex.
    pub hash: String,
    /// The text of the entry when it is not one that this version reads.
    pub body: Result<Body, String>,
    /// `None`: it is in no checkpoint yet.
    pub published: Option<Published>,
}

/// An entry by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    pub line: LedgerLine,
    /// Byte for byte as it is hashed.
    pub text: String,
}

/// The first checkpoint with an entry, as the sequencer noted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    pub size: u64,
    pub since: Timestamp,
}

/// One page of the ledger, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerPage {
    pub lines: Vec<LedgerLine>,
    /// Older ones: pass it as `before`.
    pub next: Option<u64>,
    pub total: u64,
    /// `None`: none is configured; the entries are in the console's table alone.
    pub log: Option<LogNow>,
}

/// The log's checkpoint as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogNow {
    pub origin: String,
    /// Why it cannot be believed; without a checkpoint, `None`.
    pub checkpoint: Result<Option<LogHead>, String>,
}

/// A checkpoint whose signature was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    pub size: u64,
    /// In base64, as the checkpoint has it.
    pub root: String,
    pub witnesses: Vec<Witnessed>,
}

/// How far a witness has seen the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witnessed {
    pub witness: String,
    /// `None`: it has left nothing here yet. Why what it has left is not to be believed, or that the log does not go on from it.
    pub seen: Result<Option<Cosigned>, String>,
}

/// A witness has cosigned a checkpoint of this size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cosigned {
    pub size: u64,
    pub at: Timestamp,
}

/// The whole log, followed from its first entry to its checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerReport {
    /// `None`: no log is configured, or it has no checkpoint yet.
    pub log: Option<LogHead>,
    /// The first place that does not hold.
    pub broken: Option<String>,
    pub verified_at: Timestamp,
}
