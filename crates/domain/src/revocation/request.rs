//! A request and its frozen targets.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::decide::Decision;
use super::policy::Policy;
use crate::authority::AuthorityArn;
use crate::finding::FindingId;
use crate::inventory::DeviceId;
use crate::people::{Actor, Permission, Person};
use crate::reason::RevocationReason;
use crate::run::{IdError, id};
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// How many certificates one request may revoke: what fits one DynamoDB transaction, and what a person can answer for.
pub const MAX_TARGETS: usize = 10_000;

id!(
    /// A UUID of version 7: ids sort by the time of their making.
    RequestId,
    "request"
);

/// One certificate to revoke, as it was known when the request was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub serial: Serial,
    /// `None`: not in the inventory.
    pub device: Option<DeviceId>,
    /// The serial as the inventory item's key holds it.
    pub serial_key: Option<String>,
    pub subject: Option<String>,
    pub expires_at: Option<Timestamp>,
    /// SHA-256 over the certificate's DER, lower-case hex, where it was read.
    pub fingerprint: Option<String>,
}

/// SHA-256 over exactly what an approval approves.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TargetHash(String);

impl TargetHash {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TargetHash {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let good = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        good.then(|| Self(text.to_owned())).ok_or(IdError("target hash"))
    }
}

impl TryFrom<String> for TargetHash {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<TargetHash> for String {
    fn from(hash: TargetHash) -> Self {
        hash.0
    }
}

impl fmt::Display for TargetHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What somebody asks for, before it becomes a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub authority: AuthorityArn,
    pub targets: Vec<Target>,
    pub reason: RevocationReason,
    pub justification: String,
    /// A reference into the requester's own ticket system.
    pub ticket: Option<String>,
    /// The finding it comes from.
    pub finding: Option<FindingId>,
}

/// Why a draft does not become a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    #[error("Only an operator can request a revocation.")]
    NotOperator,
    #[error("None of the certificates can be revoked.")]
    NoTargets,
    #[error("One request revokes at most 10,000 certificates. Split it.")]
    TooManyTargets,
    #[error("Say why in 10 to 2,000 characters: the approvers decide by it.")]
    Justification,
    #[error("A ticket reference has at most 100 characters.")]
    Ticket,
}

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Waiting for approval.
    Pending,
    /// The quorum is reached; a worker will take it.
    Approved,
    Executing,
    /// Every certificate is revoked at the CA; waiting for CRL and report.
    Executed,
    /// Done, but some certificates could not be revoked.
    PartlyFailed,
    /// Every revoked certificate was seen on the CRL and in a later report.
    Proven,
    /// Not seen on the CRL in time.
    Overdue,
    Rejected,
    Expired,
    Cancelled,
}

impl RequestState {
    pub const ALL: [Self; 10] = [
        Self::Pending,
        Self::Approved,
        Self::Executing,
        Self::Executed,
        Self::PartlyFailed,
        Self::Proven,
        Self::Overdue,
        Self::Rejected,
        Self::Expired,
        Self::Cancelled,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Executing => "executing",
            Self::Executed => "executed",
            Self::PartlyFailed => "partly_failed",
            Self::Proven => "proven",
            Self::Overdue => "overdue",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "Waiting for approval",
            Self::Approved => "Approved",
            Self::Executing => "Executing",
            Self::Executed => "Executed",
            Self::PartlyFailed => "Partly failed",
            Self::Proven => "Proven",
            Self::Overdue => "Overdue",
            Self::Rejected => "Rejected",
            Self::Expired => "Expired",
            Self::Cancelled => "Cancelled",
        }
    }

    /// The people have agreed: revocations of its targets are countersigned.
    pub fn is_countersigned(self) -> bool {
        matches!(
            self,
            Self::Approved
                | Self::Executing
                | Self::Executed
                | Self::PartlyFailed
                | Self::Proven
                | Self::Overdue
        )
    }
}

/// A revocation request, without its targets: they are stored beside it and bound to it by the hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub id: RequestId,
    pub authority: AuthorityArn,
    pub state: RequestState,
    pub requester: Person,
    pub requested_at: Timestamp,
    pub expires_at: Timestamp,
    pub reason: RevocationReason,
    pub justification: String,
    pub ticket: Option<String>,
    pub finding: Option<FindingId>,
    pub target_count: u32,
    /// The first target, to name the request by.
    pub first_target: Target,
    pub hash: TargetHash,
    pub policy_version: String,
    /// How many approvals it needs, fixed when it was made.
    pub approvals_needed: u32,
    /// Approvals and the one rejection, oldest first.
    pub decisions: Vec<Decision>,
    /// Who cancelled it and when.
    pub cancelled_at: Option<Timestamp>,
    pub executed_at: Option<Timestamp>,
    pub proven_at: Option<Timestamp>,
}

impl Draft {
    /// Freezes the draft: targets sorted and each once, bound by a hash.
    pub fn freeze(
        self,
        id: RequestId,
        requester: &Actor,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<(Request, Vec<Target>), DraftError> {
        if !requester.may(Permission::Operate) {
            return Err(DraftError::NotOperator);
        }
        let mut targets = self.targets;
        targets.sort_by_key(|target| target.serial);
        let mut seen = BTreeSet::new();
        targets.retain(|target| seen.insert(target.serial));
        let first_target = targets.first().cloned().ok_or(DraftError::NoTargets)?;
        if targets.len() > MAX_TARGETS {
            return Err(DraftError::TooManyTargets);
        }
        let justification = self.justification.trim().to_owned();
        if !(10..=2000).contains(&justification.chars().count()) {
            return Err(DraftError::Justification);
        }
        let ticket = self.ticket.map(|ticket| ticket.trim().to_owned()).filter(|ticket| !ticket.is_empty());
        if ticket.as_ref().is_some_and(|ticket| ticket.chars().count() > 100) {
            return Err(DraftError::Ticket);
        }
        let mut request = Request {
            id,
            authority: self.authority,
            state: RequestState::Pending,
            requester: requester.person.clone(),
            requested_at: now,
            expires_at: now.plus(policy.request_expiry),
            reason: self.reason,
            justification,
            ticket,
            finding: self.finding,
            target_count: u32::try_from(targets.len()).unwrap_or(u32::MAX),
            first_target,
            hash: TargetHash(String::new()),
            policy_version: policy.version(),
            approvals_needed: policy.approvals(targets.len(), self.reason),
            decisions: Vec::new(),
            cancelled_at: None,
            executed_at: None,
            proven_at: None,
        };
        request.hash = request.hash_of(&targets);
        Ok((request, targets))
    }
}

impl Request {
    /// The hash over what is approved: request, CA, requester, reason, justification, policy, and every target's
    /// serial number and fingerprint. `targets` are sorted by serial number, as [`Draft::freeze`] leaves them.
    pub fn hash_of(&self, targets: &[Target]) -> TargetHash {
        let mut hasher = Sha256::new();
        let mut line = |text: &str| {
            hasher.update(text.len().to_be_bytes());
            hasher.update(text.as_bytes());
        };
        line("countersign revocation request 1");
        line(self.id.as_str());
        line(self.authority.as_str());
        line(self.requester.id.as_str());
        line(self.reason.aws());
        line(&self.justification);
        line(&self.policy_version);
        line(&self.approvals_needed.to_string());
        for target in targets {
            line(&target.serial.to_string());
            line(target.fingerprint.as_deref().unwrap_or("-"));
        }
        TargetHash(hex::encode(hasher.finalize()))
    }

    pub fn approvals(&self) -> usize {
        self.decisions.iter().filter(|decision| decision.verdict == super::Verdict::Approve).count()
    }
}
