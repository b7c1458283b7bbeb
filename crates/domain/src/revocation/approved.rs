//! Which requests may be executed: those that people have provably agreed to, by the policy they were made under and by
//! today's. Only an [`Approved`] request can be executed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::decision::{Decision, Verdict};
use super::demands::Demands;
use super::missing::still_needed;
use super::policy::Policy;
use super::proof::{NotProven, Proven};
use super::request::Request;
use super::signed::Signed;
use super::state::RequestState;
use super::target::Target;
use crate::alerts::Alert;
use crate::finding::AlertFacts;
use crate::finding_kind::FindingKind;
use crate::people::{Permission, Person, PersonId, Roles};
use crate::scope::Scope;
use crate::timestamp::{Timestamp, words};

/// Why a request is not executed, found when it is about to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotExecutable {
    /// It is in a state in which nothing may be called; which, in words.
    #[error("The request is {0}.")]
    State(String),
    /// The hash over what is stored is not the request's own ([`Request::hash_of`]).
    #[error("What is stored is not what was approved: the hash of targets and reason differs.")]
    OtherHash,
    /// Its hash covers what this version does not know ([`Request::is_newer`]).
    #[error("It was made by a newer console: a worker of that version carries it out.")]
    Newer,
    /// Too few approvals are proven, by the policy that it was made under.
    #[error("It has not enough approvals of this hash by people other than the requester.")]
    Quorum,
    /// By today's policy the proven approvals are not enough; what that asks for, in words.
    #[error("Today's policy asks for {0}, which it has not. Ask for a new one.")]
    Stricter(String),
    /// An approval was given longer ago than policy lets it live.
    #[error(
        "The approval of {name} is older than {life}: it may no longer be carried out. Ask for a new one."
    )]
    Outlived {
        /// Whose approval it is.
        name: String,
        /// How long it might have been carried out, in words.
        life: String,
    },
    /// The requester approved it alone, and today's policy allows that to none of the groups in their token.
    #[error(
        "Its requester was to execute it alone, and the worker's own policy lets nobody of their groups do that (policy.break_glass)."
    )]
    BreakGlass,
    /// An approval or rejection has no good proof.
    #[error("The decision of {name} is not proven: {why}.")]
    NotProven {
        /// Who decided, by what is stored.
        name: String,
        /// What is wrong with the proof.
        why: NotProven,
    },
    /// Policy demands that the requester signs for it, and there is no good proof that they did.
    #[error("That {name} has asked for it is not proven: {why}.")]
    NotAsked {
        /// Who asked, by what is stored.
        name: String,
        /// What is wrong with the proof.
        why: NotProven,
    },
    /// Its entries have no proof to a checkpoint of the log.
    #[error("It waits for the ledger: its request and its approvals are not in a checkpoint of the log yet.")]
    NotPublished,
    /// Somebody behind it has no longer the role for that.
    #[error("{name} is no longer {role}.")]
    RoleLost {
        /// Who it is.
        name: String,
        /// The role, with its article: "an approver".
        role: &'static str,
    },
}

/// A request with the proven approvals that its quorum asks for. Nothing else can be executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    request: Request,
    /// How many targets its hash binds.
    targets: usize,
    proven: Vec<Proven>,
    /// The first approval that may no longer be carried out, and how long it might have been.
    outlived: Option<(Person, Duration)>,
}

impl NotExecutable {
    /// Whether it may be executable later, without anybody's doing.
    pub fn may_pass(&self) -> bool {
        let waits = |why: &NotProven| matches!(why, NotProven::UnknownKey(_) | NotProven::Ahead);
        match self {
            Self::NotProven { why, .. } | Self::NotAsked { why, .. } => waits(why),
            other => matches!(other, Self::Newer | Self::NotPublished),
        }
    }

