//! The list of requests, one of them, and the forms that make one and decide on it.

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::authority::Authority;
use super::proposal::DryRunCounts;
use super::selection::{Selection, Shown};
use super::timeline::Moment;
use crate::authority::AuthorityId;
use crate::dry_run::DryRun;
use crate::finding::FindingId;
use crate::ids::{IncidentId, RequestId};
use crate::inventory::DeviceId;
use crate::people::Actor;
use crate::reason::RevocationReason;
use crate::revocation::{
    CannotStepIn, DrillReport, Execution, Mode, Refusal, Request, RequestState, Step, Target, TargetHash,
    Unsigned, Verdict,
};
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// Whose requests a list shows.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Inbox {
    /// Those that the viewer can decide on now.
    ForMe,
    /// Those that the viewer made.
    Mine,
    /// Everybody's.
    #[default]
    All,
}

impl Inbox {
    /// Each of them, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in URLs.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Which requests a list shows; the URL is its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestQuery {
    /// Whose requests.
    pub inbox: Inbox,
    /// Only those in this state.
    pub state: Option<RequestState>,
    /// Only those of this authority.
    pub authority: Option<AuthorityId>,
    /// Only those with this reason.
    pub reason: Option<RevocationReason>,
    /// A part of the requester's name.
    pub requester: Option<String>,
    /// Made from this moment on.
    pub from: Option<Timestamp>,
    /// Made before this moment.
    pub to: Option<Timestamp>,
    /// Those older than this one.
    pub before: Option<RequestId>,
}

impl RequestQuery {
    /// Whether the list shows it to `actor`, but for the page that it is on.
    pub fn takes(&self, request: &Request, actor: &Actor, now: Timestamp) -> bool {
        let in_inbox = match self.inbox {
            Inbox::All => true,
            Inbox::Mine => request.requester.id == actor.person.id,
            Inbox::ForMe => request.pending(now).and_then(|pending| pending.open_to(actor)).is_ok(),
        };
        let by = self
            .requester
            .as_ref()
            .is_none_or(|part| request.requester.name.to_lowercase().contains(&part.trim().to_lowercase()));
        in_inbox
            && by
            && self.state.is_none_or(|state| request.state == state)
            && self.authority.as_ref().is_none_or(|authority| request.authority.id() == *authority)
            && self.reason.is_none_or(|reason| request.reason == reason)
            && self.from.is_none_or(|from| request.requested_at >= from)
            && self.to.is_none_or(|to| request.requested_at < to)
    }
}

/// One page of requests, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestPage {
    /// Newest first.
    pub requests: Vec<Request>,
    /// More of them: pass it as `before`.
    pub next: Option<RequestId>,
    /// How many wait for approval, of all.
    pub waiting: u64,
}

/// One request with everything an approver must see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestView {
    /// As it is stored; expired, if its time has run out by now.
    pub request: Request,
    /// The CA that it is about.
    pub authority: Authority,
    /// Its state now.
    pub state: RequestState,
    /// All of them, in the order of their serial numbers.
    pub targets: Vec<Target>,
    /// The dry run made anew from the newest records: what changed since the request was made shows here.
    pub dry_run: DryRun,
    /// What came of each target; what is to be tried again waits.
    pub execution: Execution,
    /// What has happened to it and what is to come, oldest first.
    pub timeline: Vec<Moment>,
    /// Why the viewer cannot decide; `None`: they can.
    pub cannot_decide: Option<Refusal>,
    /// Why the viewer cannot cancel it; `None`: they can.
    pub cannot_cancel: Option<Refusal>,
    /// The steps that its state allows, each with why the viewer cannot take it; `None`: they can.
    pub steps: Vec<(Step, Option<CannotStepIn>)>,
    /// Whether it revokes or is a drill.
    pub mode: Mode,
    /// Of a drill that has ended.
    pub drill: Option<DrillReport>,
    /// What was made in one go with it.
    pub together: Vec<MadeWith>,
}

