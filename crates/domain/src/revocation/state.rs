//! The states of a request.

use serde::{Deserialize, Serialize};
use strum::VariantArray;

/// Where a request is.
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
pub enum RequestState {
    /// Waiting for approval.
    Pending,
    /// The quorum is reached; a worker will take it.
    Approved,
    /// A worker calls the CA for it, certificate by certificate.
    Executing,
    /// Somebody has halted it: no call is made until an approver lets it go on.
    Halted,
    /// Every certificate is revoked at the CA; waiting for CRL, OCSP and report.
    Executed,
    /// Done, but some certificates could not be revoked.
    PartlyFailed,
    /// Halted or partly failed, and nothing more of it will be carried out.
    Closed,
    /// Every revoked certificate was seen wherever its CA publishes it, and in a later report.
    Proven,
    /// Not seen in time where its CA publishes it.
    Overdue,
    /// Somebody has rejected it.
    Rejected,
    /// Nobody decided in time.
    Expired,
    /// Its requester withdrew it, or the executor would not carry it out.
    Cancelled,
}

impl RequestState {
    /// Every state, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in URLs, keys and JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "Waiting for approval",
            Self::Approved => "Approved",
            Self::Executing => "Executing",
            Self::Halted => "Halted",
            Self::Executed => "Executed",
            Self::PartlyFailed => "Partly failed",
            Self::Closed => "Closed",
            Self::Proven => "Proven",
            Self::Overdue => "Overdue",
            Self::Rejected => "Rejected",
            Self::Expired => "Expired",
            Self::Cancelled => "Cancelled",
        }
    }

    /// The same for a request of so many certificates: of a single one nothing has failed partly.
    pub fn label_for(self, targets: u32) -> &'static str {
        match (self, targets) {
            (Self::PartlyFailed, 1) => "Failed",
            _ => self.label(),
        }
    }

    /// Its certificates are yet to be decided on, or to be revoked.
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Pending | Self::Approved | Self::Executing | Self::Halted)
    }

    /// The people have agreed: revocations of its targets are countersigned.
    pub fn is_countersigned(self) -> bool {
        matches!(
            self,
            Self::Approved
                | Self::Executing
                | Self::Halted
                | Self::Executed
                | Self::PartlyFailed
                | Self::Closed
                | Self::Proven
                | Self::Overdue
        )
    }
}