    /// The alert about a request that the table wants carried out, and that nobody has provably approved: somebody writes it
    /// who should not.
    /// `None`: there is an honest reason.
    pub fn alert(&self, request: &Request, at: Timestamp) -> Option<Alert> {
        // What was called off a moment ago may still be looked at.
        let called_off = matches!(self, Self::State(_)) && request.state == RequestState::Cancelled;
        let honest = matches!(self, Self::Stricter(_) | Self::Outlived { .. } | Self::RoleLost { .. });
        if called_off || honest || self.may_pass() {
            return None;
        }
        let what = format!(
            "The {} {} is to be carried out by what the console's table says, and was not: {self} Somebody else than the console may write there.",
            request.noun(),
            request.id
        );
        Some(Alert {
            kind: FindingKind::DecisionNotProven,
            authority: Some(request.authority.clone()),
            scope: Scope::Authority(request.authority.id()),
            subject: request.id.to_string(),
            facts: AlertFacts {
                at,
                what,
                identity: None,
                address: None,
                events: Vec::new(),
                count: 1,
                proofs: [].into(),
            },
        })
    }
}

impl Approved {
    /// The same upon approvals that were proven anew, and upon what proves the request, where that is demanded: its targets are
    /// those that its hash was found to bind.
    pub fn again(
        self,
        signed: Option<Signed>,
        proven: Vec<Proven>,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Self, NotExecutable> {
        let request = &self.request;
        let signed = signed.filter(|signed| signed.is_of(request));
        if request.demands.request_sign_in && signed.is_none() {
            return Err(request.not_asked(NotProven::Unreadable));
        }
        let approvals = counts(request, &proven);
        let weak = |demands: &Demands| {
            let weak = |one: &&Proven| Some((one.decision().by.name.clone(), one.was_strong(demands).err()?));
            approvals.iter().find_map(weak)
        };
        let unknown = |demands: &Demands| {
            approvals
                .iter()
                .find_map(|one| Some((one.decision().by.name.clone(), one.is_known(demands).err()?)))
        };
        if let Some((name, why)) = unknown(&request.demands) {
            return Err(NotExecutable::NotProven { name, why });
        }
        if let Some((name, why)) = weak(&request.demands) {
            return Err(NotExecutable::NotProven { name, why: NotProven::Weak(why) });
        }
        if request.alone.is_some() && !approvals.iter().all(|one| policy.breaks_glass(one.signed_groups())) {
            return Err(NotExecutable::BreakGlass);
        }
        let groups: Vec<&[String]> = approvals.iter().map(|one| one.groups()).collect();
        // How many it needs is written in it, and nobody makes a request that needs none.
        if approvals.is_empty() || still_needed(request.approvals_needed, &request.demands, &groups).is_some()
        {
            return Err(NotExecutable::Quorum);
        }
        let (needed, demands) = request.today(policy, self.targets);
        let requester = &request.requester.name;
        match signed.map(|signed| signed.was_strong(&demands)) {
            None if demands.request_sign_in => {
                return Err(NotExecutable::Stricter(format!("a sign-in of {requester} to ask for it")));
            }
            Some(Err(why)) => {
                return Err(NotExecutable::Stricter(format!("another sign-in: that of {requester} {why}")));
            }
            _ => (),
        }
        if let Some(missing) = still_needed(needed, &demands, &groups) {
            return Err(NotExecutable::Stricter(missing.in_all(needed)));
        }
        if demands.people_claim.is_some()
            && (request.requester.human.is_none() || unknown(&demands).is_some())
        {
            return Err(NotExecutable::Stricter("who is behind each account".to_owned()));
        }
        if let Some((name, why)) = weak(&demands) {
            return Err(NotExecutable::Stricter(format!("another sign-in: that of {name} {why}")));
        }
        let outlived = |one: &&Proven| {
            let (given, by) = (one.given_at(), &one.decision().by);
            let lives = [&request.demands, &demands].map(|demands| demands.outlived(given, now));
            Some((by.clone(), lives.into_iter().flatten().min()?))
        };
        let outlived = approvals.iter().find_map(outlived);
        Ok(Self { proven, outlived, ..self })
    }

    /// The request as the worker that takes it on leaves it. The state is not in the hash: what was approved still is.
    pub fn executing(mut self) -> Self {
        self.request.state = RequestState::Executing;
        self
    }

    /// The request as it is executed.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// What everybody is told before the first call of a request that somebody executes alone. The same each time. `None`: it is
    /// none.
    pub fn glass_broken(&self) -> Option<Alert> {
        let request = &self.request;
        let alone = request.alone.as_ref()?;
        let what = format!(
            "{} executes the {} {} alone, and says why: {}",
            request.requester.name,
            request.noun(),
            request.id,
            alone.why
        );
        Some(Alert {
            kind: FindingKind::GlassBroken,
            authority: Some(request.authority.clone()),
            scope: Scope::Authority(request.authority.id()),
            subject: request.id.to_string(),
            facts: AlertFacts {
                at: request.requested_at,
                what,
                identity: None,
                address: None,
                events: Vec::new(),
                count: 1,
                proofs: [].into(),
            },
        })
    }

    /// Whoever stands behind it, each once: who asked for it and who provably approved it.
    pub fn people(&self) -> BTreeSet<PersonId> {
        let approvers = self.proven.iter().map(|one| &one.decision().by);
        std::iter::once(&self.request.requester).chain(approvers).map(|person| person.id.clone()).collect()
    }

    /// Whether it may be begun: its approvals are young enough, and everybody behind it still holds the role for it; people who
    /// are not in `roles` hold none. What has been begun goes on without that.
    pub fn still_backed(&self, roles: &BTreeMap<PersonId, Roles>) -> Result<(), NotExecutable> {
        if let Some((person, life)) = &self.outlived {
            return Err(NotExecutable::Outlived { name: person.name.clone(), life: words(*life) });
        }
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

/// Those approvals that count for the request: of its hash, by others than the requester, and one of each person. Of one that
/// its requester executes alone, theirs, if the provider has signed that they are of a group that may.
pub(super) fn counts<'p>(request: &Request, proven: &'p [Proven]) -> Vec<&'p Proven> {
    let may = |one: &Proven| match (&request.alone, one.decision().by.is(&request.requester)) {
        (Some(alone), true) => alone.allowed.allows(one.signed_groups()),
        (alone, own) => alone.is_none() && !own,
    };
    let approves =
        |decision: &Decision| decision.verdict == Verdict::Approve && decision.hash == request.hash;
    let mut counted: Vec<&Proven> = Vec::new();
    for one in proven.iter().filter(|one| approves(one.decision()) && may(one)) {
        if !counted.iter().any(|other| other.decision().by.is(&one.decision().by)) {
            counted.push(one);
        }
    }
    counted
}

impl Request {
    /// That its requester has asked for it is not proven.
    pub fn not_asked(&self, why: NotProven) -> NotExecutable {
        NotExecutable::NotAsked { name: self.requester.name.clone(), why }
    }

    /// The request as one that may be executed: countersigned, with exactly the `targets` that enough people other
    /// than the requester have provably approved, by the policy it was made under and by today's. Trusts nothing that is
    /// stored beside the hash, its own list of decisions least of all.
    pub fn approved(
        self,
        targets: &[Target],
        signed: Option<Signed>,
        proven: Vec<Proven>,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Approved, NotExecutable> {
        if !self.state.is_countersigned() {
            return Err(NotExecutable::State(self.state.label().to_lowercase()));
        }
        if self.is_newer() {
            return Err(NotExecutable::Newer);
        }
        if self.hash_of(targets) != self.hash {
            return Err(NotExecutable::OtherHash);
        }
        let of = Approved { targets: targets.len(), request: self, proven: Vec::new(), outlived: None };
        of.again(signed, proven, policy, now)
    }
}
