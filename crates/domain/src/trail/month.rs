//! Older months of a trail, which are read when somebody asks for them.

use serde::{Deserialize, Serialize};

/// Loading an older month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthLoad {
    /// `2026-08`.
    pub month: String,
    /// Log files read so far, of all that were found (0: still looking).
    pub done: u64,
    pub total: u64,
    pub finished: bool,
    pub failure: Option<String>,
}
