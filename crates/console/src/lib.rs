//! The verbs of Countersign: reconcile, request, decide, execute, prove. The actor is the first argument, and each verb
//! checks the permission itself. What it does to the records and what it writes in the ledger is one transaction.
//! Knows no HTTP, no HTML and no AWS SDK.

mod abort;
mod actor;
mod alerts;
mod certificates;
pub mod clock;
pub mod error;
mod findings;
#[cfg(test)]
mod fixture;
mod judge;
mod leases;
mod ledger;
mod overview;
mod read_model;
pub mod reconciliation;
mod refresh;
mod revocations;
mod runs;
pub mod settings;
mod trail;
mod work;

use std::sync::Arc;

use countersign_aws::Aws;
use domain::trail::Issuers;
use domain::views::{Authority, Settings};
use domain::{AuthorityArn, AuthorityId};
use tokio::sync::Notify;

pub use clock::Clock;
pub use error::Error;
use read_model::ReadModel;
pub use settings::{AlertSettings, AuthoritySettings, Parts, ReconcileSettings, RevocationSettings};
use trail::TrailMemory;
pub use trail::TrailSettings;

/// The console: cheap to clone, any number of replicas may run beside each other.
#[derive(Clone)]
pub struct Console {
    pub(crate) aws: Aws,
    /// The worker's way to AWS.
    worker: Aws,
    pub(crate) clock: Clock,
    pub(crate) read_model: ReadModel,
    /// How far the read model has come with the events of the trail.
    pub(crate) events: Arc<trail::Events>,
    /// What this process remembers of the trail's bucket.
    pub(crate) trail: Arc<TrailMemory>,
    /// What this process has seen of holes in the trail.
    pub(crate) holes: Arc<alerts::Holes>,
    /// The name under which this process takes leases.
    pub(crate) holder: Arc<str>,
    /// Wakes the executor of this process when something was approved here.
    pub(crate) orders: Arc<Notify>,
    pub(crate) configuration: Arc<Configuration>,
}

/// What was configured, read-only.
pub(crate) struct Configuration {
    pub authorities: Vec<AuthoritySettings>,
    pub settings: Settings,
    pub reconcile: ReconcileSettings,
    pub revocation: RevocationSettings,
    pub trail: Option<TrailSettings>,
    pub issuers: Issuers,
    pub alerts: AlertSettings,
}

impl Console {
    pub fn new(parts: Parts) -> Self {
        let Parts {
            aws,
            worker,
            authorities,
            settings,
            reconcile,
            revocation,
            trail,
            issuers,
            alerts,
            clock,
        } = parts;
        Self {
            aws,
            worker,
            clock,
            read_model: ReadModel::new(reconcile.read_model.clone()),
            events: Arc::default(),
            trail: Arc::default(),
            holes: Arc::default(),
            holder: uuid::Uuid::new_v4().to_string().into(),
            orders: Arc::default(),
            configuration: Arc::new(Configuration {
                authorities,
                settings,
                reconcile,
                revocation,
                trail,
                issuers,
                alerts,
            }),
        }
    }

    /// The same as the worker.
    pub(crate) fn at_work(&self) -> Self {
        Self { aws: self.worker.clone(), ..self.clone() }
    }

    /// The authorities from configuration, in its order.
    pub fn authorities(&self) -> Vec<Authority> {
        self.configuration.authorities.iter().map(|one| one.authority.clone()).collect()
    }

    /// What a person may know of the configuration in force.
    pub fn settings(&self) -> &Settings {
        &self.configuration.settings
    }

    /// The configured authority with this id.
    pub(crate) fn authority(&self, id: &AuthorityId) -> Result<&AuthoritySettings, Error> {
        let mut all = self.configuration.authorities.iter();
        all.find(|one| one.authority.arn.id() == *id).ok_or(Error::NotFound("authority"))
    }

    /// The authority by its ARN; an authority that is no longer configured goes by its id.
    pub(crate) fn named(&self, arn: &AuthorityArn) -> Authority {
        let mut all = self.configuration.authorities.iter().map(|one| &one.authority);
        let unknown = || Authority { arn: arn.clone(), name: arn.id().to_string() };
        all.find(|authority| authority.arn == *arn).cloned().unwrap_or_else(unknown)
    }
}
