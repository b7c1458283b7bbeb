//! Deciding on a request: the four-eyes rule as pure functions. Only an [`Approved`] request can be executed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::decision::{Decision, Verdict};
use super::policy::{Asked, Policy};
use super::proof::{Intent, NotProven, Proven, Salt};
use super::request::{HASH_VERSION, Request};
use super::state::RequestState;
use super::target::{Target, TargetHash};
use crate::alerts::Alert;
use crate::finding::AlertFacts;
use crate::finding_kind::FindingKind;
use crate::people::{Actor, Permission, PersonId, Roles};
use crate::scope::Scope;
use crate::timestamp::{Timestamp, words};

/// Why somebody may not decide, cancel or execute; each says what would have to be different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    #[error("You made this request; another approver must decide.")]
    OwnRequest,
    #[error("Only an approver can decide on a request.")]
    NotApprover,
    #[error("You have decided on this request already.")]
    DecidedAlready,
    #[error("The request is no longer waiting for approval: it is {0}.")]
    NotPending(String),
    #[error("The request expired at {0}. Ask for a new one.")]
    Expired(String),
    #[error("What you saw is not what is stored: the targets or the reason differ. Read the request again.")]
    OtherHash,
    #[error("Deciding needs a sign-in within the last {0}. Sign in again.")]
    StaleSignIn(String),
    #[error("Only the requester can cancel a request, and must be an operator.")]
    NotRequester,
    #[error("You signed in as somebody else than the person who pressed the button. Nothing was decided.")]
    AnotherPerson,
    #[error("A comment has at most 1,000 characters.")]
    Comment,
}

/// Why a request is not executed, found when it is about to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotExecutable {
    #[error("The request is {0}.")]
    State(String),
    #[error("What is stored is not what was approved: the hash of targets and reason differs.")]
    OtherHash,
    #[error("It was made by a newer console: a worker of that version carries it out.")]
    Newer,
    #[error("It has not enough approvals of this hash by people other than the requester.")]
    Quorum,
    #[error("Today's policy asks for {0} approvals, which it has not. Ask for a new one.")]
    Stricter(u32),
    #[error("The decision of {name} is not proven: {why}.")]
    NotProven { name: String, why: NotProven },
    #[error("{name} is no longer {role}.")]
    RoleLost { name: String, role: &'static str },
}

/// A request that waits for approval and has not expired.
#[derive(Clone, Copy, Debug)]
pub struct Pending<'a>(&'a Request);

/// A request with the proven approvals that its quorum asks for. Nothing else can be executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    request: Request,
    /// How many targets its hash binds.
    targets: usize,
    proven: Vec<Proven>,
}

/// What a decision leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// More approvals are needed.
    Pending(Request),
    Approved(Request),
    Rejected(Request),
}

impl Outcome {
    pub fn request(&self) -> &Request {
        match self {
            Self::Pending(request) | Self::Rejected(request) | Self::Approved(request) => request,
        }
    }
}

impl NotExecutable {
    /// Whether it may be executable later, without anybody's doing.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Newer | Self::NotProven { why: NotProven::UnknownKey(_), .. })
    }

    /// The alert about a request that the table wants carried out, and that nobody has provably approved: somebody writes it
    /// who should not.
    /// `None`: there is an honest reason.
    pub fn alert(&self, request: &Request, at: Timestamp) -> Option<Alert> {
        // What was called off a moment ago may still be looked at.
        let called_off = matches!(self, Self::State(_)) && request.state == RequestState::Cancelled;
        if called_off || matches!(self, Self::Stricter(_) | Self::RoleLost { .. }) || self.may_pass() {
            return None;
        }
        let what = format!(
            "The request {} is to be carried out by what the console's table says, and was not: {self} Somebody else than the console may write there.",
            request.id
        );
        Some(Alert {
            kind: FindingKind::DecisionNotProven,
            authority: Some(request.authority.clone()),
            scope: Scope::Authority(request.authority.id()),
            subject: request.id.to_string(),
            facts: AlertFacts { at, what, identity: None, address: None, events: Vec::new(), count: 1 },
        })
    }
}

impl Approved {
    /// The same upon approvals that were proven anew: its targets are those that its hash was found to bind.
    pub fn again(self, proven: Vec<Proven>, policy: &Policy) -> Result<Self, NotExecutable> {
        let request = &self.request;
        let approves = |decision: &Decision| {
            decision.verdict == Verdict::Approve
                && decision.hash == request.hash
                && decision.by.id != request.requester.id
        };
        let approvals = proven.iter().map(Proven::decision).filter(|decision| approves(decision));
        let people: BTreeSet<_> = approvals.map(|decision| &decision.by.id).collect();
        let are_enough = |needed: u32| people.len() >= usize::try_from(needed).unwrap_or(usize::MAX);
        let today = policy.approvals(&Asked {
            authority: &request.authority,
            reason: request.reason,
            targets: self.targets,
            // What was asked for before is in the number that was approved.
            before: &[],
        });
        match (are_enough(request.approvals_needed), are_enough(today)) {
            (true, true) => Ok(Self { proven, ..self }),
            (true, false) => Err(NotExecutable::Stricter(today)),
            (false, _) => Err(NotExecutable::Quorum),
        }
    }

    /// The request as the worker that takes it on leaves it. The state is not in the hash: what was approved still is.
    pub fn executing(mut self) -> Self {
        self.request.state = RequestState::Executing;
        self
    }

    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Whoever stands behind it: who asked for it and who provably approved it.
    pub fn people(&self) -> Vec<PersonId> {
        let approvers = self.proven.iter().map(|one| &one.decision().by);
        std::iter::once(&self.request.requester).chain(approvers).map(|person| person.id.clone()).collect()
    }

