//! Counts of lines that were made before: the pages of one list ask for the same one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use domain::Timestamp;
use domain::views::{Token, Total};

use crate::lock::lock;

/// How many are kept.
const KEPT: usize = 200;
/// For how many seconds: what a filter asks of time, trail and findings changes.
const SECONDS: i64 = 10;

/// How many lines a filter names.
#[derive(Clone, Debug)]
pub(super) struct Count {
    pub total: Total,
    /// Where they are few: which, as a list of JSON.
    pub rows: Option<Arc<str>>,
}

/// Counts by the filter that they are of.
#[derive(Debug, Default)]
pub(super) struct Counted {
    counts: Mutex<HashMap<Vec<Token>, Slot>>,
}

/// A count, and when it was made; held while it is made.
type Slot = Arc<Mutex<Option<(i64, Count)>>>;

impl Counted {
    /// The lines have changed.
    pub fn forget(&self) {
        lock(&self.counts).clear();
    }

    /// The count of this filter that was made lately, or else what `count` gives. Whoever asks while it is made waits for it.
    pub fn of<E>(
        &self,
        filter: &[Token],
        now: Timestamp,
        count: impl FnOnce() -> Result<Count, E>,
    ) -> Result<Count, E> {
        let slot = self.slot(filter);
        let mut known = lock(&slot);
        if let Some((at, count)) = &*known
            && (*at..at + SECONDS).contains(&now.unix())
        {
            return Ok(count.clone());
        }
        let count = count()?;
        *known = Some((now.unix(), count.clone()));
        Ok(count)
    }

    fn slot(&self, filter: &[Token]) -> Slot {
        let mut counts = lock(&self.counts);
        if let Some(slot) = counts.get(filter) {
            return slot.clone();
        }
        if counts.len() >= KEPT {
            counts.clear();
        }
        counts.entry(filter.to_vec()).or_default().clone()
    }
}
