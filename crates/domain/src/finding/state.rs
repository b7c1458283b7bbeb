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
    Open,
    /// Somebody has taken it on.
    Acknowledged {
        owner: Person,
        due: Option<Timestamp>,
    },
    /// Its certificate was revoked by a request here; the next run confirms it.
    Resolved {
        request: RequestId,
    },
    /// Not trouble, for a stated reason; a later run does not reopen it while it lasts.
    Dismissed {
        by: Person,
        reason: String,
    },
    /// A later run no longer saw it.
    Closed {
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
    Open,
    Acknowledged,
    Resolved,
    Dismissed,
    Closed,
}

impl FindingStateName {
    pub const ALL: &[Self] = Self::VARIANTS;

    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl FindingState {
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
