//! The first page, and what each page has: the navigation and the configuration in force.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::authority::Authority;
use crate::certificate::CertificateStatus;
use crate::finding_kind::FindingKind;
use crate::revocation::{Mode, Policy};
use crate::run::Run;
use crate::timestamp::Timestamp;

/// The first page: what waits, and how fresh the records are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Each that is configured, in that order.
    pub authorities: Vec<AuthorityOverview>,
    /// Open and acknowledged findings, by kind.
    pub waiting_findings: BTreeMap<FindingKind, u64>,
    /// Requests that wait for approval.
    pub waiting_requests: u64,
    /// Certificates of all authorities, by what they are now.
    pub certificates: BTreeMap<CertificateStatus, u64>,
    /// Devices in the inventory, each once.
    pub devices: u64,
    /// When the records behind these numbers were read; `None`: not yet.
    pub as_of: Option<Timestamp>,
    /// The last [`DayCounts::SHOWN`] days, today at the end.
    pub days: Vec<DayCounts>,
}

/// What happened on one day (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCounts {
    /// When it begins.
    pub from: Timestamp,
    /// Certificates.
    pub issued: u64,
    /// Certificates revoked then.
    pub revoked: u64,
    /// Findings: first seen then, and closed, dismissed or resolved then.
    pub opened: u64,
    /// See [`DayCounts::opened`].
    pub ended: u64,
}

impl DayCounts {
    /// How many days the first page has.
    pub const SHOWN: u32 = 30;

    /// A day on which nothing happened.
    pub fn none(from: Timestamp) -> Self {
        Self { from, issued: 0, revoked: 0, opened: 0, ended: 0 }
    }
}

/// One authority on the first page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityOverview {
    /// Its ARN and name.
    pub authority: Authority,
    /// The newest run, whatever became of it.
    pub last_run: Option<Run>,
    /// Certificates of it that the records have.
    pub certificates: u64,
}

/// What a person may know of the configuration in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// What the console calls the place it looks at, where it has a name.
    pub environment: Option<String>,
    /// Its account and Region.
    pub place: String,
    /// AWS is played by a program on this machine: its endpoints are here.
    pub sandbox: bool,
    /// Whether revoking is real, for new requests.
    pub mode: Mode,
    /// What may be asked for, and who must agree.
    pub policy: Policy,
}

/// What every page shows around its content: what the navigation counts, and whether anything works in the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// [`Waiting::COUNTED`]: that many, or more.
    pub findings: u64,
    /// How many requests wait for approval.
    pub requests: u64,
    /// How many incidents are open.
    pub incidents: u64,
    /// Whether a worker is there.
    pub worker: WorkerState,
}

/// Whether a worker is there that reads the trail, runs, and carries out what was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerState {
    /// One has given a sign of life within [`crate::worker::GONE`].
    Alive,
    /// None has given a sign of life since then.
    SilentSince(Timestamp),
    /// None ever has.
    NeverSeen,
}

impl Waiting {
    /// Every page shows the count: it is not counted further than this.
    pub const COUNTED: usize = 1000;
}
