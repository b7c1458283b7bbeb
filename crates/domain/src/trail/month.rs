//! Older months of a trail, which are read when somebody asks for them.

use serde::{Deserialize, Serialize};

/// Loading an older month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthLoad {
    /// `2026-08`.
    pub month: String,
    /// Log files read so far, of all that were found (0: still looking).
    pub done: u64,
    /// How many log files of the month were found.
    pub total: u64,
    /// All of them are read: the month is in.
    pub finished: bool,
    /// Why it ended before; `None`: it did not.
    pub failure: Option<String>,
}
