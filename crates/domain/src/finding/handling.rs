//! A finding and what can happen to it.

use serde::{Deserialize, Serialize};

use super::evidence::{Disagreement, Evidence, LeftOut};
use super::history::{FindingChange, FindingEvent};
use super::id::FindingId;
use super::state::FindingState;
use crate::authority::AuthorityArn;
use crate::finding_kind::FindingKind::{
    RevocationNotEffective, RogueIssuer, SubjectDiffers, UnattributedIssuance, UnauthorizedIssuance,
    UnrecordedIssuance,
};
use crate::foreign::stored_json;
use crate::ids::{RequestId, RunId};
use crate::people::{Actor, Permission, Person};
use crate::timestamp::Timestamp;

/// One disagreement and its handling. Its evidence and its history are bounded, so that it can always be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Kind, scope and subject: the same trouble is the same id in each run.
    pub id: FindingId,
    /// `None`: it is about a trail or a worker, not an authority.
    pub authority: Option<AuthorityArn>,
    /// Where its handling is, with whoever brought it there.
    pub state: FindingState,
    /// What it rests on: of the last run or alert that saw it.
    pub evidence: Evidence,
    /// When a run or an alert first saw it.
    pub first_seen: Timestamp,
    /// `None`: an alert opened it.
    pub first_run: Option<RunId>,
    /// When the state last changed.
    pub changed_at: Timestamp,
    /// Raised by one with each change: a stale page cannot overwrite a newer one.
    pub version: u64,
    /// What happened to it, oldest first, as much as is kept ([`FindingEvent::KEPT`], [`FindingEvent::BYTES`]).
    pub history: Vec<FindingEvent>,
}

/// Why a change of a finding is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FindingRefusal {
    /// The actor is no operator.
    #[error("Only an operator can do this.")]
    NotOperator,
    /// Nothing can be done to a closed one; a run that sees it again opens it again.
    #[error("The finding is closed: the last run no longer saw it.")]
    Closed,
    /// It is so already; the text says what.
    #[error("The finding is {0} already.")]
    Already(&'static str),
    /// An order about many findings has ended and cannot be stopped.
    #[error("It has come to its end already.")]
    Ended,
    /// The first of two people cannot be the second.
    #[error(
        "You have asked for its dismissal. It is critical: somebody else must confirm that it is no trouble."
    )]
    Second,
    /// The reason is shorter or longer than allowed. Holds how long it is, in characters.
    #[error("Say why in 10 to 1,000 characters: the next auditor reads it. These are {0}.")]
    Reason(usize),
}

/// The bounds of a stated reason, in characters.
const REASON: std::ops::RangeInclusive<usize> = 10..=1000;

impl Finding {
    /// A finding seen for the first time.
    pub fn opened(disagreement: Disagreement, run: RunId, now: Timestamp) -> Self {
        Self {
            id: disagreement.id(),
            authority: Some(disagreement.authority),
            state: FindingState::Open,
            evidence: disagreement.evidence,
            first_seen: now,
            first_run: Some(run.clone()),
            changed_at: now,
            version: 1,
            history: vec![FindingEvent { at: now, by: None, what: FindingChange::Opened { run } }],
        }
    }

