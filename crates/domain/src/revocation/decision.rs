//! What one person said about a request.

use serde::{Deserialize, Serialize};

use super::target::TargetHash;
use crate::people::Person;
use crate::timestamp::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Approve,
    Reject,
}

impl Verdict {
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
    pub by: Person,
    pub at: Timestamp,
    pub verdict: Verdict,
    pub comment: Option<String>,
    pub hash: TargetHash,
    /// When they had last proven who they are.
    pub signed_in_at: Timestamp,
    /// Those of their groups that meant something here, as signing in saw them.
    #[serde(default)]
    pub groups: Vec<String>,
}
