//! The list of requests, one of them, and the forms that make one and decide on it.

use serde::{Deserialize, Serialize};

use super::authority::Authority;
use super::timeline::Moment;
use crate::authority::AuthorityId;
use crate::dry_run::DryRun;
use crate::finding::FindingId;
use crate::ids::RequestId;
use crate::inventory::DeviceId;
use crate::reason::RevocationReason;
use crate::revocation::{
    CannotStepIn, Execution, Mode, Refusal, Request, RequestState, Step, Target, TargetHash, Verdict,
};
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// One page of requests, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestPage {
    pub requests: Vec<Request>,
    /// More of them: pass it as `before`.
    pub next: Option<RequestId>,
    pub waiting: u64,
}

/// One request with everything an approver must see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestView {
    pub request: Request,
    pub authority: Authority,
    pub state: RequestState,
    pub targets: Vec<Target>,
    /// The dry run made anew from the newest records: what changed since the request was made shows here.
    pub dry_run: DryRun,
    pub execution: Execution,
    pub timeline: Vec<Moment>,
    /// Why the viewer cannot decide; `None`: they can.
    pub cannot_decide: Option<Refusal>,
    /// Why the viewer cannot cancel it; `None`: they can.
    pub cannot_cancel: Option<Refusal>,
    /// The steps that its state allows, each with why the viewer cannot take it; `None`: they can.
    pub steps: Vec<(Step, Option<CannotStepIn>)>,
    pub mode: Mode,
}

/// A certificate of a request that could not be revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedCertificate {
    pub serial: Serial,
    pub device: Option<DeviceId>,
    pub subject: Option<String>,
    pub at: Timestamp,
    /// What the CA said.
    pub error: String,
}

/// A request as the form brings it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestForm {
    pub authority: AuthorityId,
    pub serials: Vec<Serial>,
    pub reason: RevocationReason,
    pub justification: String,
    pub ticket: Option<String>,
    pub finding: Option<FindingId>,
}

/// A decision as the form brings it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionForm {
    pub verdict: Verdict,
    /// The hash of what was on the page.
    pub seen: TargetHash,
    /// The number of certificates as it was typed; an approval of more than one needs it.
    pub count: Option<String>,
    pub comment: Option<String>,
}
