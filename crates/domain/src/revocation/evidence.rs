//! A request with its decisions and what proves them, for whoever verifies them without this console.

use serde::{Deserialize, Serialize};

use super::approved::counts;
use super::decision::{Decision, Verdict};
use super::drill::DrillReport;
use super::missing::{Missing, still_needed};
use super::proof::{NotProven, Proof, Proven, Vouched};
use super::request::Request;
use super::target::Target;
use super::tree::{Membership, NotMember, TargetTree};
use crate::serial::Serial;

/// Everything that the hash of the request and the nonces of its decisions are made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The request as it is stored; of that the hash covers what [`Request::hash_of`] says.
    pub request: Request,
    /// What its hash binds of targets: all, or one of them.
    pub targets: EvidentTargets,
    /// What proves the request, where policy demanded that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_proof: Option<Proof>,
    /// Each with its proof, in the order in which they were given.
    pub decisions: Vec<Evident>,
    /// Of a drill that has ended, how long people waited. Nothing proves its times but those of the decisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drill: Option<DrillReport>,
}

/// What was approved, as far as the evidence shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EvidentTargets {
    /// All of it, in the order of their serial numbers.
    All(Vec<Target>),
    /// One certificate of it, and that it is among them.
    One {
        /// The certificate, as it was frozen.
        target: Box<Target>,
        /// The path from it to the root that the hash covers.
        membership: Membership,
    },
}

/// A decision and what should prove it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evident {
    /// What somebody decided, by what is stored.
    pub decision: Decision,
    /// The ID token that should say the same.
    pub proof: Proof,
}

/// Why evidence shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEvident {
    /// Its hash covers what this version does not know.
    #[error("the request was frozen by a newer console: verify it with a program of that version")]
    Newer,
    /// The hash over request and targets is another one.
    #[error("the request or its list of certificates is not what its hash is over")]
    OtherHash,
    /// The path does not lead from the certificate to the root.
    #[error("{0}")]
    NotMember(#[from] NotMember),
    /// The decision is on another hash than the request's.
    #[error("it is about another request, or about other certificates (hash)")]
    OtherRequest,
    /// The requester decided, and it is no break-glass request.
    #[error("it is the requester's own")]
    OwnRequest,
    /// The token does not say what was decided, or not with what was demanded.
    #[error("{0}")]
    NotProven(#[from] NotProven),
}

impl EvidentTargets {
    /// All of them, or `only` that one. `None`: it is not among them.
    pub fn of(targets: Vec<Target>, only: Option<Serial>) -> Option<Self> {
        let Some(serial) = only else { return Some(Self::All(targets)) };
        let place = targets.iter().position(|target| target.serial == serial)?;
        let membership = TargetTree::of(&targets).membership(place)?;
        let target = Box::new(targets.into_iter().nth(place)?);
        Some(Self::One { target, membership })
    }
}

impl Evidence {
    /// Whether request and list are what the hash is over.
    pub fn is_whole(&self) -> Result<(), NotEvident> {
        if self.request.is_newer() {
            return Err(NotEvident::Newer);
        }
        let hash = match &self.targets {
            EvidentTargets::All(targets) => self.request.hash_of(targets),
            EvidentTargets::One { target, membership } => {
                membership.shows(target)?;
                self.request.hash_of_tree(membership.targets, &membership.root)
            }
        };
        match hash == self.request.hash {
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
        match proven.decision().by.is(&self.request.requester) && self.request.alone.is_none() {
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
