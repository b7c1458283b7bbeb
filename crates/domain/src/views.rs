//! What the console's verbs answer and what its pages show: shared by the server and the browser.

mod front_page;
mod proposal;
mod request_detail;
mod trail;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::authority::{AuthorityArn, AuthorityId};
use crate::certificate::{CertificateLine, CertificateStatus, X509Details};
use crate::finding::{Finding, FindingId, FindingStateName};
use crate::finding_kind::{FindingKind, Severity};
use crate::inventory::InventoryItem;
use crate::ledger::{Body, Break, EntryHash};
use crate::report::ReportRow;
use crate::revocation::{Execution, Mode, Policy, Refusal, Request, RequestId, RequestState, Target};
use crate::run::Run;
use crate::serial::Serial;
use crate::timestamp::Timestamp;
use crate::trail::{EventId, Issuance, RevocationCall};

pub use front_page::{Alarm, Alarms, FrontPage, TrailNow};
pub use proposal::{DryRunCounts, LISTED, Plan, Proposal};
pub use request_detail::{Change, Changed, Changes, RequestDetail, RequestList, TargetLine};
pub use trail::*;

/// An authority that Countersign looks after, from configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    pub arn: AuthorityArn,
    /// The name people know it by.
    pub name: String,
}

/// What the list of certificates is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateSort {
    #[default]
    Device,
    Expiry,
    Issued,
}

/// Which certificates a list shows; the URL is its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateQuery {
    /// A device id (or its beginning), or a serial number in any form.
    pub search: Option<String>,
    pub authority: Option<AuthorityId>,
    pub status: Option<CertificateStatus>,
    pub sort: CertificateSort,
    pub descending: bool,
    /// From 0.
    pub page: u32,
}

/// How many lines a page of any list has.
pub const PAGE_SIZE: u32 = 50;

/// One page of the list of certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificatePage {
    pub lines: Vec<CertificateLine>,
    pub total: u64,
    pub page: u32,
    /// When the records behind it were read; `None`: not yet, the first reading is under way or has failed.
    pub as_of: Option<Timestamp>,
    /// What keeps the records from being read, if anything does.
    pub problem: Option<String>,
}

/// Everything about one certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateView {
    pub authority: Authority,
    pub serial: Serial,
    pub status: CertificateStatus,
    /// Read from the table now.
    pub inventory: Vec<InventoryItem>,
    /// From the newest report that was read.
    pub report: Option<ReportRow>,
    pub report_as_of: Option<Timestamp>,
    /// What the trail says of it, or why it says nothing.
    pub issuance: Result<Issuance, NoIssuance>,
    pub revocation: Option<RevocationCall>,
    /// Read from the CA now; the error's text when that failed.
    pub x509: Result<X509Details, String>,
    pub findings: Vec<Finding>,
    /// Requests that have it among their targets, newest first.
    pub requests: Vec<Request>,
    /// What has happened to it and what is to come, oldest first.
    pub timeline: Vec<Moment>,
    /// Why no revocation can be requested now; `None`: it can.
    pub cannot_revoke: Option<String>,
}

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// `None`: still to come.
    pub at: Option<Timestamp>,
    /// "Requested by operator", "On the CRL", "Waiting for the CRL, usually 30 minutes".
    pub what: String,
    pub who: Option<String>,
    pub link: Option<Link>,
}

/// Where a line leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    Request(RequestId),
    Finding(FindingId),
    Run(AuthorityId, crate::RunId),
    Ledger(u64),
    Event(EventId),
}

/// Which findings a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingQuery {
    pub severity: Option<Severity>,
    pub kind: Option<FindingKind>,
    /// `None`: open and acknowledged, what waits for somebody.
    pub state: Option<FindingStateName>,
    pub authority: Option<AuthorityId>,
    /// From 0.
    pub page: u32,
}

/// One page of findings, the worst first, then the oldest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingPage {
    pub findings: Vec<Finding>,
    pub total: u64,
    pub page: u32,
    /// Open and acknowledged findings, over all authorities.
    pub waiting: BTreeMap<FindingKind, u64>,
}

/// One finding with what its page needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingView {
    pub finding: Finding,
    /// `None`: it is about a trail.
    pub authority: Option<Authority>,
    /// What became of telling somebody about it.
    pub notifications: Vec<Notification>,
    /// Why the viewer cannot handle it; `None`: they can.
    pub cannot_handle: Option<String>,
    /// Why no revocation can be requested now; `None`: it can.
    pub cannot_revoke: Option<String>,
}

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
    pub dry_run: crate::dry_run::DryRun,
    pub execution: Execution,
    pub timeline: Vec<Moment>,
    /// Why the viewer cannot decide; `None`: they can.
    pub cannot_decide: Option<Refusal>,
    /// Why the viewer cannot cancel it; `None`: they can.
    pub cannot_cancel: Option<Refusal>,
    pub mode: Mode,
}

/// A request as the form brings it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestForm {
    pub authority: AuthorityId,
    pub serials: Vec<Serial>,
    pub reason: crate::RevocationReason,
    pub justification: String,
    pub ticket: Option<String>,
    pub finding: Option<FindingId>,
}

/// One entry of the ledger, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    pub seq: u64,
    pub hash: EntryHash,
    /// The text of the entry when it is not one that this version reads.
    pub body: Result<Body, String>,
}

/// One page of the ledger, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerPage {
    pub lines: Vec<LedgerLine>,
    /// Older ones: pass it as `before`.
    pub next: Option<u64>,
    pub total: u64,
}

/// The whole chain, followed from its first entry to its head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerReport {
    pub entries: u64,
    pub head: EntryHash,
    pub broken: Option<Break>,
    pub verified_at: Timestamp,
}

/// The first page: what waits, and how fresh the records are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub authorities: Vec<AuthorityOverview>,
    pub waiting_findings: BTreeMap<FindingKind, u64>,
    pub waiting_requests: u64,
    pub certificates: BTreeMap<CertificateStatus, u64>,
    pub devices: u64,
    pub as_of: Option<Timestamp>,
}

/// One authority on the first page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityOverview {
    pub authority: Authority,
    /// The newest run, whatever became of it.
    pub last_run: Option<Run>,
    pub certificates: u64,
}

/// What a person may know of the configuration in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// "SANDBOX", or the account and region.
    pub environment: String,
    pub sandbox: bool,
    pub mode: Mode,
    pub policy: Policy,
}

/// What every page shows around its content: what the navigation counts, and whether anything works in the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// [`Waiting::COUNTED`]: that many, or more.
    pub findings: u64,
    pub requests: u64,
    pub worker: WorkerState,
}

/// Whether a worker is there that reads the trail, runs, and carries out what was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerState {
    Alive,
    /// None has given a sign of life since then.
    SilentSince(Timestamp),
    NeverSeen,
}

impl Waiting {
    /// Every page shows the count: it is not counted further than this.
    pub const COUNTED: usize = 1000;
}
