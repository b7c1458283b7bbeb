//! What this process has seen of the states of trails.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::lock::lock;
use domain::trail::TrailPart;

/// What this process has seen of the states of trails, so that it does not go through them again and again. Forgetting it
/// does no harm.
#[derive(Default)]
pub(crate) struct Holes {
    seen: Mutex<HashMap<TrailPart, u64>>,
}

impl Holes {
    pub fn is_seen(&self, part: &TrailPart, revision: u64) -> bool {
        revision == 0 || lock(&self.seen).get(part) == Some(&revision)
    }

    pub fn seen(&self, part: TrailPart, revision: u64) {
        lock(&self.seen).insert(part, revision);
    }
}