    /// Whether everybody behind it still holds the role for it; people who are not in `roles` hold none.
    pub fn still_backed(&self, roles: &BTreeMap<PersonId, Roles>) -> Result<(), NotExecutable> {
        let approvers = self.proven.iter().map(|one| (&one.decision().by, Permission::Approve));
        for (person, permission) in
            std::iter::once((&self.request.requester, Permission::Operate)).chain(approvers)
        {
            if !roles.get(&person.id).is_some_and(|roles| permission.granted_to(roles)) {
                let role = if permission == Permission::Operate { "an operator" } else { "an approver" };
                return Err(NotExecutable::RoleLost { name: person.name.clone(), role });
            }
        }
        Ok(())
    }
}

impl Request {
    /// The request as one that can still be decided on.
    pub fn pending(&self, now: Timestamp) -> Result<Pending<'_>, Refusal> {
        if self.state != RequestState::Pending {
            return Err(Refusal::NotPending(self.state.label().to_lowercase()));
        }
        if self.expires_at <= now {
            return Err(Refusal::Expired(self.expires_at.absolute()));
        }
        Ok(Pending(self))
    }

    /// The request as one that may be executed: countersigned, with exactly the `targets` that enough people other
    /// than the requester have provably approved, by the policy it was made under and by today's. Trusts nothing that is
    /// stored beside the hash, its own list of decisions least of all.
    pub fn approved(
        self,
        targets: &[Target],
        proven: Vec<Proven>,
        policy: &Policy,
    ) -> Result<Approved, NotExecutable> {
        if !self.state.is_countersigned() {
            return Err(NotExecutable::State(self.state.label().to_lowercase()));
        }
        if self.hash_version > HASH_VERSION {
            return Err(NotExecutable::Newer);
        }
        if self.hash_of(targets) != self.hash {
            return Err(NotExecutable::OtherHash);
        }
        Approved { targets: targets.len(), request: self, proven: Vec::new() }.again(proven, policy)
    }

    /// The request after its time has run out. `None`: it has not, or it was decided before.
    pub fn expired(&self, now: Timestamp) -> Option<Self> {
        (self.state == RequestState::Pending && self.expires_at <= now)
            .then(|| Self { state: RequestState::Expired, ..self.clone() })
    }

    /// The request withdrawn by its requester.
    pub fn cancel(&self, actor: &Actor, now: Timestamp) -> Result<Self, Refusal> {
        self.pending(now)?;
        if actor.person.id != self.requester.id || !actor.may(Permission::Operate) {
            return Err(Refusal::NotRequester);
        }
        Ok(Self { state: RequestState::Cancelled, cancelled_at: Some(now), ..self.clone() })
    }
}

impl Pending<'_> {
    /// Whether `actor` may decide, whatever they would say; pages show the refusal beside the disabled buttons.
    pub fn open_to(self, actor: &Actor) -> Result<(), Refusal> {
        if actor.person.id == self.0.requester.id {
            return Err(Refusal::OwnRequest);
        }
        if !actor.may(Permission::Approve) {
            return Err(Refusal::NotApprover);
        }
        if self.0.decisions.iter().any(|decision| decision.by.id == actor.person.id) {
            return Err(Refusal::DecidedAlready);
        }
        Ok(())
    }

    /// What `actor` is about to decide about what they have `seen`, the hash that was on the page. It is decided when the
    /// provider has vouched for them.
    pub fn intend(
        self,
        actor: &Actor,
        verdict: Verdict,
        comment: Option<String>,
        seen: &TargetHash,
        salt: Salt,
    ) -> Result<Intent, Refusal> {
        self.open_to(actor)?;
        let comment = comment.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        if comment.as_ref().is_some_and(|text| text.chars().count() > 1000) {
            return Err(Refusal::Comment);
        }
        let intent = Intent {
            request: self.0.id.clone(),
            by: actor.person.id.clone(),
            hash: seen.clone(),
            verdict,
            comment,
            salt,
        };
        self.is_about(&intent)?;
        Ok(intent)
    }

    fn is_about(self, intent: &Intent) -> Result<(), Refusal> {
        (intent.hash == self.0.hash && intent.request == self.0.id).then_some(()).ok_or(Refusal::OtherHash)
    }

    /// Decides, as `actor` whom the provider has just vouched for with the nonce of `intent`.
    pub fn decide(
        self,
        actor: &Actor,
        intent: Intent,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Outcome, Refusal> {
        if actor.person.id != intent.by {
            return Err(Refusal::AnotherPerson);
        }
        self.open_to(actor)?;
        self.is_about(&intent)?;
        // A sign-in dated in the future is no fresher than one of unknown age.
        if actor.signed_in_at > now.plus(std::time::Duration::from_secs(60))
            || now.since(actor.signed_in_at) > policy.fresh_sign_in
        {
            return Err(Refusal::StaleSignIn(words(policy.fresh_sign_in)));
        }
        let Intent { verdict, comment, hash, .. } = intent;
        let mut request = self.0.clone();
        request.decisions.push(Decision {
            by: actor.person.clone(),
            at: now,
            verdict,
            comment,
            hash,
            signed_in_at: actor.signed_in_at,
        });
        if verdict == Verdict::Reject {
            request.state = RequestState::Rejected;
            return Ok(Outcome::Rejected(request));
        }
        if request.approvals() < usize::try_from(request.approvals_needed).unwrap_or(usize::MAX) {
            return Ok(Outcome::Pending(request));
        }
        request.state = RequestState::Approved;
        Ok(Outcome::Approved(request))
    }
}

#[cfg(test)]
mod tests;
