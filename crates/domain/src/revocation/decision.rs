//! What one person said about a request.

use serde::{Deserialize, Serialize};

use super::target::TargetHash;
use crate::people::Person;
use crate::timestamp::Timestamp;

/// What somebody decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It may be carried out.
    Approve,
    /// It must not be carried out.
    Reject,
}

impl Verdict {
    /// As the nonce ([`Intent::nonce`](super::Intent::nonce)), the ledger and JSON have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }
}

/// What one person said about one request's hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Who decided.
    pub by: Person,
    /// When, by the clock of the console.
    pub at: Timestamp,
    /// What they decided.
    pub verdict: Verdict,
    /// What they said about it: at most 1,000 characters; a rejection always has one.
    pub comment: Option<String>,
    /// The hash of the request that they decided on.
    pub hash: TargetHash,
    /// When they had last proven who they are.
    pub signed_in_at: Timestamp,
    /// Those of their groups that meant something here, as signing in saw them.
    #[serde(default)]
    pub groups: Vec<String>,
}
