//! One run, two that are compared, and how runs are held against the schedule.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::authority::Authority;
use crate::authority::AuthorityId;
use crate::finding::{FindingId, FindingState};
use crate::finding_kind::FindingKind;
use crate::found::{Difference, Differences};
use crate::ids::RunId;
use crate::run::Run;
use crate::schedule::{Kept, Outcome};
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// One run, as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    pub run: Run,
    pub authority: Authority,
}

/// How an authority's runs by schedule stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleView {
    pub authority: AuthorityId,
    /// A worker has looked at its schedule.
    pub is_known: bool,
    /// As it is written in the configuration; `None`: no run is made by itself.
    pub cron: Option<String>,
    pub next: Option<Timestamp>,
    /// The last time that has a run.
    pub last: Option<Kept>,
    /// The last ones that were missed, the newest first; some of them were made up.
    pub missed: Vec<Kept>,
    /// What became of all times since [`ScheduleView::since`].
    pub outcomes: BTreeMap<Outcome, u64>,
    pub since: Timestamp,
}

/// Two runs of an authority to be held against each other, and what of that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparisonQuery {
    pub authority: AuthorityId,
    pub run: RunId,
    /// `None`: the run before.
    pub with: Option<RunId>,
    pub only: Option<Difference>,
    pub kind: Option<FindingKind>,
    pub page: u32,
}

/// One page of the comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparisonView {
    pub authority: Authority,
    pub earlier: Run,
    pub later: Run,
    pub counts: Differences,
    /// The worst first.
    pub kinds: Vec<(FindingKind, Differences)>,
    pub lines: Vec<ComparedFinding>,
    /// How many lines the query names.
    pub total: u64,
    pub page: u32,
    /// Runs that it can be compared with, the newest first.
    pub others: Vec<(RunId, Timestamp)>,
}

/// A finding that one of two runs has, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedFinding {
    pub difference: Difference,
    pub serial: Serial,
    pub id: FindingId,
    /// As it is now; `None`: it is not there any more.
    pub state: Option<FindingState>,
}

impl ComparisonQuery {
    /// Whether it asks for these.
    pub fn names(&self, difference: Difference, kind: FindingKind) -> bool {
        self.only.is_none_or(|only| only == difference) && self.kind.is_none_or(|only| only == kind)
    }
}
