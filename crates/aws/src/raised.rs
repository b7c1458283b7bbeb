//! How often a process raises the counter of news (`crate::wake`).

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A process raises it this often at most: whoever heard of it a moment ago looks anyway.
const AGAIN: Duration = Duration::from_millis(250);

/// When this process last raised the counter.
#[derive(Debug, Default)]
pub(crate) struct Raised(Mutex<Option<Instant>>);

impl Raised {
    /// Whether it is to be raised again. If so, it counts as raised.
    pub(crate) fn is_due(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let is_due = last.is_none_or(|at| at.elapsed() >= AGAIN);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }
}
