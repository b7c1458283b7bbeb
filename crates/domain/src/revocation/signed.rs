//! Asking as a sign-in: where policy says so, a request is proven by its requester's own ID token, as a decision is by that of
//! whoever decides.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::demands::{Demands, Weak};
use super::policy::{Asked, AskedBefore, Policy};
use super::proof::{Intent, NotProven, Proof, Salt, Vouched, base64url, is_together};
use super::request::Request;
use super::target::{Target, TargetHash};
use super::together::{begun, bytes};
use crate::people::{Actor, Permission, Strength};
use crate::timestamp::Timestamp;

/// What somebody is sent to the identity provider to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Signs {
    /// What they decide about one or several requests.
    Decision(Intent),
    /// A request that they make.
    Request(Box<Unsigned>),
}

/// A request as its requester was shown it. There is none before the provider has vouched for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsigned {
    /// What it will be, as it was frozen.
    pub request: Request,
    /// Those of other authorities that the same sign-in asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Request>,
    /// How its targets were chosen, in words.
    pub chosen: String,
    /// The random bytes of the nonce.
    pub salt: Salt,
}

/// Why somebody who comes back from the provider has requested nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// The provider has vouched for another account than the requester's, or another human behind it.
    #[error("You signed in as somebody else than the person who pressed the button. Nothing was requested.")]
    AnotherPerson,
    /// They do not hold the role of an operator.
    #[error("Only an operator can request a revocation.")]
    NotOperator,
    /// The targets that are stored are not those of the hash, or are gone.
    #[error("The certificates that you asked for are not kept any more. Nothing was requested: ask again.")]
    Lost,
    /// [`Policy::version`](super::Policy::version) is another one.
    #[error(
        "Policy has changed while you signed in. Nothing was requested: look at it again, and ask again."
    )]
    Policy,
    /// With what they have asked for since, policy asks for more than was frozen.
    #[error(
        "What you have asked for meanwhile makes this one need more approvals. Nothing was requested: look at it again, and ask \
         again."
    )]
    More,
    /// Their sign-in is not what policy demands.
    #[error("Your sign-in {0}. Nothing was requested.")]
    Weak(Weak),
}

/// That the requester has provably asked for the request of this hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    hash: TargetHash,
    signed_in_at: Timestamp,
    made_at: Timestamp,
    strength: Strength,
}

impl Signs {
    /// The nonce of the sign-in.
    pub fn nonce(&self) -> String {
        match self {
            Self::Decision(intent) => intent.nonce(),
            Self::Request(unsigned) => unsigned.nonce(),
        }
    }

    /// The random bytes of the nonce.
    pub fn salt(&self) -> &Salt {
        match self {
            Self::Decision(intent) => &intent.salt,
            Self::Request(unsigned) => &unsigned.salt,
        }
    }

    /// The hashes of all requests that the sign-in is for; none, if that is one.
    pub fn together(&self) -> Vec<TargetHash> {
        match self {
            Self::Decision(intent) => intent.together(),
            Self::Request(unsigned) => unsigned.together(),
        }
    }

    /// The classes of sign-in to ask the provider for (`acr_values`), the preferred one first.
    pub fn acr(&self) -> &[String] {
        match self {
            Self::Decision(intent) => &intent.acr,
            Self::Request(unsigned) => &unsigned.request.demands.acr,
        }
    }
}

impl Unsigned {
    /// The nonce of the sign-in that makes it a request.
    pub fn nonce(&self) -> String {
        nonce(&self.request, &self.together(), &self.salt)
    }

    /// All that is asked for.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        std::iter::once(&self.request).chain(&self.others)
    }

    fn together(&self) -> Vec<TargetHash> {
        let all = self.requests().map(|request| request.hash.clone());
        all.filter(|_| !self.others.is_empty()).collect()
    }
}

impl Request {
    /// Whether `actor`, whom the provider has just vouched for with its nonce, asks for it. `targets`: as they are stored;
    /// `before`: what the actor has asked for by now, of the same authority.
    pub fn sign(
        &self,
        actor: &Actor,
        targets: &[Target],
        policy: &Policy,
        before: &[AskedBefore],
        now: Timestamp,
    ) -> Result<(), NotSigned> {
        let request = self;
        let Request { demands, requester, .. } = request;
        if actor.person.id != requester.id || actor.person.human != requester.human {
            return Err(NotSigned::AnotherPerson);
        }
        if !actor.may(Permission::Operate) {
            return Err(NotSigned::NotOperator);
        }
        if request.hash_of(targets) != request.hash {
            return Err(NotSigned::Lost);
        }
        if policy.version() != request.policy_version {
            return Err(NotSigned::Policy);
        }
        let asked =
            Asked { authority: &request.authority, reason: request.reason, targets: targets.len(), before };
        let (needed, today) = policy.terms(&asked, request.alone.is_some());
        if needed > request.approvals_needed || !demands.represents(&today) {
            return Err(NotSigned::More);
        }
        demands.just_now(actor, now).map_err(NotSigned::Weak)
    }
}

/// base64url(SHA-256("countersign request v1" ‖ request hash ‖ SHA-256(justification) ‖ salt)): hash and salt as their 32
/// bytes. Everything has one length, so that no two requests are one text. Of several: "countersign requests v1", and in the
/// place of the request hash SHA-256 over the hashes of all, sorted, each once.
fn nonce(request: &Request, together: &[TargetHash], salt: &Salt) -> String {
    let digest = begun("countersign request v1", "countersign requests v1", &request.hash, together)
        .chain_update(Sha256::digest(&request.justification))
        .chain_update(bytes(salt.as_str()))
        .finalize();
    base64url(&digest)
}

impl Request {
    /// Holds the request against what the provider vouched for, and the sign-in against what was demanded when it was made.
    pub fn signed(&self, proof: &Proof, vouched: &Vouched) -> Result<Signed, NotProven> {
        if vouched.person != self.requester.id || proof.by != self.requester.id {
            return Err(NotProven::AnotherPerson);
        }
        match (&self.demands.people_claim, &vouched.human) {
            (Some(_), None) => return Err(NotProven::NoHuman),
            (Some(_), human) if *human != self.requester.human => return Err(NotProven::AnotherHuman),
            _ => (),
        }
        if vouched.nonce != nonce(self, &proof.together, &proof.salt) {
            return Err(NotProven::AnotherRequest);
        }
        if vouched.roles.as_ref().is_some_and(|roles| !Permission::Operate.granted_to(roles)) {
            return Err(NotProven::NotOperator);
        }
        // The request was frozen before its requester left for the provider.
        if !is_together(self.requested_at, vouched.made_at) {
            return Err(NotProven::Time);
        }
        let signed = Signed {
            hash: self.hash.clone(),
            signed_in_at: vouched.signed_in_at,
            made_at: vouched.made_at,
            strength: vouched.strength.clone(),
        };
        signed.was_strong(&self.demands).map_err(NotProven::Weak)?;
        Ok(signed)
    }
}

impl Signed {
    pub(super) fn is_of(&self, request: &Request) -> bool {
        self.hash == request.hash
    }

    /// Whether its sign-in does for what is demanded of one.
    pub(super) fn was_strong(&self, demands: &Demands) -> Result<(), Weak> {
        demands.sign_in(self.signed_in_at, self.made_at, &self.strength)
    }
}

#[cfg(test)]
mod tests;
