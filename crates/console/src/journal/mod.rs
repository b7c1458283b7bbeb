//! What people are refused, as the ledger tells it.

mod fold;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use countersign_aws::Aws;
use domain::ledger::Body;
use tokio_util::sync::CancellationToken;

use crate::Clock;
use fold::Fold;

/// How often is looked for minutes that are over.
const INTERVAL: Duration = Duration::from_secs(5);

/// Writes the refusals of people who are signed in, folded by person and minute. Cheap to clone.
#[derive(Clone)]
pub struct Refusals {
    aws: Aws,
    clock: Clock,
    fold: Arc<Mutex<Fold>>,
}

impl Refusals {
    pub(crate) fn new(aws: Aws, clock: Clock) -> Self {
        Self { aws, clock, fold: Arc::default() }
    }

    /// Tells of a refusal. One that cannot be written is in the log, and changes nothing about the refusal.
    pub async fn tell(&self, refusal: Body) {
        metrics::counter!("countersign_refusals_total", "by" => "person").increment(1);
        let entries = self.fold().take(refusal);
        self.write(entries).await;
    }

    /// Writes what was counted, minute by minute, until `stop`. [`Refusals::finish`] writes the rest.
    pub async fn keep(&self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_some() {
            let entries = self.fold().over(self.clock.now());
            self.write(entries).await;
        }
    }

    /// Writes what was counted and not told yet: after the last request.
    pub async fn finish(&self) {
        let entries = self.fold().rest(self.clock.now());
        self.write(entries).await;
    }

    fn fold(&self) -> std::sync::MutexGuard<'_, Fold> {
        self.fold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write(&self, entries: Vec<Body>) {
        for entry in entries {
            if let Err(error) = self.aws.commit(Vec::new(), &entry).await {
                tracing::error!(%error, ?entry, "a refusal is not in the ledger: {error}");
            }
        }
    }
}
