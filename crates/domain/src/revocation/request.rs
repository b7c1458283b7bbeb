//! A request and its frozen targets.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::decision::{Decision, Verdict};
use super::demands::Demands;
use super::execution::Mode;
use super::intervention::Intervention;
use super::policy::{Asked, AskedBefore, Policy};
use super::state::RequestState;
use super::target::{Target, TargetHash};
use crate::authority::AuthorityArn;
use crate::finding::FindingId;
use crate::ids::RequestId;
use crate::inventory::DeviceId;
use crate::people::{Actor, Human, Permission, Person};
use crate::reason::RevocationReason;
use crate::timestamp::Timestamp;

/// How many certificates one request may revoke: what fits one DynamoDB transaction, and what a person can answer for.
pub const MAX_TARGETS: usize = 10_000;

/// What somebody asks for, before it becomes a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub authority: AuthorityArn,
    pub mode: Mode,
    pub targets: Vec<Target>,
    pub reason: RevocationReason,
    pub justification: String,
    /// A reference into the requester's own ticket system.
    pub ticket: Option<String>,
    /// The finding it comes from.
    pub finding: Option<FindingId>,
}

/// Why a draft does not become a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    #[error("Only an operator can request a revocation.")]
    NotOperator,
    #[error("None of the certificates can be revoked.")]
    NoTargets,
    #[error("One request revokes at most 10,000 certificates. Split it.")]
    TooManyTargets,
    #[error("Say why in 10 to 2,000 characters: the approvers decide by it.")]
    Justification,
    #[error(
        "The identity provider does not say which person is behind your account, and policy asks for that. Tell whoever runs the \
         console: docs/PROVIDERS.md says what helps (people)."
    )]
    NoHuman,
    #[error("Policy does not allow this reason here.")]
    Reason,
    #[error("Policy excludes this authority: nothing of it is revoked here.")]
    Excluded,
    #[error("A ticket reference has at most 100 characters.")]
    Ticket,
}

/// A revocation request, without its targets: they are stored beside it and bound to it by the hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub id: RequestId,
    pub authority: AuthorityArn,
    /// Whether it revokes or rehearses: whoever approves one has not approved the other.
    #[serde(default)]
    pub mode: Mode,
    pub state: RequestState,
    pub requester: Person,
    pub requested_at: Timestamp,
    pub expires_at: Timestamp,
    pub reason: RevocationReason,
    pub justification: String,
    pub ticket: Option<String>,
    pub finding: Option<FindingId>,
    pub target_count: u32,
    /// The first target, to name the request by.
    pub first_target: Target,
    pub hash: TargetHash,
    /// Which hash it is. It was not always stored.
    #[serde(default = "unstored_version")]
    pub hash_version: u32,
    pub policy_version: String,
    /// How many approvals it needs, fixed when it was made.
    pub approvals_needed: u32,
    /// What else is demanded of them, fixed with it.
    #[serde(default)]
    pub demands: Demands,
    /// Approvals and the one rejection, oldest first.
    pub decisions: Vec<Decision>,
    /// What people did with it after its approval, oldest first.
    #[serde(default)]
    pub interventions: Vec<Intervention>,
    /// When it was cancelled: by its requester, or by the executor if `problem` says why.
    pub cancelled_at: Option<Timestamp>,
    /// Why it was not executed although it was approved (a role lost since, targets changed in the store), why its
    /// execution is interrupted, or why its proof is overdue.
    #[serde(default)]
    pub problem: Option<String>,
    /// How many certificates it has revoked that are not yet proven to be.
    #[serde(default)]
    pub unproven: u32,
    pub executed_at: Option<Timestamp>,
    pub proven_at: Option<Timestamp>,
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
        if !(10..=2000).contains(&justification.chars().count()) {
            return Err(DraftError::Justification);
        }
        let ticket = self.ticket.map(|ticket| ticket.trim().to_owned()).filter(|ticket| !ticket.is_empty());
        if ticket.as_ref().is_some_and(|ticket| ticket.chars().count() > 100) {
            return Err(DraftError::Ticket);
        }
        let asked = Asked { authority: &self.authority, reason: self.reason, targets: targets.len(), before };
        let (approvals_needed, demands) = (policy.approvals(&asked), policy.demands(&asked));
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

