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

/// What the navigation counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// [`Waiting::COUNTED`]: that many, or more.
    pub findings: u64,
    pub requests: u64,
}

impl Waiting {
    /// Every page shows the count: it is not counted further than this.
    pub const COUNTED: usize = 1000;
}
