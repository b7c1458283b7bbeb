//! What has happened to a finding.

use serde::{Deserialize, Serialize};

use crate::ids::{RequestId, RunId};
use crate::people::Person;
use crate::timestamp::Timestamp;

/// A line of a finding's history, oldest first; the newest [`FindingEvent::KEPT`] are kept at most, the ledger has them all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingEvent {
    pub at: Timestamp,
    /// `None`: a run did it.
    pub by: Option<Person>,
    pub what: FindingChange,
}

impl FindingEvent {
    pub const KEPT: usize = 100;
    /// And of those only as many as have so many bytes as they are stored: reasons may be long.
    pub const BYTES: usize = 64 * 1024;
}

/// What can happen to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum FindingChange {
    Opened {
        run: RunId,
    },
    /// An alert opened it, or opened it again.
    Raised,
    Reopened {
        run: RunId,
    },
    Acknowledged {
        due: Option<Timestamp>,
    },
    /// Somebody else was made its owner.
    Assigned {
        to: Person,
        due: Option<Timestamp>,
    },
    /// The first of two people has said that it is no trouble.
    DismissalAsked {
        reason: String,
    },
    Dismissed {
        reason: String,
    },
    RevocationRequested {
        request: RequestId,
    },
    Resolved {
        request: RequestId,
    },
    Closed {
        run: RunId,
    },
}
