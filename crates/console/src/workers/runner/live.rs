//! A run under way: how far it is, told about once a second.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign_aws::{Aws, Error as AwsError, Lease};
use domain::Run;
use domain::run::Stage;
use tokio::time::{MissedTickBehavior, interval};

use crate::lock::lock;

const TICK: Duration = Duration::from_secs(1);

/// The state of a run that its parts share.
pub(crate) struct Live {
    run: Mutex<Run>,
    /// Under which it works.
    pub lease: Lease,
    /// Counted where the run itself cannot be reached quickly enough.
    pub rows: AtomicU64,
    pub items: AtomicU64,
}

impl Live {
    pub fn new(run: Run, lease: Lease) -> Self {
        let (rows, items) = Default::default();
        Self { run: Mutex::new(run), lease, rows, items }
    }

    pub fn change(&self, change: impl FnOnce(&mut Run)) {
        change(&mut lock(&self.run));
    }

    pub fn enter(&self, stage: Stage) {
        self.change(|run| run.stage = stage);
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

    /// Tells how far the run is, about once a second. Comes back only when the run is somebody else's.
    pub async fn tell(&self, aws: &Aws) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = self.run();
        loop {
            ticks.tick().await;
            let run = self.run();
            if run == told {
                continue;
            }
            match aws.save_run_progress(&run, &self.lease).await {
                Ok(()) => told = run,
                Err(AwsError::Conflict { .. }) => return,
                Err(error) => tracing::warn!(run = %run.id, "progress is not told: {error}"),
            }
        }
    }
}
