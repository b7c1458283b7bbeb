//! Deciding on a request: the four-eyes rule as pure functions. Whether what was decided is carried out is `approved`'s to say.

use serde::{Deserialize, Serialize};

use super::decision::{Decision, Verdict};
use super::demands::{Demands, Weak};
use super::missing::{Missing, still_needed};
use super::policy::Policy;
use super::proof::{Intent, Salt};
use super::request::Request;
use super::state::RequestState;
use super::target::TargetHash;
use crate::people::{Actor, Permission};
use crate::timestamp::{Timestamp, words};

/// Why somebody may not decide, cancel or execute; each says what would have to be different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The requester does not decide on their own request.
    #[error("You made this request; another approver must decide.")]
    OwnRequest,
    /// Only groups that policy names may execute alone, and the actor is of none of them.
    #[error(
        "You are in no group that may execute alone, or not any more. Ask for a request that others decide on."
    )]
    NotBreakGlass,
    /// Of a break-glass request the requester alone decides.
    #[error("Whoever made this request executes it alone; nobody else decides on it.")]
    Alone,
    /// The actor does not hold the role of an approver.
    #[error("Only an approver can decide on a request.")]
    NotApprover,
    /// Nobody decides twice.
    #[error("You have decided on this request already.")]
    DecidedAlready,
    /// It is in another state; which, in words.
    #[error("The request is no longer waiting for approval: it is {0}.")]
    NotPending(String),
    /// Its time was over then, in the form for people.
    #[error("The request expired at {0}. Ask for a new one.")]
    Expired(String),
    /// The hash of what was seen is not that of what is stored.
    #[error("What you saw is not what is stored: the targets or the reason differ. Read the request again.")]
    OtherHash,
    /// The sign-in is older than policy lets it be; how old it may be, in words.
    #[error("Deciding needs a sign-in within the last {0}. Sign in again.")]
    StaleSignIn(String),
    /// In words: a class or a method.
    #[error("Deciding needs another way of signing in: yours {0}. Nothing was decided.")]
    WeakSignIn(String),
    /// The claim that policy names is not in the actor's sign-in.
    #[error(
        "The identity provider does not say which person is behind your account, and policy asks for that. Tell whoever runs the \
         console: docs/PROVIDERS.md says what helps (people)."
    )]
    NoHuman,
    /// The claim that policy names was not in the requester's sign-in.
    #[error(
        "It is not known which person made this request, and policy asks for that now. Ask for a new one."
    )]
    NoRequester,
    /// Today's policy wants requests signed, and this one was made without.
    #[error("Its requester did not sign in to ask for it, and policy asks for that now. Ask for a new one.")]
    NotSigned,
    /// The actor has not made it, or is no operator any more.
    #[error("Only the requester can cancel a request, and must be an operator.")]
    NotRequester,
    /// The provider has vouched for another account than the one that began to decide.
    #[error("You signed in as somebody else than the person who pressed the button. Nothing was decided.")]
    AnotherPerson,
    /// The comment is longer than allowed. Holds how long it is, in characters.
    #[error("A comment has at most 1,000 characters. These are {0}.")]
    Comment(usize),
    /// A rejection has no comment.
    #[error("Say why you reject it: its requester reads the comment.")]
    NoReason,
    /// Of another request, which one decision would decide as well.
    #[error("Of the request of {authority} that was made with it: {why}")]
    Together {
        /// That other request cannot be decided on so.
        authority: String,
        /// The other request's authority, as people know it.
        why: Box<Refusal>,
    },
}

/// A request that waits for approval and has not expired.
#[derive(Clone, Copy, Debug)]
pub struct Pending<'a>(&'a Request);

/// What a decision leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// More approvals are needed.
    Pending(Request),
    /// That was the last approval that was needed.
    Approved(Request),
    /// One rejection is enough.
    Rejected(Request),
}

impl Outcome {
    /// The request as it is afterwards.
    pub fn request(&self) -> &Request {
        match self {
            Self::Pending(request) | Self::Rejected(request) | Self::Approved(request) => request,
        }
    }
}

