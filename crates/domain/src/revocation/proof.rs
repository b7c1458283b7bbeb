//! What makes a decision evidence in itself: the identity provider's signature under it.
//!
//! Deciding is a sign-in. Its nonce is bound to exactly what is decided, so that the signed ID token that comes back says:
//! this subject, with these groups, at this time, decided this about this request. No row of a table is believed instead.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::decision::{Decision, Verdict};
use super::demands::{Demands, Weak};
use super::request::Request;
use super::target::TargetHash;
use super::together::{begun, bytes};
use crate::id::id;
use crate::ids::RequestId;
use crate::people::{Human, Person, PersonId, Role, Roles, Strength};
use crate::timestamp::Timestamp;

id!(
    /// 32 random bytes that make the nonce of each decision another one.
    Salt,
    "32 bytes (64 lower-case hexadecimal digits)",
    |text| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
);

impl Salt {
    /// The salt that these bytes are; they must come from a source fit for keys.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(hex::encode(bytes))
    }
}

/// A request as somebody has seen it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Other {
    /// Which one it is, by its id.
    pub request: RequestId,
    /// Its hash, as it was shown.
    pub hash: TargetHash,
}

/// What somebody is about to decide, until the provider has vouched for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The request of the page.
    pub request: RequestId,
    /// Whoever is about to decide: the provider must vouch for no other.
    pub by: PersonId,
    /// Its hash, as it was shown.
    pub hash: TargetHash,
    /// What they are about to decide.
    pub verdict: Verdict,
    /// What they say about it, without the spaces around it; `None`: nothing.
    pub comment: Option<String>,
    /// What makes this nonce another one than that of the same decision before.
    pub salt: Salt,
    /// The classes of sign-in to ask the provider for (`acr_values`), the preferred one first.
    pub acr: Vec<String>,
    /// What was made with the request and is decided by the same sign-in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Other>,
}

impl Intent {
    /// The nonce of the sign-in that makes it a decision.
    pub fn nonce(&self) -> String {
        let together = self.together();
        nonce(&self.hash, &together, self.verdict, self.comment.as_deref(), &self.salt)
    }

    /// The same about these requests as well.
    pub fn and<'r>(self, others: impl IntoIterator<Item = &'r Request>) -> Self {
        let other = |one: &Request| Other { request: one.id.clone(), hash: one.hash.clone() };
        Self { others: others.into_iter().map(other).collect(), ..self }
    }

    /// The requests that are decided, that of the page first.
    pub fn requests(&self) -> impl Iterator<Item = &RequestId> {
        std::iter::once(&self.request).chain(self.others.iter().map(|other| &other.request))
    }

    /// Whether it is about this request, as it is.
    pub(super) fn is_about(&self, request: &Request) -> bool {
        (self.request == request.id && self.hash == request.hash)
            || self.others.iter().any(|other| other.request == request.id && other.hash == request.hash)
    }

    /// The hashes of all that it decides; none, if that is one.
    pub(super) fn together(&self) -> Vec<TargetHash> {
        let others = self.others.iter().map(|other| &other.hash);
        others.chain(self.others.first().map(|_| &self.hash)).cloned().collect()
    }
}

/// base64url(SHA-256("countersign decision v1" ‖ request hash ‖ verdict ‖ SHA-256(comment) ‖ salt)): hash and salt as
/// their 32 bytes, the verdict as `approve` or `reject`, no comment as an empty one. Everything but the verdict has one
/// length, so that no two decisions are one text. Of several requests: "countersign decisions v1", and in the place of the
/// request hash SHA-256 over the hashes of all, sorted, each once.
fn nonce(
    hash: &TargetHash,
    together: &[TargetHash],
    verdict: Verdict,
    comment: Option<&str>,
    salt: &Salt,
) -> String {
    let digest = begun("countersign decision v1", "countersign decisions v1", hash, together)
        .chain_update(verdict.name())
        .chain_update(Sha256::digest(comment.unwrap_or_default()))
        .chain_update(bytes(salt.as_str()))
        .finalize();
    base64url(&digest)
}

/// RFC 4648 §5, without padding.
pub(super) fn base64url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// What is kept beside a decision or a request: what the provider signed, and with which key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Whose decision or request it proves.
    pub by: PersonId,
    /// The random bytes of the nonce.
    pub salt: Salt,
    /// The ID token as it came (RFC 7519).
    pub id_token: String,
    /// The token lists no groups: the role rests on what signing in saw.
    #[serde(default)]
    pub role_seen_elsewhere: bool,
    /// The provider's key that signed it (RFC 7517), for whoever looks at the evidence later. Nobody here believes it.
    pub key: String,
    /// The hashes of all requests that the sign-in was for, where they are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<TargetHash>,
}

impl Proof {
    /// How many requests the sign-in was for beside the one of this hash.
    pub fn others(&self, own: &TargetHash) -> usize {
        self.together.iter().filter(|hash| *hash != own).collect::<BTreeSet<_>>().len()
    }

    /// SHA-256 of the ID token, in hex: what the ledger has of it.
    pub fn token_hash(&self) -> String {
        hex::encode(Sha256::digest(&self.id_token))
    }
}

