//! What somebody asks for, and how it is frozen into a request.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::break_glass::Alone;
use super::execution::Mode;
use super::origin::Origin;
use super::policy::{Asked, AskedBefore, Policy};
use super::request::{HASH_VERSION, Request};
use super::state::RequestState;
use super::target::{Target, TargetHash};
use crate::authority::AuthorityArn;
use crate::finding::FindingId;
use crate::ids::RequestId;
use crate::people::{Actor, Permission};
use crate::reason::RevocationReason;
use crate::timestamp::Timestamp;

/// How many certificates one request may revoke: at AWS's quota that is an hour and a half.
pub const MAX_TARGETS: usize = 100_000;

/// What somebody asks for, before it becomes a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The one authority that all targets are of.
    pub authority: AuthorityArn,
    /// Whether it is to revoke or to be a drill.
    pub mode: Mode,
    /// What to revoke, in any order; the same serial number twice is one.
    pub targets: Vec<Target>,
    /// The reason that the CA is given for each.
    pub reason: RevocationReason,
    /// Why: 10 to 2,000 characters, without the spaces around them.
    pub justification: String,
    /// A reference into the requester's own ticket system.
    pub ticket: Option<String>,
    /// The finding it comes from.
    pub finding: Option<FindingId>,
    /// What else led to it.
    pub origin: Origin,
    /// Why the requester executes it alone. `None`: others decide.
    pub alone: Option<String>,
    /// The requests of other authorities that it is made with.
    pub together: Vec<RequestId>,
}

/// Why a draft does not become a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// The requester does not hold the role of an operator.
    #[error("Only an operator can request a revocation.")]
    NotOperator,
    /// There is no target.
    #[error("None of the certificates can be revoked.")]
    NoTargets,
    /// There are more than [`MAX_TARGETS`].
    #[error("One request revokes at most {MAX_TARGETS} certificates. Split it.")]
    TooManyTargets,
    /// The justification is shorter or longer than allowed. Holds how long it is, in characters.
    #[error("Say why in 10 to 2,000 characters: the approvers decide by it. These are {0}.")]
    Justification(usize),
    /// The claim that policy names is not in the requester's sign-in.
    #[error(
        "The identity provider does not say which person is behind your account, and policy asks for that. Tell whoever runs the \
         console: docs/PROVIDERS.md says what helps (people)."
    )]
    NoHuman,
    /// Policy names the reasons that may be given, and this is none of them.
    #[error("Policy does not allow this reason here.")]
    Reason,
    /// Policy names the authority among those of which nothing is revoked.
    #[error("Policy excludes this authority: nothing of it is revoked here.")]
    Excluded,
    /// It is to be executed alone, and policy allows that to none of the requester's groups.
    #[error("You are in no group that may execute alone.")]
    NotBreakGlass,
    /// Why it is to be executed alone is shorter or longer than allowed. Holds how long it is, in characters.
    #[error(
        "Say in 10 to 2,000 characters why it cannot wait for somebody else: everybody is told. These are {0}."
    )]
    WhyAlone(usize),
    /// The reference is longer than allowed. Holds how long it is, in characters.
    #[error("A ticket reference has at most 100 characters. These are {0}.")]
    Ticket(usize),
}

