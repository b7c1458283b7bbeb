//! A process that works in the background, as others see it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

/// A sign of life of such a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// The name under which it takes leases; another one after each start.
    pub holder: String,
    /// Of the program.
    pub version: String,
    pub started_at: Timestamp,
    pub seen_at: Timestamp,
    /// How each of its workers is, by the worker's name.
    pub workers: BTreeMap<String, Passes>,
}

/// What came of a worker's passes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passes {
    /// When the last good one ended; `None`: there was none since the start.
    pub good_at: Option<Timestamp>,
    /// Why the last one failed; `None`: it did not.
    pub problem: Option<String>,
}
