//! A request with its decisions and what proves them, for whoever verifies them without this console.

use serde::{Deserialize, Serialize};

use super::approved::counts;
use super::decision::{Decision, Verdict};
use super::missing::{Missing, still_needed};
use super::proof::{NotProven, Proof, Proven, Vouched};
use super::request::{HASH_VERSION, Request};
use super::target::Target;

/// Everything that the hash of the request and the nonces of its decisions are made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub request: Request,
    /// In the order of their serial numbers.
    pub targets: Vec<Target>,
    pub decisions: Vec<Evident>,
}

/// A decision and what should prove it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evident {
    pub decision: Decision,
    pub proof: Proof,
}

/// Why evidence shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEvident {
    #[error("the request was frozen by a newer console: verify it with a program of that version")]
    Newer,
    #[error("the request or its list of certificates is not what its hash is over")]
    OtherHash,
    #[error("it is about another request, or about other certificates (hash)")]
    OtherRequest,
    #[error("it is the requester's own")]
    OwnRequest,
    #[error("{0}")]
    NotProven(#[from] NotProven),
}

impl Evidence {
    /// Whether request and list are what the hash is over.
    pub fn is_whole(&self) -> Result<(), NotEvident> {
        if self.request.hash_version > HASH_VERSION {
            return Err(NotEvident::Newer);
        }
        match self.request.hash_of(&self.targets) == self.request.hash {
            true => Ok(()),
            false => Err(NotEvident::OtherHash),
        }
    }

    /// Holds one of the decisions against what its token says.
    pub fn proven(&self, evident: &Evident, vouched: &Vouched) -> Result<Proven, NotEvident> {
        let Evident { decision, proof } = evident;
        if decision.hash != self.request.hash {
            return Err(NotEvident::OtherRequest);
        }
        let proven = decision.proven(proof, vouched)?;
        proven.was_strong(&self.request.demands).map_err(NotProven::Weak)?;
        proven.is_known(&self.request.demands)?;
        match proven.decision().by.is(&self.request.requester) {
            true => Err(NotEvident::OwnRequest),
            false => Ok(proven),
        }
    }

    /// What these decisions lack of what was demanded when the request was made. `None`: they approve it.
    pub fn lacks(&self, proven: &[Proven]) -> Option<Missing> {
        let approvals = counts(&self.request, proven);
        let groups: Vec<&[String]> = approvals.iter().map(|one| one.groups()).collect();
        still_needed(self.request.approvals_needed, &self.request.demands, &groups)
    }

    /// Whether one of them rejects it.
    pub fn is_rejected(proven: &[Proven]) -> bool {
        proven.iter().any(|one| one.decision().verdict == Verdict::Reject)
    }
}
