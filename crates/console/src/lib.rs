//! The verbs of Countersign: reconcile, request, decide, execute, prove. The actor is the first argument, and each verb
//! checks the permission itself. What it does to the records and what it writes in the ledger is one transaction.
//! Knows no HTTP, no HTML and no AWS SDK.
//!
//! Three storeys: [`records`] are what this process knows, [`workers`] are what Countersign does by itself, [`verbs`] and
//! [`pages`] are what people do and see.

mod abort;
mod at_the_ca;
pub mod clock;
mod comparison;
mod configured;
mod crls;
mod days;
pub mod error;
#[cfg(test)]
mod fixture;
mod journal;
mod keep;
mod lease;
mod lock;
pub mod log;
mod loops;
mod new_id;
mod notify;
mod pages;
mod proofs;
mod pulse;
pub mod reconciliation;
mod records;
mod retry;
pub mod settings;
mod trail_settings;
mod verbs;
mod work;
mod workers;

use std::sync::Arc;
use std::time::Duration;

use countersign_aws::Aws;
use domain::trail::Issuers;
use domain::views::{Authority, Controls, Settings};
use domain::{AuthorityArn, AuthorityId};
use tokio_util::sync::CancellationToken;

pub use clock::Clock;
pub use configured::tell_configuration;
pub use error::Error;
pub use journal::Journal;
pub use lettre::message::Mailbox;
use log::Log;
pub use notify::{Channel, Encryption, Mail, NotifySettings, Way};
pub use pages::Piece;
pub use pages::comparison::ComparisonLines;
use records::Records;
pub use records::{EventPlace, FindingPlace, Freshness};
pub use settings::{
    AlertSettings, AuthoritySettings, LedgerSettings, Parts, ReconcileSettings, RevocationSettings, Signer,
};
pub use trail_settings::TrailSettings;
pub use verbs::ExportUnderWay;
pub use work::Work;
pub use workers::packer::{PackMaker, Packed};
pub use workers::prover::Responder;

/// What people do and see: cheap to clone, any number of processes may run beside each other.
#[derive(Clone)]
pub struct Console {
    aws: Aws,
    clock: Clock,
    records: Records,
    journal: Journal,
    configuration: Arc<Configuration>,
}

/// What was configured, read-only.
struct Configuration {
    authorities: Vec<AuthoritySettings>,
    settings: Settings,
    revocation: RevocationSettings,
    rescan: Duration,
    trail: Option<TrailSettings>,
    issuers: Issuers,
    channels: Vec<Channel>,
    ledger: Option<Log>,
    controls: Arc<Controls>,
}

impl Console {
    pub fn new(parts: &Parts) -> Self {
        Self::with(parts, Records::new(parts))
    }

    /// The same over records that somebody else keeps fresh.
    fn with(parts: &Parts, records: Records) -> Self {
        Self {
            aws: parts.aws.clone(),
            clock: parts.clock.clone(),
            records,
            journal: Journal::new(parts.aws.clone(), parts.clock.clone()),
            configuration: Arc::new(Configuration {
                authorities: parts.authorities.clone(),
                settings: parts.settings.clone(),
                revocation: parts.revocation.clone(),
                rescan: parts.reconcile.rescan,
                trail: parts.trail.clone(),
                issuers: parts.issuers.clone(),
                channels: parts.notify.channels.clone(),
                ledger: parts.ledger.as_ref().map(|ledger| ledger.log(&parts.aws)),
                controls: parts.controls.clone(),
            }),
        }
    }

    /// Keeps the records of this process fresh until `shutdown`.
    pub async fn keep_records(&self, shutdown: CancellationToken) {
        let Configuration { trail, rescan, revocation, .. } = &*self.configuration;
        keep::keep(&self.records, trail.as_ref(), *rescan, revocation.crl_interval, shutdown).await;
    }

    /// What writes into the ledger.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The authorities from configuration, in its order.
    pub fn authorities(&self) -> Vec<Authority> {
        self.configuration.authorities.iter().map(|one| one.authority.clone()).collect()
    }

    /// What a person may know of the configuration in force.
    pub fn settings(&self) -> &Settings {
        &self.configuration.settings
    }

    /// Whether the records have been read.
    pub fn readiness(&self) -> Freshness {
        Freshness(self.records.clone())
    }

    /// The configured authority with this id.
    fn authority(&self, id: &AuthorityId) -> Result<&AuthoritySettings, Error> {
        let mut all = self.configuration.authorities.iter();
        all.find(|one| one.authority.arn.id() == *id).ok_or(Error::NotFound("authority"))
    }

    /// The authority by its ARN; an authority that is no longer configured goes by its id.
    fn named(&self, arn: &AuthorityArn) -> Authority {
        let mut all = self.configuration.authorities.iter().map(|one| &one.authority);
        let unknown = || Authority { arn: arn.clone(), name: arn.id().to_string() };
        all.find(|authority| authority.arn == *arn).cloned().unwrap_or_else(unknown)
    }
}
