//! How the workers of a process are: what came of their passes, as others and metrics see it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign_aws::Aws;
use domain::Timestamp;
use domain::worker::{Heartbeat, Passes};
use metrics::{counter, gauge};

use crate::lease::Pass;
use crate::lock::lock;
use crate::{Clock, Error};

/// The passes of all workers.
pub(crate) struct Pulse {
    /// `None`: nobody is told but those who read the metrics.
    told: Option<Told>,
    clock: Clock,
    workers: Mutex<BTreeMap<String, Passes>>,
}

struct Told {
    aws: Aws,
    holder: Arc<str>,
    started_at: Timestamp,
}

impl Pulse {
    /// Tells others under the name by which the process takes leases.
    pub fn new(aws: Aws, clock: Clock, holder: Arc<str>) -> Self {
        let told = Some(Told { aws, holder, started_at: clock.now() });
        Self { told, clock, workers: Mutex::default() }
    }

    /// Of a process that only reads.
    pub fn silent() -> Self {
        Self { told: None, clock: Clock::system(), workers: Mutex::default() }
    }

    /// A worker will make a pass every `interval`: whoever looks knows of it before it has made the first.
    pub fn expects(&self, worker: &'static str, interval: Duration) {
        lock(&self.workers).entry(worker.to_owned()).or_default().interval = interval;
    }

    /// A worker has made a pass, or why it failed. One that left something to another process says nothing of how well it is
    /// done.
    pub fn passed(&self, worker: &'static str, outcome: Result<Pass, String>) {
        let name = match outcome {
            Ok(Pass::Done) => "done",
            Ok(Pass::Waiting) => "waiting",
            Err(_) => "failed",
        };
        counter!("countersign_worker_passes_total", "worker" => worker, "outcome" => name).increment(1);
        let now = self.clock.now();
        let mut workers = lock(&self.workers);
        let passes = workers.entry(worker.to_owned()).or_default();
        passes.waiting = outcome == Ok(Pass::Waiting);
        match outcome {
            Ok(Pass::Done) => {
                (passes.good_at, passes.problem) = (Some(now), None);
                gauge!("countersign_worker_last_good_pass_timestamp_seconds", "worker" => worker)
                    .set(now.since(Timestamp::EPOCH));
            }
            Ok(Pass::Waiting) => {}
            Err(problem) => passes.problem = Some(problem),
        }
    }

    /// Gives a sign of life.
    pub async fn beat(&self) -> Result<(), Error> {
        let Some(Told { aws, holder, started_at }) = &self.told else { return Ok(()) };
        let heartbeat = Heartbeat {
            holder: holder.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: *started_at,
            seen_at: self.clock.now(),
            workers: lock(&self.workers).clone(),
        };
        Ok(aws.save_heartbeat(&heartbeat).await?)
    }
}
