//! Whether a worker is alive, as pages say it.

use std::sync::Mutex;

use domain::Timestamp;
use domain::views::WorkerState;
use domain::worker::GONE;

use super::Records;
use crate::Error;
use crate::lock::lock;

/// The newest sign of life of any worker.
#[derive(Default)]
pub(super) struct Sighting {
    /// `None`: it was not looked for yet.
    newest: Mutex<Option<Option<Timestamp>>>,
}

impl Records {
    /// Looks for the newest sign of life.
    pub async fn sight_workers(&self) -> Result<(), Error> {
        let newest = self.aws.heartbeats(1).await?.pop().map(|heartbeat| heartbeat.seen_at);
        *lock(&self.sighting.newest) = Some(newest);
        Ok(())
    }

    /// What was seen the last time it was looked; before that nobody is missed.
    pub fn worker_state(&self) -> WorkerState {
        match *lock(&self.sighting.newest) {
            None => WorkerState::Alive,
            Some(None) => WorkerState::NeverSeen,
            Some(Some(seen)) if self.clock.now().since(seen) < GONE => WorkerState::Alive,
            Some(Some(seen)) => WorkerState::SilentSince(seen),
        }
    }
}
