//! A run under way: how far it is, told about once a second, and the lease under which it works.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign_aws::{Error as AwsError, Lease};
use domain::Run;
use domain::run::Stage;
use tokio::time::{MissedTickBehavior, interval};

use super::LEASE;
use crate::Console;
use crate::read_model::lock;

const TICK: Duration = Duration::from_secs(1);
/// When so little is left of the lease, it is renewed.
const RENEW: Duration = Duration::from_secs(13);

/// The state of a run that its parts share.
pub(super) struct Live {
    run: Mutex<Run>,
    lease: Mutex<Lease>,
    /// Counted where the run itself cannot be reached quickly enough.
    pub rows: AtomicU64,
    pub items: AtomicU64,
}

impl Live {
    pub fn new(run: Run, lease: Lease) -> Self {
        let (rows, items) = Default::default();
        Self { run: Mutex::new(run), lease: Mutex::new(lease), rows, items }
    }

    pub fn change(&self, change: impl FnOnce(&mut Run)) {
        change(&mut lock(&self.run));
    }

    pub fn enter(&self, stage: Stage) {
        self.change(|run| run.stage = stage);
    }

    pub fn lease(&self) -> Lease {
        lock(&self.lease).clone()
    }

    /// The run as it is now.
    pub fn run(&self) -> Run {
        let mut run = lock(&self.run).clone();
        let count = |counter: &AtomicU64, counted: &mut u64| {
            *counted = (*counted).max(counter.load(Ordering::Relaxed));
        };
        count(&self.rows, &mut run.inputs.report_rows);
        count(&self.items, &mut run.inputs.inventory_items);
        run
    }

    /// Tells how far the run is and holds on to the lease. Comes back only when the lease is lost: then the run is
    /// somebody else's.
    pub async fn keep(&self, console: &Console) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = self.run();
        loop {
            ticks.tick().await;
            if !self.renew(console).await {
                return;
            }
            let run = self.run();
            if run == told {
                continue;
            }
            match console.aws.save_run_progress(&run, &self.lease()).await {
                Ok(()) => told = run,
                Err(AwsError::Conflict { .. }) => return,
                Err(error) => tracing::warn!(run = %run.id, "progress is not told: {error}"),
            }
        }
    }

    async fn renew(&self, console: &Console) -> bool {
        let (lease, now) = (self.lease(), console.clock.now());
        if lease.until.since(now) > RENEW {
            return true;
        }
        match console.aws.renew_lease_until(&lease, LEASE, now).await {
            Ok(renewed) => {
                *lock(&self.lease) = renewed;
                true
            }
            Err(AwsError::Conflict { .. }) => false,
            Err(error) => {
                tracing::warn!(lease = lease.name, "the lease {} is not renewed: {error}", lease.name);
                lease.until > now
            }
        }
    }
}
