//! What people are told of.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::finding_kind::Severity;

/// What a notification is about: nothing else is told.
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
    strum::Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// Events, digests or signs of life opened a finding.
    AlertRaised,
    /// A worker has had no good pass for too long.
    WorkerSilent,
    /// A run of the schedule did not begin in time.
    ScheduleMissed,
    /// Somebody was made the owner of findings by somebody else.
    FindingAssigned,
    /// The day until which somebody has taken a finding on is near.
    FindingDue,
    /// Somebody asked for a revocation, and others are to decide.
    RequestWaits,
    /// A request that nobody has decided expires soon.
    ExpiresSoon,
    /// A request was approved, rejected, has expired, or was called off by the executor.
    Decided,
    /// Every certificate of a request is revoked at the CA, or was played in a drill.
    Executed,
    /// Certificates of a request could not be revoked.
    PartlyFailed,
    /// Every certificate that a request has revoked was seen wherever it must show.
    Proven,
    /// Certificates of a request were not published as revoked in time.
    Overdue,
    /// Somebody opened an incident.
    IncidentOpened,
    /// Somebody tries whether a channel takes anything.
    Test,
}

/// A text names no kind of notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of notification")]
pub struct KindError;

impl Kind {
    /// Every kind, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in configuration and JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What pages call it: a few words.
    pub fn label(self) -> &'static str {
        match self {
            Self::AlertRaised => "Alert raised",
            Self::WorkerSilent => "Worker silent",
            Self::ScheduleMissed => "Run missed",
            Self::FindingAssigned => "Finding assigned",
            Self::FindingDue => "Finding due",
            Self::RequestWaits => "Request waits",
            Self::ExpiresSoon => "Request expires soon",
            Self::Decided => "Request decided",
            Self::Executed => "Request executed",
            Self::PartlyFailed => "Request partly failed",
            Self::Proven => "Revocation proven",
            Self::Overdue => "Proof overdue",
            Self::IncidentOpened => "Incident opened",
            Self::Test => "Test",
        }
    }

    /// How bad it is. Those of findings that an alert opened have the finding's.
    pub fn severity(self) -> Severity {
        match self {
            Self::WorkerSilent | Self::IncidentOpened => Severity::Critical,
            Self::AlertRaised
            | Self::ScheduleMissed
            | Self::RequestWaits
            | Self::ExpiresSoon
            | Self::PartlyFailed
            | Self::Overdue => Severity::High,
            Self::FindingDue | Self::Decided => Severity::Medium,
            Self::FindingAssigned | Self::Executed | Self::Proven | Self::Test => Severity::Low,
        }
    }
}

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(name: &str) -> Result<Self, KindError> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name).ok_or(KindError)
    }
}
