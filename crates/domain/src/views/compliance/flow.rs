//! What came of findings in a time: how many were opened, how they ended, and how long they stood open.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::finding::FindingStateName;
use crate::finding_kind::{FindingKind, Severity};
use crate::people::Person;

/// How long a finding stood open.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OpenFor {
    /// Under 24 hours.
    ADay,
    /// Under 7 days, and no less than one.
    AWeek,
    /// Under 30 days, and no less than 7.
    AMonth,
    /// 30 days or more.
    Longer,
}

impl OpenFor {
    /// Every length, the shortest first.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// As addresses have it.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::ADay => "Under a day",
            Self::AWeek => "Under 7 days",
            Self::AMonth => "Under 30 days",
            Self::Longer => "Longer",
        }
    }
}

/// Findings of a kind that were opened, or that came to an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingFlow {
    /// The kind of all of them.
    pub kind: FindingKind,
    /// How many they are.
    pub number: u64,
    /// `None`: they were opened.
    pub ended: Option<FindingEnd>,
}

/// How findings came to their end, as they are now: one that was opened again has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingEnd {
    /// The state that they ended in: dismissed, resolved or closed.
    pub how: FindingStateName,
    /// Who dismissed them.
    pub by: Option<Person>,
    /// How long each of them stood open.
    pub open_for: OpenFor,
    /// How long all of them together stood open.
    pub seconds: u64,
}

/// What came of the findings of a severity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityFlow {
    /// How many were opened in the time.
    pub opened: u64,
    /// A run no longer saw them, or their certificate was revoked by a request.
    pub closed: u64,
    /// How many people said were no trouble.
    pub dismissed: u64,
    /// By how long those that ended stood open.
    pub open_for: BTreeMap<OpenFor, u64>,
    /// How long those that ended stood open, all together, in seconds.
    pub seconds: u64,
}

impl SeverityFlow {
    /// How many came to an end in the time.
    pub fn ended(&self) -> u64 {
        self.closed + self.dismissed
    }

    /// How long those that ended stood open, in the mean.
    pub fn mean(&self) -> Option<Duration> {
        self.seconds.checked_div(self.ended()).map(Duration::from_secs)
    }
}

/// By severity, each of which is there.
pub fn by_severity(flows: &[FindingFlow]) -> BTreeMap<Severity, SeverityFlow> {
    let mut all: BTreeMap<_, _> =
        Severity::ALL.iter().map(|severity| (*severity, SeverityFlow::default())).collect();
    for flow in flows {
        let of = all.entry(flow.kind.severity()).or_default();
        let Some(end) = &flow.ended else {
            of.opened += flow.number;
            continue;
        };
        match end.how {
            FindingStateName::Dismissed => of.dismissed += flow.number,
            _ => of.closed += flow.number,
        }
        *of.open_for.entry(end.open_for).or_default() += flow.number;
        of.seconds = of.seconds.saturating_add(end.seconds);
    }
    all
}

/// Who ended how many: people who dismissed, and the other ways.
pub fn by_whom(flows: &[FindingFlow]) -> Vec<(FindingStateName, Option<Person>, u64)> {
    let mut all: Vec<(FindingStateName, Option<Person>, u64)> = Vec::new();
    for flow in flows {
        let Some(end) = &flow.ended else { continue };
        // Whatever they were called at the time.
        let is_same = |by: &Option<Person>| match (by, &end.by) {
            (Some(one), Some(other)) => one.id == other.id,
            (one, other) => one.is_none() && other.is_none(),
        };
        match all.iter_mut().find(|(how, by, _)| *how == end.how && is_same(by)) {
            Some((.., number)) => *number += flow.number,
            None => all.push((end.how, end.by.clone(), flow.number)),
        }
    }
    all.sort_by(|one, other| (one.0, other.2).cmp(&(other.0, one.2)));
    all
}