/// A request of another authority that was made in one go with one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeWith {
    /// The other request, as it is stored.
    pub request: Request,
    /// The CA that it is about.
    pub authority: Authority,
    /// What it would do now. `None`: a decision on the one is none on it, as it no longer waits for the viewer's.
    pub dry_run: Option<DryRunCounts>,
}

/// A certificate of a request that could not be revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedCertificate {
    /// Its serial number, of the request's authority.
    pub serial: Serial,
    /// The device that it was for when it was requested; `None`: not in the inventory.
    pub device: Option<DeviceId>,
    /// The subject as it was frozen: foreign text.
    pub subject: Option<String>,
    /// When it was given up.
    pub at: Timestamp,
    /// What the CA said.
    pub error: String,
}

/// A request as the form brings it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestForm {
    /// `None`: all authorities that have some of it.
    pub authority: Option<AuthorityId>,
    /// Which certificates.
    pub of: Selection,
    /// What the dry run has shown of it.
    pub shown: Shown,
    /// The reason that the CA is to be given.
    pub reason: RevocationReason,
    /// Why, as it was typed.
    pub justification: String,
    /// The requester's own reference, as it was typed.
    pub ticket: Option<String>,
    /// The finding that it comes from.
    pub finding: Option<FindingId>,
    /// The incident in the course of which it is asked for.
    pub incident: Option<IncidentId>,
    /// Nothing is to be revoked by it, whatever the configuration says.
    pub drill: bool,
    /// Why the requester executes it alone. `None`: others decide.
    pub alone: Option<String>,
}

/// What came of the form of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requested {
    /// One for each authority.
    Made(Vec<Request>),
    /// Nothing yet: it becomes one when its requester has signed for it.
    ToSign(Box<Unsigned>),
}

/// A decision as the form brings it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionForm {
    /// What is decided.
    pub verdict: Verdict,
    /// The hash of what was on the page ([`Request::seen`]).
    pub seen: TargetHash,
    /// The number of all certificates as it was typed; an approval of more than one needs it.
    pub count: Option<String>,
    /// What is said about it, as it was typed.
    pub comment: Option<String>,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Role;
    use crate::revocation::fixture::{actor, now, request};

    #[test]
    fn each_part_of_a_query_narrows_and_inboxes_are_somebodys() {
        let (waiting, _) = request(1);
        let mut requester = actor("x", &[Role::Operator]);
        requester.person = waiting.requester.clone();
        let approver = actor("approver", &[Role::Approver]);
        let takes = |query: &RequestQuery, actor: &Actor| query.takes(&waiting, actor, now());
        let all = RequestQuery::default();
        let inbox = |inbox| RequestQuery { inbox, ..all.clone() };
        assert!(takes(&all, &approver) && takes(&all, &requester));
        assert!(takes(&inbox(Inbox::Mine), &requester) && !takes(&inbox(Inbox::Mine), &approver));
        assert!(takes(&inbox(Inbox::ForMe), &approver) && !takes(&inbox(Inbox::ForMe), &requester));
        let made = waiting.requested_at;
        let name = waiting.requester.name.to_uppercase();
        let later = made.plus(Duration::from_secs(1));
        let good = RequestQuery {
            state: Some(RequestState::Pending),
            authority: Some(waiting.authority.id()),
            reason: Some(waiting.reason),
            requester: Some(format!(" {name}")),
            from: Some(made),
            to: Some(later),
            ..all
        };
        assert!(takes(&good, &approver));
        for bad in [
            RequestQuery { state: Some(RequestState::Proven), ..good.clone() },
            RequestQuery { authority: Some("another".parse().unwrap()), ..good.clone() },
            RequestQuery { reason: Some(RevocationReason::AACompromise), ..good.clone() },
            RequestQuery { requester: Some("nobody".to_owned()), ..good.clone() },
            RequestQuery { from: Some(later), ..good.clone() },
            RequestQuery { to: Some(made), ..good.clone() },
        ] {
            assert!(!takes(&bad, &approver), "{bad:?}");
        }
    }
}