impl Draft {
    /// Freezes the draft: targets sorted and each once, bound by a hash. `before`: what the requester asked for before, of
    /// the same authority.
    pub fn freeze(
        self,
        id: RequestId,
        requester: &Actor,
        policy: &Policy,
        before: &[AskedBefore],
        now: Timestamp,
    ) -> Result<(Request, Vec<Target>), DraftError> {
        if !requester.may(Permission::Operate) {
            return Err(DraftError::NotOperator);
        }
        if policy.people_claim.is_some() && requester.person.human.is_none() {
            return Err(DraftError::NoHuman);
        }
        if policy.excluded.contains(&self.authority) {
            return Err(DraftError::Excluded);
        }
        if !policy.reasons().any(|reason| reason == self.reason) {
            return Err(DraftError::Reason);
        }
        let mut targets = self.targets;
        targets.sort_by_key(|target| target.serial);
        let mut seen = BTreeSet::new();
        targets.retain(|target| seen.insert(target.serial));
        let first_target = targets.first().cloned().ok_or(DraftError::NoTargets)?;
        if targets.len() > MAX_TARGETS {
            return Err(DraftError::TooManyTargets);
        }
        let justification = self.justification.trim().to_owned();
        let length = justification.chars().count();
        if !(10..=2000).contains(&length) {
            return Err(DraftError::Justification(length));
        }
        let ticket = self.ticket.map(|ticket| ticket.trim().to_owned()).filter(|ticket| !ticket.is_empty());
        let length = ticket.as_ref().map_or(0, |ticket| ticket.chars().count());
        if length > 100 {
            return Err(DraftError::Ticket(length));
        }
        let alone = match self.alone.map(|why| why.trim().to_owned()) {
            None => None,
            Some(why) if !(10..=2000).contains(&why.chars().count()) => {
                return Err(DraftError::WhyAlone(why.chars().count()));
            }
            Some(why) => {
                let allowed = policy.break_glass.clone().filter(|allowed| allowed.allows(&requester.groups));
                Some(Alone { why, allowed: allowed.ok_or(DraftError::NotBreakGlass)? })
            }
        };
        let asked = Asked { authority: &self.authority, reason: self.reason, targets: targets.len(), before };
        let (approvals_needed, demands) = policy.terms(&asked, alone.is_some());
        let mut request = Request {
            id,
            authority: self.authority,
            mode: self.mode,
            state: RequestState::Pending,
            requester: requester.person.clone(),
            requested_at: now,
            expires_at: now.plus(policy.request_expiry),
            reason: self.reason,
            justification,
            ticket,
            finding: self.finding,
            origin: self.origin,
            together: self.together,
            alone,
            target_count: u32::try_from(targets.len()).unwrap_or(u32::MAX),
            first_target,
            hash: TargetHash::of(Sha256::new()),
            policy_version: policy.version(),
            hash_version: HASH_VERSION,
            approvals_needed,
            demands,
            decisions: Vec::new(),
            interventions: Vec::new(),
            cancelled_at: None,
            problem: None,
            unproven: 0,
            executed_at: None,
            proven_at: None,
        };
        request.hash = request.hash_of(&targets);
        Ok((request, targets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use crate::revocation::fixture::{actor, draft, id, now, policy, target};

    #[test]
    fn freezing_sorts_and_keeps_each_target_once() {
        let operator = actor("operator", &[Role::Operator]);
        let (request, targets) =
            draft(&["0b", "0a", "0b"]).freeze(id(1), &operator, &policy(1), &[], now()).unwrap();
        assert_eq!(targets, [target("0a"), target("0b")]);
        assert_eq!((request.target_count, &request.first_target), (2, &target("0a")));
        assert_eq!(request.state, RequestState::Pending);
        assert_eq!(request.expires_at, now().plus(policy(1).request_expiry));
        assert_eq!(request.hash, request.hash_of(&targets));
    }

    #[test]
    fn a_draft_that_nobody_could_answer_for_is_refused() {
        let operator = actor("operator", &[Role::Operator]);
        let refused = |draft: Draft| draft.freeze(id(1), &operator, &policy(1), &[], now()).unwrap_err();
        let good = draft(&["0a"]);
        assert_eq!(refused(Draft { targets: vec![], ..good.clone() }), DraftError::NoTargets);
        let many = (1..=MAX_TARGETS + 1).map(|n| target(&format!("{n:x}"))).collect();
        assert_eq!(refused(Draft { targets: many, ..good.clone() }), DraftError::TooManyTargets);
        for text in ["", "too short", &"x".repeat(2001), &format!("{}short", " ".repeat(20))] {
            let draft = Draft { justification: text.to_owned(), ..good.clone() };
            assert!(matches!(refused(draft), DraftError::Justification(_)), "{text}");
        }
        assert_eq!(refused(Draft { ticket: Some("T".repeat(101)), ..good.clone() }), DraftError::Ticket(101));
        let refused =
            |policy: &Policy| good.clone().freeze(id(1), &operator, policy, &[], now()).unwrap_err();
        let excluded = vec![good.authority.clone()];
        assert_eq!(refused(&Policy { excluded, ..policy(1) }), DraftError::Excluded);
        let reasons = vec![RevocationReason::Superseded];
        assert_eq!(refused(&Policy { reasons, ..policy(1) }), DraftError::Reason);
        for roles in [&[][..], &[Role::Approver, Role::Auditor]] {
            let error = good.clone().freeze(id(1), &actor("a", roles), &policy(1), &[], now()).unwrap_err();
            assert_eq!(error, DraftError::NotOperator);
        }
    }
}