/// What an ID token says whose signature, issuer and audience were verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// Issuer and subject of the token.
    pub person: PersonId,
    /// Who is behind the account; `None`: it does not say, or nobody asked.
    pub human: Option<Human>,
    /// `nonce`: what was sent along to be signed.
    pub nonce: String,
    /// The roles that the groups in the token give. `None`: the provider has them elsewhere, and the role rests on what
    /// signing in saw there.
    pub roles: Option<Roles>,
    /// Those groups in the token that mean something here. `None`: as with the roles.
    pub groups: Option<Vec<String>>,
    /// When they proved who they are (`auth_time`).
    pub signed_in_at: Timestamp,
    /// When the token was made (`iat`).
    pub made_at: Timestamp,
    /// `acr` and `amr`, and whether it says `auth_time`.
    pub strength: Strength,
}

/// An approval or rejection that its proof bears out. Nothing else counts towards a quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    decision: Decision,
    groups: Vec<String>,
    /// The token itself lists them.
    lists_groups: bool,
    signed_in_at: Timestamp,
    made_at: Timestamp,
    strength: Strength,
}

/// Why a decision, or a request, counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotProven {
    /// It may become known: the request waits.
    #[error("the key {0} of its ID token was not seen at the identity provider by the worker itself")]
    UnknownKey(String),
    /// It waits until the clocks agree.
    #[error("its ID token was made in the future, by the clock of the worker")]
    Ahead,
    /// What is stored cannot be read, or is not there.
    #[error("it or its proof is damaged, or missing")]
    Unreadable,
    /// The token's own fault, in words.
    #[error("{0}")]
    Token(String),
    /// Its issuer and subject are not those of whoever is said to have decided or asked.
    #[error("its ID token names somebody else")]
    AnotherPerson,
    /// The claim of who is behind the account has another value than what is stored.
    #[error("its ID token names another human behind the account")]
    AnotherHuman,
    /// Policy demands that claim, and the token has none.
    #[error("its ID token does not say who is behind the account")]
    NoHuman,
    /// Its nonce is not that of hash, verdict, comment and salt.
    #[error("its ID token was not made for this decision (nonce)")]
    AnotherDecision,
    /// Its nonce is not that of hash, justification and salt.
    #[error("its ID token was not made for this request (nonce)")]
    AnotherRequest,
    /// It lists groups, and none gives the role of an approver.
    #[error("the groups in its ID token do not make an approver")]
    NotApprover,
    /// It lists groups, and none gives the role of an operator.
    #[error("the groups in its ID token do not make an operator")]
    NotOperator,
    /// Its sign-in is not what policy demands.
    #[error("its sign-in {0}")]
    Weak(Weak),
    /// It was made too long before or after the time that is stored.
    #[error("its time is not that of its ID token")]
    Time,
}

/// How far apart the times of a decision or a request and of its token may be: what lies between is one sign-in, which may take ten
/// minutes.
const TOGETHER: std::time::Duration = std::time::Duration::from_secs(660);

/// Whether the times of something and of its token are those of one sign-in.
pub(super) fn is_together(at: Timestamp, made_at: Timestamp) -> bool {
    at.since(made_at).max(made_at.since(at)) <= TOGETHER
}

impl Decision {
    /// Holds the decision against what the provider vouched for.
    pub fn proven(&self, proof: &Proof, vouched: &Vouched) -> Result<Proven, NotProven> {
        if vouched.person != self.by.id || proof.by != self.by.id {
            return Err(NotProven::AnotherPerson);
        }
        if vouched.human.is_some() && vouched.human != self.by.human {
            return Err(NotProven::AnotherHuman);
        }
        let comment = self.comment.as_deref();
        if vouched.nonce != nonce(&self.hash, &proof.together, self.verdict, comment, &proof.salt) {
            return Err(NotProven::AnotherDecision);
        }
        if vouched.roles.as_ref().is_some_and(|roles| !roles.contains(&Role::Approver)) {
            return Err(NotProven::NotApprover);
        }
        match is_together(self.at, vouched.made_at) {
            true => Ok(Proven {
                decision: Decision {
                    by: Person { human: vouched.human.clone(), ..self.by.clone() },
                    ..self.clone()
                },
                // Where the token lists none, signing in has seen them, as it has the role.
                lists_groups: vouched.groups.is_some(),
                groups: vouched.groups.clone().unwrap_or_else(|| self.groups.clone()),
                signed_in_at: vouched.signed_in_at,
                made_at: vouched.made_at,
                strength: vouched.strength.clone(),
            }),
            false => Err(NotProven::Time),
        }
    }
}

impl Proven {
    /// The decision; who is behind the account is as the token says.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The groups that it may count for.
    pub(super) fn groups(&self) -> &[String] {
        &self.groups
    }

    /// Those that the provider has signed: none, where its token lists none.
    pub(super) fn signed_groups(&self) -> &[String] {
        if self.lists_groups { &self.groups } else { &[] }
    }

    /// Whether it says who is behind the account, where that was demanded.
    pub(super) fn is_known(&self, demands: &Demands) -> Result<(), NotProven> {
        match (&demands.people_claim, &self.decision.by.human) {
            (Some(_), None) => Err(NotProven::NoHuman),
            _ => Ok(()),
        }
    }

    /// Whether its sign-in does for what was demanded when it was made.
    pub(super) fn was_strong(&self, demands: &Demands) -> Result<(), Weak> {
        demands.sign_in(self.signed_in_at, self.made_at, &self.strength)
    }

    /// When the provider made its token.
    pub(super) fn given_at(&self) -> Timestamp {
        self.made_at
    }
}

#[cfg(test)]
mod tests;
