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
    pub authorities: Vec<AuthorityOverview>,
    pub waiting_findings: BTreeMap<FindingKind, u64>,
    pub waiting_requests: u64,
    pub certificates: BTreeMap<CertificateStatus, u64>,
    pub devices: u64,
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
    pub revoked: u64,
    /// Findings: first seen then, and closed, dismissed or resolved then.
    pub opened: u64,
    pub ended: u64,
}

impl DayCounts {
    pub const SHOWN: u32 = 30;

    /// A day on which nothing happened.
    pub fn none(from: Timestamp) -> Self {
        Self { from, issued: 0, revoked: 0, opened: 0, ended: 0 }
    }
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
    /// What the console calls the place it looks at, where it has a name.
    pub environment: Option<String>,
    /// Its account and Region.
    pub place: String,
    /// AWS is played by a program on this machine: its endpoints are here.
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
