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
    /// The run as it is stored.
    pub run: Run,
    /// The CA that it compares.
    pub authority: Authority,
}

/// How an authority's runs by schedule stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleView {
    /// Whose runs.
    pub authority: AuthorityId,
    /// A worker has looked at its schedule.
    pub is_known: bool,
    /// As it is written in the configuration; `None`: no run is made by itself.
    pub cron: Option<String>,
    /// When the next one is due; `None`: none is.
    pub next: Option<Timestamp>,
    /// The last time that has a run.
    pub last: Option<Kept>,
    /// The last ones that were missed, the newest first; some of them were made up.
    pub missed: Vec<Kept>,
    /// What became of all times since [`ScheduleView::since`].
    pub outcomes: BTreeMap<Outcome, u64>,
    /// How far back runs were looked at.
    pub since: Timestamp,
}

/// Two runs of an authority to be held against each other, and what of that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparisonQuery {
    /// Whose runs.
    pub authority: AuthorityId,
    /// The later run, or the only one that is named.
    pub run: RunId,
    /// `None`: the run before.
    pub with: Option<RunId>,
    /// Only what is new, gone or still there; `None`: all.
    pub only: Option<Difference>,
    /// Only findings of this kind; `None`: of all.
    pub kind: Option<FindingKind>,
    /// Which page, from 0.
    pub page: u32,
}

/// One page of the comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparisonView {
    /// The CA that both compared.
    pub authority: Authority,
    /// The run that was ordered first.
    pub earlier: Run,
    /// The run that was ordered last.
    pub later: Run,
    /// How many findings are new, gone and still there, whatever is asked for.
    pub counts: Differences,
    /// The worst first.
    pub kinds: Vec<(FindingKind, Differences)>,
    /// One page of what is asked for.
    pub lines: Vec<ComparedFinding>,
    /// How many lines the query names.
    pub total: u64,
    /// Which page it is, from 0.
    pub page: u32,
    /// Runs that it can be compared with, the newest first.
    pub others: Vec<(RunId, Timestamp)>,
}

/// A finding that one of two runs has, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedFinding {
    /// Which of the two runs found it.
    pub difference: Difference,
    /// The serial number of its certificate.
    pub serial: Serial,
    /// The finding, by its id.
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
