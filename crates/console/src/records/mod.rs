//! What this process knows: the records of reports, inventory, trail and findings, how fresh they are, and how to make
//! them fresher. Each process builds its own from a scan of the inventory, the newest reports, the events and the findings
//! of the table, and takes over no more than inventory and reports from the process before it.
//!
//! Knows no person and no verb. What is read lies in SQLite; all work on it is done on threads that may block.

mod alarms;
mod by_day;
mod catch_up;
mod compliance;
mod condition;
mod counted;
mod crls;
mod database;
mod days;
pub(crate) mod events;
pub(crate) mod filter;
mod finding_list;
mod findings;
mod follow;
mod followed;
mod hashed;
mod in_order;
pub(crate) mod judge;
mod kept;
mod lines;
mod list;
mod listed;
mod load;
mod load_report;
mod look_up;
mod measure;
mod merge;
mod model;
pub(crate) mod months;
mod narrowed;
mod paging;
mod reached;
mod read_report;
mod refresh;
mod requests;
mod revoked;
pub(crate) mod rows;
mod same_key;
mod scan;
mod scanning;
mod sighting;
mod snapshot;
mod told;
mod words;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use countersign_aws::Aws;
use domain::trail::Issuers;
use domain::views::Authority;
use domain::{AuthorityId, Timestamp};

use crate::settings::Parts;
use crate::{Clock, TrailSettings};

pub(crate) use database::Database;
pub use database::DatabaseError;
pub use events::EventPlace;
pub(crate) use finding_list::AskedFindings;
pub use finding_list::FindingPlace;
pub(crate) use in_order::{Out, in_order};
pub(crate) use lines::revoked_at;
pub(crate) use listed::Listed;
pub(crate) use load::{InventoryTable, ReportTable, replaces};
pub(crate) use look_up::{Found, Knowledge};
pub(crate) use merge::{MergeError, Sources, merge};
pub(crate) use model::ReadModel;
use reached::Events;
pub(crate) use read_report::{Account, ReadReport, ReadReportError};
pub(crate) use revoked::is_denied;

/// Why a reading of the records does not come to its end, in words for people.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unread(pub String);

impl From<countersign_aws::Error> for Unread {
    fn from(error: countersign_aws::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<crate::Error> for Unread {
    fn from(error: crate::Error) -> Self {
        Self(error.trace())
    }
}

/// The records of this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Records {
    pub aws: Aws,
    clock: Clock,
    authorities: Arc<[Authority]>,
    /// `None`: no trail is configured.
    trail: Option<Arc<TrailSettings>>,
    /// Who may have certificates issued.
    issuers: Arc<Issuers>,
    /// The certificates, on all sides.
    pub model: ReadModel,
    /// How far the model has come with the events of the trail.
    events: Arc<Events>,
    /// How far the findings are in.
    findings: Arc<findings::Kept>,
    /// How far the ledger is in.
    told: Arc<told::Told>,
    sighting: Arc<sighting::Sighting>,
    months: Arc<Mutex<BTreeSet<String>>>,
    /// How far what requests revoke is in.
    executed: Arc<tokio::sync::Mutex<revoked::Executed>>,
    /// What came of CRLs.
    crls: Arc<tokio::sync::Mutex<crls::Before>>,
    /// Held while it is looked for runs that finished elsewhere.
    catching_up: Arc<tokio::sync::Mutex<()>>,
    /// The stream of the inventory, where there is one.
    following: Arc<tokio::sync::Mutex<follow::Stream>>,
    /// The scan of the inventory that is under way.
    scanning: Arc<scanning::Scanning>,
}

impl Records {
    pub fn new(parts: &Parts) -> Self {
        Self {
            aws: parts.aws.clone(),
            clock: parts.clock.clone(),
            authorities: parts.authorities.iter().map(|one| one.authority.clone()).collect(),
            trail: parts.trail.clone().map(Arc::new),
            issuers: Arc::new(parts.issuers.clone()),
            model: ReadModel::new(parts.reconcile.read_model.clone()),
            events: Arc::default(),
            findings: Arc::default(),
            told: Arc::default(),
            sighting: Arc::default(),
            months: Arc::default(),
            executed: Arc::default(),
            crls: Arc::default(),
            catching_up: Arc::default(),
            following: Arc::default(),
            scanning: Arc::default(),
        }
    }
}

/// Whether the records have been read since the start, for those who ask how the process is.
#[derive(Clone)]
pub struct Freshness(pub(crate) Records);

impl Freshness {
    /// Lists show something.
    pub fn is_read(&self) -> bool {
        self.0.model.as_of().is_some() && self.0.has_findings()
    }

    /// When the report of the authority was made that lists show.
    pub fn report_as_of(&self, authority: &AuthorityId) -> Option<Timestamp> {
        self.0.model.report_as_of(authority)
    }
}