/// What the hash of new requests covers. Whoever changes that counts on, and keeps the older ones: what they froze stays valid.
pub(super) const HASH_VERSION: u32 = 3;

/// The version of requests that do not name theirs.
fn unstored_version() -> u32 {
    2
}

impl Request {
    /// The hash over everything that an approver sees and that the executor goes by: whatever of it is changed in the
    /// store afterwards is noticed. `targets` are sorted by serial number, as [`Draft::freeze`] leaves them.
    pub fn hash_of(&self, targets: &[Target]) -> TargetHash {
        let mut hasher = Sha256::new();
        let mut line = |text: &str| {
            hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(text.as_bytes());
        };
        line(&format!("countersign revocation request {}", self.hash_version));
        line(self.id.as_str());
        line(self.mode.name());
        line(self.authority.as_str());
        line(self.requester.id.as_str());
        line(self.reason.aws());
        line(&self.justification);
        line(self.ticket.as_deref().unwrap_or_default());
        line(&self.finding.as_ref().map(FindingId::to_string).unwrap_or_default());
        line(&self.requested_at.to_string());
        line(&self.expires_at.to_string());
        line(&self.policy_version);
        line(&self.approvals_needed.to_string());
        if self.hash_version >= 3 {
            self.demands.lines(&mut line);
            line(self.requester.human.as_ref().map(Human::as_str).unwrap_or_default());
        }
        for target in targets {
            line(&target.serial.to_string());
            line(target.fingerprint.as_deref().unwrap_or_default());
            line(target.device.as_ref().map(DeviceId::as_str).unwrap_or_default());
            line(target.serial_key.as_deref().unwrap_or_default());
            line(target.subject.as_deref().unwrap_or_default());
        }
        TargetHash::of(hasher)
    }

    /// What today's policy says of it with so many `targets`: how many approvals it asks for, and what it demands of them. What
    /// was asked for before is in the number that was frozen.
    pub fn today(&self, policy: &Policy, targets: usize) -> (u32, Demands) {
        let asked = Asked { authority: &self.authority, reason: self.reason, targets, before: &[] };
        (policy.approvals(&asked), policy.demands(&asked))
    }

    /// What it counts for when `requester` asks for something of `authority` at `now`. `None`: it is about something else, or
    /// was called off, rejected or has expired.
    pub fn before(
        &self,
        requester: &Person,
        authority: &AuthorityArn,
        now: Timestamp,
    ) -> Option<AskedBefore> {
        let is_over =
            matches!(self.state, RequestState::Cancelled | RequestState::Rejected | RequestState::Expired);
        let counts = self.requester.is(requester) && self.authority == *authority && !is_over;
        counts.then(|| AskedBefore { ago: now.since(self.requested_at), targets: self.target_count })
    }

    /// How many targets it says it has. The hash does not cover that: the executor counts them.
    pub(super) fn stored_targets(&self) -> usize {
        usize::try_from(self.target_count).unwrap_or(usize::MAX)
    }

    /// The classes of sign-in to decide with (`acr_values`): those that both policies take, or the one that names any.
    pub fn acr_values(&self, policy: &Policy) -> Vec<String> {
        let (frozen, today) = (&self.demands.acr, &policy.acr);
        match (frozen.is_empty(), today.is_empty()) {
            (true, _) => today.clone(),
            (_, true) => frozen.clone(),
            _ => today.iter().filter(|class| frozen.contains(class)).cloned().collect(),
        }
    }

