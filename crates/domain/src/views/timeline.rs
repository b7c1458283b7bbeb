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
    /// Who did it; `None`: the line says it, or nobody did.
    pub who: Option<String>,
    /// Where more is to be read; `None`: nowhere.
    pub link: Option<Link>,
}

/// Where a line leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// A revocation request.
    Request(RequestId),
    /// A finding.
    Finding(FindingId),
    /// A run of an authority.
    Run(AuthorityId, RunId),
    /// An entry of the ledger, by its number.
    Ledger(u64),
    /// An event of the trail.
    Event(EventId),
}
