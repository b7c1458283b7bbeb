//! What has happened to a finding.

use serde::{Deserialize, Serialize};

use crate::ids::{RequestId, RunId};
use crate::people::Person;
use crate::timestamp::Timestamp;

/// A line of a finding's history, oldest first; the newest [`FindingEvent::KEPT`] are kept at most, the ledger has them all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingEvent {
    /// When it happened, by the clock of the process that recorded it.
    pub at: Timestamp,
    /// `None`: a run did it.
    pub by: Option<Person>,
    /// What was done, with what was said about it.
    pub what: FindingChange,
}

impl FindingEvent {
    /// The most lines of a history that are kept.
    pub const KEPT: usize = 100;
    /// And of those only as many as have so many bytes as they are stored: reasons may be long.
    pub const BYTES: usize = 64 * 1024;
}

/// What can happen to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum FindingChange {
    /// A run saw it for the first time.
    Opened {
        /// The run that saw it.
        run: RunId,
    },
    /// An alert opened it, or opened it again.
    Raised,
    /// A run saw it again after it was closed.
    Reopened {
        /// The run that saw it again.
        run: RunId,
    },
    /// Somebody took it on.
    Acknowledged {
        /// Until when they want to be done with it.
        due: Option<Timestamp>,
    },
    /// Somebody else was made its owner.
    Assigned {
        /// Who has it in hand from then on.
        to: Person,
        /// Until when they are to be done with it.
        due: Option<Timestamp>,
    },
    /// The first of two people has said that it is no trouble.
    DismissalAsked {
        /// Why, as they wrote it.
        reason: String,
    },
    /// It is no trouble; where two people must say so, the second has.
    Dismissed {
        /// Why, as they wrote it.
        reason: String,
    },
    /// A request to revoke its certificate was made.
    RevocationRequested {
        /// The request that was made.
        request: RequestId,
    },
    /// Its certificate was revoked.
    Resolved {
        /// The request that revoked it.
        request: RequestId,
    },
    /// A run no longer saw it.
    Closed {
        /// The first run that no longer saw it.
        run: RunId,
    },
}