    /// A finding that an event or a digest shows, before any run.
    pub fn raised(
        id: FindingId,
        authority: Option<AuthorityArn>,
        evidence: Evidence,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            authority,
            state: FindingState::Open,
            evidence,
            first_seen: now,
            first_run: None,
            changed_at: now,
            version: 1,
            history: vec![FindingEvent { at: now, by: None, what: FindingChange::Raised }],
        }
    }

    /// The same without what the records say, where it could not be stored with that: it says so.
    #[must_use]
    pub fn stub(&self) -> Self {
        let newest = self.history.len().saturating_sub(1);
        Self { evidence: self.evidence.stub(), history: self.history[newest..].to_vec(), ..self.clone() }
    }

    /// In the place of one whose stored form cannot be read, and whose version is all that is known: it is open, says so, and
    /// whatever sees the trouble again writes it anew.
    pub fn unreadable(id: FindingId, version: u64) -> Self {
        Self {
            id,
            authority: None,
            state: FindingState::Open,
            evidence: Evidence { left_out: Some(LeftOut::Unreadable), ..Evidence::default() },
            first_seen: Timestamp::EPOCH,
            first_run: None,
            changed_at: Timestamp::EPOCH,
            version,
            history: Vec::new(),
        }
    }

    /// When that happened which an alert saw; when it was first seen, where nobody knows.
    pub fn happened_at(&self) -> Timestamp {
        let alert = self.evidence.alert.as_ref().map(|alert| alert.at);
        alert
            .or_else(|| self.evidence.issuance.as_ref().map(|issuance| issuance.at))
            .unwrap_or(self.first_seen)
    }

    /// Until when somebody has taken it on. `None`: nobody has, or no day was set.
    pub fn due(&self) -> Option<Timestamp> {
        match &self.state {
            FindingState::Acknowledged { due, .. } => *due,
            _ => None,
        }
    }

    /// When its certificate was issued: as the report says, else the trail, else the inventory. `None`: it is about none, or
    /// nobody says.
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.id.subject.serial()?;
        let Evidence { report, issuance, inventory, .. } = &self.evidence;
        let reported = report.as_ref().map(|row| row.issued_at);
        let called = || issuance.as_ref().map(|issuance| issuance.at);
        reported.or_else(called).or_else(|| inventory.iter().find_map(|item| item.issued_at))
    }

    /// What an alert about the same trouble makes of it. `None`: nothing new. Trouble that goes on after it was dismissed is
    /// not what was dismissed: it opens again.
    pub fn raised_again(&self, evidence: &Evidence, now: Timestamp) -> Option<Self> {
        if !self.id.kind.is_alert() {
            return self.raised_after_run(evidence, now);
        }
        if self.evidence == *evidence {
            return None;
        }
        let mut next = self.clone();
        next.evidence = evidence.clone();
        next.version += 1;
        if matches!(self.state, FindingState::Closed { .. } | FindingState::Dismissed { .. }) {
            next.change(FindingState::Open, None, FindingChange::Raised, now);
        }
        Some(next)
    }

    /// A run was faster than the alert, and nobody was told of it yet; or now it is known where the call came from. What else is
    /// said of the certificate stays.
    fn raised_after_run(&self, evidence: &Evidence, now: Timestamp) -> Option<Self> {
        let told = self.history.iter().any(|event| event.what == FindingChange::Raised);
        let open = matches!(self.state, FindingState::Open | FindingState::Acknowledged { .. });
        let address = |of: &Evidence| of.issuance.as_ref().is_some_and(|issuance| issuance.address.is_some());
        let mut next = match told {
            _ if !open => return None,
            false => self.changed(self.state.clone(), None, FindingChange::Raised, now),
            true if address(evidence) && !address(&self.evidence) => {
                Self { version: self.version + 1, ..self.clone() }
            }
            true => return None,
        };
        next.evidence.issuance.clone_from(&evidence.issuance);
        next.evidence.authorisation = evidence.authorisation;
        Some(next)
    }

    /// What a run that sees it again makes of it. `None`: nothing changes.
    pub fn seen(&self, evidence: &Evidence, run: &RunId, now: Timestamp) -> Option<Self> {
        let reopens = matches!(self.state, FindingState::Closed { .. });
        if !reopens && self.evidence == *evidence {
            return None;
        }
        let mut next = self.clone();
        next.evidence = evidence.clone();
        next.version += 1;
        if reopens {
            next.change(FindingState::Open, None, FindingChange::Reopened { run: run.clone() }, now);
        }
        Some(next)
    }

    /// What a run that no longer sees it makes of it. `None`: it was closed already.
    pub fn gone(&self, run: &RunId, now: Timestamp) -> Option<Self> {
        let closed = FindingState::Closed { run: run.clone() };
        (!matches!(self.state, FindingState::Closed { .. }))
            .then(|| self.changed(closed, None, FindingChange::Closed { run: run.clone() }, now))
    }

    /// Takes it on.
    pub fn acknowledge(
        &self,
        actor: &Actor,
        due: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, FindingRefusal> {
        self.assign(actor, &actor.person, due, now)
    }

    /// Gives it into the hands of `owner`.
    pub fn assign(
        &self,
        actor: &Actor,
        owner: &Person,
        due: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, FindingRefusal> {
        self.open_to(actor)?;
        let mine = owner.id == actor.person.id;
        if matches!(&self.state, FindingState::Acknowledged { owner: now, due: same } if now.id == owner.id && *same == due)
        {
            let already = if mine { "acknowledged by you" } else { "assigned so" };
            return Err(FindingRefusal::Already(already));
        }
        let state = FindingState::Acknowledged { owner: owner.clone(), due };
        let what = match mine {
            true => FindingChange::Acknowledged { due },
            false => FindingChange::Assigned { to: owner.clone(), due },
        };
        Ok(self.changed(state, Some(actor.person.clone()), what, now))
    }

    /// A reason as it is kept.
    ///
    /// # Errors
    /// It is too short to say anything, or too long.
    pub fn stated(reason: &str) -> Result<String, FindingRefusal> {
        let reason = reason.trim();
        let length = reason.chars().count();
        REASON.contains(&length).then(|| reason.to_owned()).ok_or(FindingRefusal::Reason(length))
    }

    /// Declares it not to be trouble.
    pub fn dismiss(&self, actor: &Actor, reason: &str, now: Timestamp) -> Result<Self, FindingRefusal> {
        self.open_to(actor)?;
        let reason = Self::stated(reason)?;
        if matches!(self.state, FindingState::Dismissed { .. }) {
            return Err(FindingRefusal::Already("dismissed"));
        }
        let state = FindingState::Dismissed { by: actor.person.clone(), reason: reason.clone() };
        Ok(self.changed(state, Some(actor.person.clone()), FindingChange::Dismissed { reason }, now))
    }

    /// Notes that a request to revoke its certificate was made.
    pub fn revocation_requested(&self, by: &Person, request: RequestId, now: Timestamp) -> Self {
        let what = FindingChange::RevocationRequested { request };
        self.changed(self.state.clone(), Some(by.clone()), what, now)
    }

    /// Its certificate was revoked by a request here. `None`: that settles nothing, as the finding is about something
    /// else or no longer open.
    pub fn resolved(&self, request: RequestId, now: Timestamp) -> Option<Self> {
        let by_revoking = matches!(
            self.id.kind,
            UnauthorizedIssuance
                | RogueIssuer
                | UnattributedIssuance
                | UnrecordedIssuance
                | RevocationNotEffective
                | SubjectDiffers
        );
        let open = matches!(self.state, FindingState::Open | FindingState::Acknowledged { .. });
        (by_revoking && open).then(|| {
            let state = FindingState::Resolved { request: request.clone() };
            self.changed(state, None, FindingChange::Resolved { request }, now)
        })
    }

    /// Whether `actor` may handle it; pages show the refusal beside the disabled button.
    pub fn open_to(&self, actor: &Actor) -> Result<(), FindingRefusal> {
        if !actor.may(Permission::Operate) {
            return Err(FindingRefusal::NotOperator);
        }
        match self.state {
            FindingState::Closed { .. } => Err(FindingRefusal::Closed),
            _ => Ok(()),
        }
    }

    pub(super) fn changed(
        &self,
        state: FindingState,
        by: Option<Person>,
        what: FindingChange,
        now: Timestamp,
    ) -> Self {
        let mut next = self.clone();
        next.version += 1;
        next.change(state, by, what, now);
        next
    }

    fn change(&mut self, state: FindingState, by: Option<Person>, what: FindingChange, now: Timestamp) {
        self.state = state;
        self.changed_at = now;
        self.history.push(FindingEvent { at: now, by, what });
        let surplus = self.history.len().saturating_sub(FindingEvent::KEPT);
        self.history.drain(..surplus);
        while self.history.len() > 1 && stored_json(&self.history) > FindingEvent::BYTES {
            self.history.remove(0);
        }
    }
}
