//! The list of findings, and one of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::authority::Authority;
use crate::authority::AuthorityId;
use crate::finding::{Finding, FindingStateName, Notification};
use crate::finding_kind::{FindingKind, Severity};

/// What the list of findings is sorted by.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FindingSort {
    /// The worst first, then the oldest.
    #[default]
    Worst,
    /// By when the certificate was issued; where nobody says when, last.
    IssuedLast,
    IssuedFirst,
}

impl FindingSort {
    pub const ALL: &[Self] = Self::VARIANTS;

    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Which findings a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingQuery {
    pub severity: Option<Severity>,
    pub kind: Option<FindingKind>,
    /// `None`: open and acknowledged, what waits for somebody.
    pub state: Option<FindingStateName>,
    pub authority: Option<AuthorityId>,
    /// Only those that the viewer has taken on.
    pub mine: bool,
    /// Only those that were to be settled by now, and are not.
    pub overdue: bool,
    pub sort: FindingSort,
    /// From 0.
    pub page: u32,
}

/// One page of findings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingPage {
    pub findings: Vec<Finding>,
    pub total: u64,
    pub page: u32,
    /// Open and acknowledged findings, over all authorities.
    pub waiting: BTreeMap<FindingKind, u64>,
}

/// Several findings that somebody chose, to be handled together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingsTogether {
    /// The worst first, as in the list; those that do not exist are left out.
    pub findings: Vec<Finding>,
    pub authorities: Vec<Authority>,
    /// Why the viewer cannot handle one of them; `None`: they can handle all.
    pub cannot_handle: Option<String>,
}

/// One finding with what its page needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingView {
    pub finding: Finding,
    /// `None`: it is about a trail or a worker.
    pub authority: Option<Authority>,
    /// What became of telling somebody about it.
    pub notifications: Vec<Notification>,
    /// Why the viewer cannot handle it; `None`: they can.
    pub cannot_handle: Option<String>,
    /// Why no revocation can be requested now; `None`: it can.
    pub cannot_revoke: Option<String>,
}
