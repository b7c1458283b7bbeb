//! A request and its frozen targets.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::break_glass::Alone;
use super::decision::{Decision, Verdict};
use super::demands::Demands;
use super::execution::Mode;
use super::intervention::Intervention;
use super::origin::Origin;
use super::policy::{Asked, AskedBefore, Policy};
use super::state::RequestState;
use super::target::{Target, TargetHash};
use super::tree::TargetTree;
use crate::authority::AuthorityArn;
use crate::finding::FindingId;
use crate::ids::RequestId;
use crate::people::{Human, Person};
use crate::reason::RevocationReason;
use crate::timestamp::Timestamp;

/// A revocation request, without its targets: they are stored beside it and bound to it by the hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Names it; pages, findings and the ledger use it.
    pub id: RequestId,
    /// The CA whose certificates it is about.
    pub authority: AuthorityArn,
    /// Whether it revokes or is a drill: whoever approves one has not approved the other.
    #[serde(default)]
    pub mode: Mode,
    /// Where it is; the hash does not cover that.
    pub state: RequestState,
    /// Who asked for it.
    pub requester: Person,
    /// When it was frozen, by the console's clock.
    pub requested_at: Timestamp,
    /// When it expires unless it is decided.
    pub expires_at: Timestamp,
    /// The reason that the CA is given for each certificate.
    pub reason: RevocationReason,
    /// Why, in the requester's words: 10 to 2,000 characters.
    pub justification: String,
    /// The requester's own reference, at most 100 characters.
    pub ticket: Option<String>,
    /// The finding that it comes from.
    pub finding: Option<FindingId>,
    /// What else led to it.
    #[serde(default)]
    pub origin: Origin,
    /// Those of other authorities that were made in one go with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<RequestId>,
    /// How many targets are stored with it. The hash covers their true number, and not this.
    pub target_count: u32,
    /// The first target, to name the request by.
    pub first_target: Target,
    /// What people decide on: [`Request::hash_of`] its targets.
    pub hash: TargetHash,
    /// Which hash it is. It was not always stored.
    #[serde(default = "unstored_version")]
    pub hash_version: u32,
    /// [`Policy::version`](super::Policy::version) when it was made.
    pub policy_version: String,
    /// Its requester executes it alone. `None`: others decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alone: Option<Alone>,
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
    /// When nothing of it was left to be called; `None`: not yet.
    pub executed_at: Option<Timestamp>,
    /// When the last of its certificates was proven to be revoked; `None`: not yet.
    pub proven_at: Option<Timestamp>,
}

/// What the hash of new requests covers. Whoever changes that counts on, and keeps the older ones: what they froze stays valid.
pub(super) const HASH_VERSION: u32 = 6;

/// The version of requests that do not name theirs.
fn unstored_version() -> u32 {
    2
}

impl Request {
    /// The hash over everything that an approver sees and that the executor goes by: whatever of it is changed in the
    /// store afterwards is noticed. `targets` are sorted by serial number, as [`Draft::freeze`](super::Draft::freeze) leaves them.
    pub fn hash_of(&self, targets: &[Target]) -> TargetHash {
        if self.hash_version >= 3 {
            return self.hash_of_tree(targets.len(), &TargetTree::of(targets).root());
        }
        let texts = |target: &Target| {
            [
                Some(target.serial.to_string()),
                target.fingerprint.clone(),
                target.device.as_ref().map(|device| device.as_str().to_owned()),
                target.serial_key.clone(),
                target.subject.clone(),
            ]
        };
        self.hash_over(targets.iter().flat_map(texts).map(Option::unwrap_or_default))
    }

    /// The same, of what is known of the targets: their number, and the root of their tree ([`TargetTree::root`]).
    pub(super) fn hash_of_tree(&self, targets: usize, root: &str) -> TargetHash {
        self.hash_over([targets.to_string(), root.to_owned()])
    }

