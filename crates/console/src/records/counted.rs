//! Counts of lines that were made before: the pages of one list ask for the same one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use domain::Timestamp;
use domain::views::{Token, Total};

use crate::lock::lock;

/// How many are kept.
const KEPT: usize = 200;
/// For how many seconds: what a filter asks of time, trail and findings changes.
const SECONDS: i64 = 10;
/// And for how many it is told while somebody makes it anew.
const WHILE_MADE: i64 = 30;

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
    counts: Mutex<HashMap<Vec<Token>, Arc<Slot>>>,
}

#[derive(Debug, Default)]
struct Slot {
    /// With when it was made.
    count: Mutex<Option<(i64, Count)>>,
    /// Held while it is made.
    making: Mutex<()>,
    /// Somebody was told an old one.
    is_wanted: AtomicBool,
}

impl Slot {
    fn since(&self, now: Timestamp, seconds: i64) -> Option<(i64, Count)> {
        let count = lock(&self.count).clone();
        count.filter(|(at, _)| (*at..at + seconds).contains(&now.unix()))
    }
}

impl Counted {
    /// The lines have changed.
    pub fn forget(&self) {
        lock(&self.counts).clear();
    }

    /// The count of this filter, if one was made lately. It may be older than others: then it is [wanted](Self::take_wanted).
    pub fn known(&self, filter: &[Token], now: Timestamp) -> Option<Count> {
        let slot = self.slot(filter);
        let (at, count) = slot.since(now, WHILE_MADE)?;
        if now.unix() - at >= SECONDS {
            slot.is_wanted.store(true, Ordering::Relaxed);
        }
        Some(count)
    }

    /// Whether the count of this filter is to be made anew; only one is told so.
    pub fn take_wanted(&self, filter: &[Token]) -> bool {
        let slot = lock(&self.counts).get(filter).cloned();
        // Whoever makes it holds this; it is not wanted twice.
        slot.is_some_and(|slot| {
            slot.making.try_lock().is_ok() && slot.is_wanted.swap(false, Ordering::Relaxed)
        })
    }

    /// The count of this filter that was made lately, or else what `count` gives. Whoever asks while it is made waits for it.
    pub fn of<E>(
        &self,
        filter: &[Token],
        now: Timestamp,
        count: impl FnOnce() -> Result<Count, E>,
    ) -> Result<Count, E> {
        let slot = self.slot(filter);
        let _made_by_one = lock(&slot.making);
        if let Some((_, count)) = slot.since(now, SECONDS) {
            return Ok(count);
        }
        let count = count()?;
        *lock(&slot.count) = Some((now.unix(), count.clone()));
        Ok(count)
    }

    fn slot(&self, filter: &[Token]) -> Arc<Slot> {
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(1_700_000_000 + seconds).unwrap()
    }

    #[test]
    fn an_old_count_is_told_while_one_makes_it_anew_and_a_very_old_one_never() {
        let (counted, filter) = (Counted::default(), []);
        let make = |number, now| {
            let count = Count { total: Total { number, more: false }, rows: None };
            counted.of(&filter, now, || Ok::<_, Infallible>(count)).unwrap().total.number
        };
        let known = |now| counted.known(&filter, now).map(|count| count.total.number);
        assert_eq!(known(at(0)), None);
        assert_eq!(make(1, at(0)), 1);
        assert_eq!((make(2, at(9)), known(at(9))), (1, Some(1)));
        assert!(!counted.take_wanted(&filter), "it is new");
        assert_eq!(known(at(10)), Some(1));
        assert!(counted.take_wanted(&filter) && !counted.take_wanted(&filter), "by one");
        assert_eq!((make(3, at(11)), known(at(11))), (3, Some(3)));
        assert_eq!(known(at(41)), None, "nobody has asked for long");
        counted.forget();
        assert_eq!(known(at(11)), None);
    }
}
