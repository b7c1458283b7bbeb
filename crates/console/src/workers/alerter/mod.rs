//! The alerter: opens findings that an event or a digest of the trail calls for at once, before any run.
//!
//! A reader of its own goes through the ingested files in their order. Where it is, what the rules remember, the findings,
//! their ledger entries and the notifications are written in one transaction: whenever the process dies, nothing is lost and
//! nothing is raised twice. No run closes an alert; people dismiss it.

mod holes;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use countersign_aws::Aws;
use domain::alerts::Rules;

use crate::lease::Leases;
use crate::records::Records;
use crate::workers::raise::Raiser;
use crate::{Clock, TrailSettings};
pub(crate) use holes::Holes;

/// How often it is looked whether another process has brought anything new into the table; what this one brings is taken at once.
pub(crate) const INTERVAL: Duration = Duration::from_secs(10);

/// Raises alerts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Alerter {
    pub aws: Aws,
    pub clock: Clock,
    pub records: Records,
    pub leases: Leases,
    pub trail: Arc<TrailSettings>,
    /// What the configuration makes an alert.
    pub rules: Arc<Rules>,
    pub raiser: Raiser,
    pub holes: Arc<Holes>,
}
