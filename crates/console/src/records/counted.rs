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
    counts: Mutex<HashMap<Vec<Token>, (i64, Count)>>,
}

impl Counted {
    /// The lines have changed.
    pub fn forget(&self) {
        lock(&self.counts).clear();
    }

    /// The count of this filter that was made lately, or else what `count` gives.
    pub fn of<E>(
        &self,
        filter: &[Token],
        now: Timestamp,
        count: impl FnOnce() -> Result<Count, E>,
    ) -> Result<Count, E> {
        let known = lock(&self.counts).get(filter).cloned();
        if let Some((at, count)) = known
            && (at..at + SECONDS).contains(&now.unix())
        {
            return Ok(count);
        }
        let count = count()?;
        let mut counts = lock(&self.counts);
        if counts.len() >= KEPT {
            counts.clear();
        }
        counts.insert(filter.to_vec(), (now.unix(), count.clone()));
        Ok(count)
    }
}
