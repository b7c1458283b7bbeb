//! The watcher: raises an alert when a worker has not had a good pass for too long, in any process, or the ledger is not
//! published. People dismiss it once they
//! have looked at what was missed: that the worker works again does not say that nothing was.

use std::time::Duration;

use countersign_aws::{Aws, Lease};
use domain::alerts::Alert;
use domain::worker::Silence;
use domain::{Finding, Timestamp};
use futures::FutureExt;

use super::raise::Raiser;
use super::sequencer;
use crate::lease::{Leases, Pass};
use crate::{Clock, Error};

/// How often signs of life are looked at.
pub(crate) const INTERVAL: Duration = Duration::from_secs(30);
/// How many processes are looked at, the last seen first.
const PROCESSES: u32 = 200;

/// Watches the workers. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Watcher {
    pub aws: Aws,
    pub clock: Clock,
    pub leases: Leases,
    pub raiser: Raiser,
    /// Whether the ledger is made into a log.
    pub publishes: bool,
}

impl Watcher {
    /// Raises an alert for each worker that has fallen silent.
    pub async fn pass(&self) -> Result<Pass, Error> {
        self.leases.under("watcher", |lease| self.watch(lease).boxed()).await
    }

    async fn watch(&self, lease: Lease) -> Result<(), Error> {
        let heartbeats = self.aws.heartbeats(PROCESSES).await?;
        let silent = Silence::of(&heartbeats, self.clock.now());
        let mut alerts: Vec<Alert> = silent.iter().map(Silence::alert).collect();
        let now = self.clock.now();
        match sequencer::behind(&self.aws, self.publishes, now).await {
            Ok(behind) => alerts.extend(behind),
            // One entry that cannot be read must not keep the others from being told.
            Err(error) => alerts.push(sequencer::unread(&error, now)),
        }
        let ids: Vec<_> = alerts.iter().map(Alert::id).collect();
        let told = self.aws.findings(&ids).await?;
        // The reason may be in other words each time: what began at the same moment is told once.
        alerts.retain(|alert| !told.iter().any(|finding| is_about(finding, alert)));
        if alerts.is_empty() {
            return Ok(());
        }
        let trouble = alerts.into_iter().map(Into::into).collect();
        let holds = [self.aws.holds_lease(&lease)];
        self.raiser.raise(trouble, Timestamp::EPOCH, &holds, Vec::new()).await
    }
}

fn is_about(finding: &Finding, alert: &Alert) -> bool {
    finding.id == alert.id()
        && finding.evidence.alert.as_ref().is_some_and(|facts| facts.at == alert.facts.at)
}
