//! The states of a finding.

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::ids::{RequestId, RunId};
use crate::people::Person;
use crate::timestamp::Timestamp;

/// Where the handling of a finding is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FindingState {
    /// Nobody has taken it on.
    Open,
    /// Somebody has taken it on.
    Acknowledged {
        /// Whoever has it in hand.
        owner: Person,
        /// Until when; `None`: no day was set.
        due: Option<Timestamp>,
    },
    /// Its certificate was revoked by a request here; the next run confirms it.
    Resolved {
        /// The request that revoked it.
        request: RequestId,
    },
    /// Not trouble, for a stated reason; a later run does not reopen it while it lasts.
    Dismissed {
        /// Whoever dismissed it; where two must, the second of them.
        by: Person,
        /// Why, as they wrote it.
        reason: String,
    },
    /// A later run no longer saw it.
    Closed {
        /// The first run that no longer saw it.
        run: RunId,
    },
}

/// The state without its details: what lists filter by.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FindingStateName {
    /// See [`FindingState::Open`].
    Open,
    /// See [`FindingState::Acknowledged`].
    Acknowledged,
    /// See [`FindingState::Resolved`].
    Resolved,
    /// See [`FindingState::Dismissed`].
    Dismissed,
    /// See [`FindingState::Closed`].
    Closed,
}

impl FindingStateName {
    /// Every state, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in URLs, keys and JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl FindingState {
    /// The state without its details.
    pub fn name(&self) -> FindingStateName {
        match self {
            Self::Open => FindingStateName::Open,
            Self::Acknowledged { .. } => FindingStateName::Acknowledged,
            Self::Resolved { .. } => FindingStateName::Resolved,
            Self::Dismissed { .. } => FindingStateName::Dismissed,
            Self::Closed { .. } => FindingStateName::Closed,
        }
    }
}
