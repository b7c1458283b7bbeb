//! What a process remembers of the trail so as not to ask again. Losing it costs calls and nothing else.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use domain::Timestamp;
use domain::trail::TrailPart;
use feeds::trail::PublicKeys;

use crate::lock::lock;

#[derive(Default)]
pub(crate) struct TrailMemory {
    /// Log files that are in the table, of those that the last pass listed.
    known: Mutex<HashMap<TrailPart, HashSet<String>>>,
    /// When it was first seen that no digest has come for too long, and since which one.
    pub(crate) silent: Mutex<HashMap<TrailPart, (Timestamp, Timestamp)>>,
    /// By Region.
    pub(crate) keys: tokio::sync::Mutex<HashMap<String, KnownKeys>>,
}

/// Public keys of a Region.
#[derive(Default)]
pub(crate) struct KnownKeys {
    pub keys: PublicKeys,
    /// For which fingerprints, on which days, CloudTrail has been asked.
    pub asked: HashSet<(String, String)>,
}

impl TrailMemory {
    pub(crate) fn knows(&self, part: &TrailPart, key: &str) -> bool {
        lock(&self.known).get(part).is_some_and(|known| known.contains(key))
    }

    pub(crate) fn replace_known(&self, part: &TrailPart, known: HashSet<String>) {
        lock(&self.known).insert(part.clone(), known);
    }
}
