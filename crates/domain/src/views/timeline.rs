//! What has happened, moment by moment.

use serde::{Deserialize, Serialize};

use crate::authority::AuthorityId;
use crate::finding::FindingId;
use crate::ids::{RequestId, RunId};
use crate::timestamp::Timestamp;
use crate::trail::EventId;

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// `None`: still to come.
    pub at: Option<Timestamp>,
    /// "Requested by operator", "On the CRL", "Waiting for the CRL, usually 30 minutes".
    pub what: String,
    pub who: Option<String>,
    pub link: Option<Link>,
}

/// Where a line leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    Request(RequestId),
    Finding(FindingId),
    Run(AuthorityId, RunId),
    Ledger(u64),
    Event(EventId),
}
