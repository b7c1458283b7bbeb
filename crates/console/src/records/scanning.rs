//! A scan of the inventory that is under way, or the last one: whoever wants the inventory at the same time shares it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::run::Unreadable;
use domain::{AuthorityArn, Timestamp};
use tokio::sync::{Mutex, watch};

use super::load::InventoryTable;

/// How often the number of items is told while a scan is under way.
const TOLD: Duration = Duration::from_millis(500);

/// One scan of the whole inventory, over all authorities.
pub(crate) struct Scan {
    pub table: Arc<InventoryTable>,
    /// Items that could be read, by authority.
    pub items: BTreeMap<AuthorityArn, u64>,
    pub unreadable: Unreadable,
    /// Attributes that could not be read, of items that could.
    pub unread: Unreadable,
    pub started_at: Timestamp,
    pub finished_at: Timestamp,
}

/// What came of a scan; the error is for people.
pub(super) type Outcome = Result<Arc<Scan>, String>;

/// The newest scan; one at a time.
#[derive(Default)]
pub(super) struct Scanning {
    newest: Mutex<Option<Flight>>,
}

/// A scan that others may wait for.
#[derive(Clone)]
pub(super) struct Flight {
    started_at: Timestamp,
    /// Items read so far.
    pub items: Arc<AtomicU64>,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl Flight {
    /// A new one, and where its outcome is to be told.
    pub fn new(started_at: Timestamp) -> (Self, watch::Sender<Option<Outcome>>) {
        let (told, outcome) = watch::channel(None);
        (Self { started_at, items: Arc::default(), outcome }, told)
    }

    /// Waits for its end, and tells `progress` the number of items read until then.
    async fn outcome(mut self, progress: &(impl Fn(u64) + Sync)) -> Outcome {
        let mut ticks = tokio::time::interval(TOLD);
        loop {
            tokio::select! {
                ended = self.outcome.wait_for(Option::is_some) => {
                    progress(self.items.load(Ordering::Relaxed));
                    let ended = ended.ok().and_then(|outcome| outcome.clone());
                    return ended.unwrap_or_else(|| Err("The scan of the inventory was broken off.".to_owned()));
                }
                _ = ticks.tick() => progress(self.items.load(Ordering::Relaxed)),
            }
        }
    }
}

impl Scanning {
    /// A scan that began after `since`: the newest one, or one that `start` starts when no other is under way.
    pub async fn after(
        &self,
        since: Timestamp,
        start: impl Fn() -> Flight,
        progress: impl Fn(u64) + Sync,
    ) -> Outcome {
        loop {
            let mut newest = self.newest.lock().await;
            let ended = newest.as_ref().and_then(|flight| flight.outcome.borrow().clone());
            let is_alive = newest.as_ref().is_some_and(|flight| flight.outcome.has_changed().is_ok());
            let is_new = newest.as_ref().is_some_and(|flight| flight.started_at > since);
            match (&*newest, ended) {
                (Some(_), Some(Ok(scan))) if is_new => return Ok(scan),
                (Some(flight), None) if is_alive => {
                    let flight = flight.clone();
                    drop(newest);
                    let outcome = flight.outcome(&progress).await;
                    if is_new {
                        return outcome;
                    }
                }
                _ => {
                    let flight = newest.insert(start()).clone();
                    drop(newest);
                    return flight.outcome(&progress).await;
                }
            }
        }
    }
}
