//! Counts of lines that were made before: the pages of one list ask for the same one.

use std::collections::HashMap;
use std::sync::Mutex;

use domain::Timestamp;
use domain::views::{Token, Total};

use crate::lock::lock;

/// How many are kept.
const KEPT: usize = 200;
/// For how many seconds: what a filter asks of time, trail and findings changes.
const SECONDS: i64 = 30;

/// Counts by the filter that they are of.
#[derive(Debug, Default)]
pub(super) struct Counted {
    counts: Mutex<HashMap<Vec<Token>, (i64, Total)>>,
}

impl Counted {
    /// The count of this filter that was made lately, or else what `count` gives.
    pub fn of<E>(
        &self,
        filter: &[Token],
        now: Timestamp,
        count: impl FnOnce() -> Result<Total, E>,
    ) -> Result<Total, E> {
        let known = lock(&self.counts).get(filter).copied();
        if let Some((at, total)) = known
            && (at..at + SECONDS).contains(&now.unix())
        {
            return Ok(total);
        }
        let total = count()?;
        let mut counts = lock(&self.counts);
        if counts.len() >= KEPT {
            counts.clear();
        }
        counts.insert(filter.to_vec(), (now.unix(), total));
        Ok(total)
    }
}