    pub fn approvals(&self) -> usize {
        self.decisions.iter().filter(|decision| decision.verdict == Verdict::Approve).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Subject;
    use crate::revocation::Represented;
    use crate::revocation::fixture::{actor, draft, id, now, policy, target};
    use crate::{FindingKind, Role};

    fn frozen() -> (Request, Vec<Target>) {
        draft(&["0b", "0a"])
            .freeze(id(1), &actor("operator", &[Role::Operator]), &policy(1), &[], now())
            .unwrap()
    }

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
            assert_eq!(refused(draft), DraftError::Justification, "{text}");
        }
        assert_eq!(refused(Draft { ticket: Some("T".repeat(101)), ..good.clone() }), DraftError::Ticket);
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

    /// One change of a request or its targets.
    type Change = fn(&mut Request, &mut Vec<Target>);

    #[test]
    fn the_hash_changes_with_each_field_that_is_approved() {
        let changes: [(&str, Change); 26] = [
            ("id", |r, _| r.id = id(2)),
            ("mode", |r, _| r.mode = Mode::DryRun),
            ("authority", |r, _| r.authority = r.authority.as_str().replace("1122", "3344").parse().unwrap()),
            ("requester", |r, _| r.requester = actor("other", &[]).person),
            ("reason", |r, _| r.reason = RevocationReason::Superseded),
            ("justification", |r, _| r.justification.push('!')),
            ("ticket", |r, _| r.ticket = Some("OPS-2".to_owned())),
            ("finding", |r, _| {
                let scope = r.authority.id().into();
                let subject = Subject::Certificate(r.first_target.serial);
                r.finding = Some(FindingId { kind: FindingKind::Duplicate, scope, subject });
            }),
            ("requested_at", |r, _| r.requested_at = now().plus(std::time::Duration::from_secs(1))),
            ("expires_at", |r, _| r.expires_at = r.expires_at.plus(std::time::Duration::from_secs(1))),
            ("policy", |r, _| r.policy_version.push('0')),
            ("approvals_needed", |r, _| r.approvals_needed += 1),
            ("represented", |r, _| {
                r.demands.represented.push(Represented { group: "security".to_owned(), approvals: 1 });
            }),
            ("approval_life", |r, _| r.demands.approval_life = None),
            ("fresh_sign_in", |r, _| r.demands.fresh_sign_in = None),
            ("acr", |r, _| r.demands.acr.push("phr".to_owned())),
            ("amr", |r, _| r.demands.amr.push("phr".to_owned())),
            ("people_claim", |r, _| r.demands.people_claim = Some("employee_id".to_owned())),
            ("iat", |r, _| r.demands.iat_counts = true),
            ("the human who asks", |r, _| r.requester.human = Some("7".parse().unwrap())),
            ("one target less", |_, t| drop(t.pop())),
            ("another target", |_, t| t[0].serial = "0c".parse().unwrap()),
            ("fingerprint", |_, t| t[0].fingerprint = Some("ab".repeat(32))),
            ("device", |_, t| t[0].device = Some("other".parse().unwrap())),
            ("serial_key", |_, t| t[0].serial_key = Some("0A".to_owned())),
            ("subject", |_, t| t[0].subject = Some("CN=other".to_owned())),
        ];
        for (what, change) in changes {
            let (mut request, mut targets) = frozen();
            change(&mut request, &mut targets);
            assert_ne!(request.hash_of(&targets), request.hash, "{what}");
        }
    }

    #[test]
    fn the_hash_outlives_what_happens_to_the_request() {
        let (mut request, targets) = frozen();
        request.state = RequestState::Executed;
        request.executed_at = Some(now());
        assert_eq!(request.hash_of(&targets), request.hash);
    }

    #[test]
    fn texts_do_not_run_into_each_other() {
        let (mut request, targets) = frozen();
        request.justification = "one".to_owned();
        request.ticket = Some("two".to_owned());
        let hash = request.hash_of(&targets);
        request.justification = "onetwo".to_owned();
        request.ticket = None;
        assert_ne!(request.hash_of(&targets), hash);
    }
}