impl From<Weak> for Refusal {
    fn from(weak: Weak) -> Self {
        match weak {
            Weak::Stale(fresh) => Self::StaleSignIn(words(fresh)),
            other => Self::WeakSignIn(other.to_string()),
        }
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

    /// What must still be there until it is approved, by the policy it was made under and by today's, were it approved by
    /// `also` as well. `None`: nothing.
    pub fn still_needed(&self, policy: &Policy, also: Option<&Actor>) -> Option<Missing> {
        let approvals = self.decisions.iter().filter(|decision| decision.verdict == Verdict::Approve);
        let groups = approvals.map(|decision| decision.groups.as_slice());
        let groups: Vec<&[String]> = groups.chain(also.map(|actor| actor.groups.as_slice())).collect();
        let (needed, demands) = self.today(policy, self.stored_targets());
        let frozen = still_needed(self.approvals_needed, &self.demands, &groups);
        let today = still_needed(needed, &demands, &groups);
        frozen.into_iter().chain(today).reduce(Missing::or)
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
    /// Those of `people`, as they last signed in, who may still decide, with those of their groups that are still missing.
    pub fn deciders<'p>(self, people: &'p [Actor], policy: &Policy) -> Vec<(&'p Actor, Vec<String>)> {
        let missing = self.0.still_needed(policy, None);
        let missing: Vec<String> =
            missing.into_iter().flat_map(|missing| missing.represented).map(|one| one.group).collect();
        let open = people.iter().filter(|actor| self.open_to(actor).is_ok());
        open.map(|actor| {
            let groups = actor.groups.iter().filter(|group| missing.contains(group));
            (actor, groups.cloned().collect())
        })
        .collect()
    }

    /// Whether `actor` may decide, whatever they would say; pages show the refusal beside the disabled buttons.
    pub fn open_to(self, actor: &Actor) -> Result<(), Refusal> {
        match (&self.0.alone, actor.person.is(&self.0.requester)) {
            (None, true) => return Err(Refusal::OwnRequest),
            (Some(_), false) => return Err(Refusal::Alone),
            (Some(alone), true) if !alone.allowed.allows(&actor.groups) => {
                return Err(Refusal::NotBreakGlass);
            }
            (Some(_), true) | (None, false) => (),
        }
        self.known(&self.0.demands, actor)?;
        if !actor.may(Permission::Approve) {
            return Err(Refusal::NotApprover);
        }
        if self.0.decisions.iter().any(|decision| decision.by.is(&actor.person)) {
            return Err(Refusal::DecidedAlready);
        }
        Ok(())
    }

    /// Whether it is known who is behind both accounts, where that is demanded.
    fn known(self, demands: &Demands, actor: &Actor) -> Result<(), Refusal> {
        match (&demands.people_claim, &actor.person.human, &self.0.requester.human) {
            (Some(_), None, _) => Err(Refusal::NoHuman),
            (Some(_), _, None) => Err(Refusal::NoRequester),
            _ => Ok(()),
        }
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
        let length = comment.as_ref().map_or(0, |text| text.chars().count());
        if length > 1000 {
            return Err(Refusal::Comment(length));
        }
        if verdict == Verdict::Reject && comment.is_none() {
            return Err(Refusal::NoReason);
        }
        let intent = Intent {
            request: self.0.id.clone(),
            by: actor.person.id.clone(),
            hash: seen.clone(),
            verdict,
            comment,
            salt,
            acr: Vec::new(),
            others: Vec::new(),
        };
        self.is_about(&intent)?;
        Ok(intent)
    }

    fn is_about(self, intent: &Intent) -> Result<(), Refusal> {
        intent.is_about(self.0).then_some(()).ok_or(Refusal::OtherHash)
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
        if self.0.alone.is_some() && !policy.breaks_glass(&actor.groups) {
            return Err(Refusal::NotBreakGlass);
        }
        let (_, demands_today) = self.0.today(policy, self.0.stored_targets());
        let unsigned = demands_today.request_sign_in && !self.0.demands.request_sign_in;
        if unsigned && intent.verdict == Verdict::Approve {
            return Err(Refusal::NotSigned);
        }
        self.known(&demands_today, actor)?;
        for demands in [&self.0.demands, &demands_today] {
            demands.just_now(actor, now)?;
        }
        let Intent { verdict, comment, .. } = intent;
        let mut request = self.0.clone();
        request.decisions.push(Decision {
            by: actor.person.clone(),
            at: now,
            verdict,
            comment,
            hash: self.0.hash.clone(),
            signed_in_at: actor.signed_in_at,
            groups: actor.groups.clone(),
        });
        if verdict == Verdict::Reject {
            request.state = RequestState::Rejected;
            return Ok(Outcome::Rejected(request));
        }
        if request.still_needed(policy, None).is_some() {
            return Ok(Outcome::Pending(request));
        }
        request.state = RequestState::Approved;
        Ok(Outcome::Approved(request))
    }
}

#[cfg(test)]
mod tests;
