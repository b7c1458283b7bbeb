//! The ledger, and its verification.

use serde::{Deserialize, Serialize};

use crate::ledger::{Body, Break, EntryHash};
use crate::timestamp::Timestamp;

/// One entry of the ledger, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    pub seq: u64,
    pub hash: EntryHash,
    /// The text of the entry when it is not one that this version reads.
    pub body: Result<Body, String>,
}

/// One page of the ledger, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerPage {
    pub lines: Vec<LedgerLine>,
    /// Older ones: pass it as `before`.
    pub next: Option<u64>,
    pub total: u64,
}

/// The whole chain, followed from its first entry to its head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerReport {
    pub entries: u64,
    pub head: EntryHash,
    pub broken: Option<Break>,
    pub verified_at: Timestamp,
}