    /// `targets`: what stands for them.
    fn hash_over(&self, targets: impl IntoIterator<Item = String>) -> TargetHash {
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
        // Those before it knew nothing of that: whatever is stored, they were none.
        match &self.alone {
            Some(alone) => alone.lines(&mut line),
            None if self.hash_version >= 4 => line("by others"),
            None => (),
        }
        if self.hash_version >= 4 {
            line(if self.demands.request_sign_in { "signed" } else { "unsigned" });
        }
        if self.hash_version >= 5 {
            line(&self.together.len().to_string());
            self.together.iter().for_each(|other| line(other.as_str()));
        }
        if self.hash_version >= 6 {
            self.origin.lines(&mut line);
        }
        targets.into_iter().for_each(|text| line(&text));
        TargetHash::of(hasher)
    }

    /// What today's policy says of it with so many `targets`: how many approvals it asks for, and what it demands of them. What
    /// was asked for before is in the number that was frozen.
    pub fn today(&self, policy: &Policy, targets: usize) -> (u32, Demands) {
        let asked = Asked { authority: &self.authority, reason: self.reason, targets, before: &[] };
        policy.terms(&asked, self.alone.is_some())
    }

    /// A newer console froze it, and may keep what proves it in another way: whoever is older leaves it alone.
    pub fn is_newer(&self) -> bool {
        self.hash_version > HASH_VERSION
    }

    /// Nothing is revoked by it, whatever people decide.
    pub fn is_drill(&self) -> bool {
        self.mode == Mode::Drill
    }

    /// What people are told that it is.
    pub fn noun(&self) -> &'static str {
        if self.is_drill() { "drill" } else { "request" }
    }

    /// What it counts for when `requester` asks for something of `authority` at `now`. `None`: it is about something else, is
    /// a drill, or was called off, rejected or has expired.
    pub fn before(
        &self,
        requester: &Person,
        authority: &AuthorityArn,
        now: Timestamp,
    ) -> Option<AskedBefore> {
        let is_over =
            matches!(self.state, RequestState::Cancelled | RequestState::Rejected | RequestState::Expired);
        let counts =
            self.requester.is(requester) && self.authority == *authority && !is_over && !self.is_drill();
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

    /// Whether others are to decide it, and hardly have time: a quarter of what they had, and four hours at most.
    pub fn expires_soon(&self, now: Timestamp) -> bool {
        const LATEST: Duration = Duration::from_secs(4 * 3600);
        let before = (self.expires_at.since(self.requested_at) / 4).min(LATEST);
        let waits = self.state == RequestState::Pending && self.alone.is_none();
        waits && now < self.expires_at && now >= self.expires_at.minus(before)
    }

    /// How many have approved it, by what is stored.
    pub fn approvals(&self) -> usize {
        self.decisions.iter().filter(|decision| decision.verdict == Verdict::Approve).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Subject;
    use crate::revocation::Represented;
    use crate::revocation::fixture::{actor, draft, id, now, policy};
    use crate::{FindingKind, Role};

    fn frozen() -> (Request, Vec<Target>) {
        draft(&["0b", "0a"])
            .freeze(id(1), &actor("operator", &[Role::Operator]), &policy(1), &[], now())
            .unwrap()
    }

    /// One change of a request or its targets.
    type Change = fn(&mut Request, &mut Vec<Target>);

    #[test]
    fn the_hash_changes_with_each_field_that_is_approved() {
        let changes: [(&str, Change); 30] = [
            ("id", |r, _| r.id = id(2)),
            ("mode", |r, _| r.mode = Mode::Drill),
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
            ("together", |r, _| r.together.push(id(3))),
            ("chosen", |r, _| r.origin.chosen.push('!')),
            ("incident", |r, _| r.origin.incident = Some(id(3).as_str().parse().unwrap())),
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
            ("request_sign_in", |r, _| r.demands.request_sign_in = true),
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
    fn whoever_is_to_decide_is_reminded_before_it_is_too_late() {
        let (request, _) = frozen();
        let after = |hours: u64| now().plus(Duration::from_secs(hours * 3600));
        let of = Request { expires_at: after(24), ..request.clone() };
        assert_eq!([19, 20, 23, 24].map(|hours| of.expires_soon(after(hours))), [false, true, true, false]);
        let short = Request { expires_at: after(4), ..request };
        assert_eq!([2, 3].map(|hours| short.expires_soon(after(hours))), [false, true]);
        assert!(!Request { state: RequestState::Approved, ..short }.expires_soon(after(3)));
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
