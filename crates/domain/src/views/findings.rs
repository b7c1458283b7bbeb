//! The list of findings, and one of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::authority::Authority;
use super::compliance::OpenFor;
use super::finding_filter::{Days, FindingStates};
use crate::authority::AuthorityId;
use crate::finding::{Bulk, Finding, FindingStateName, dismissers};
use crate::finding_kind::{FindingKind, Severity};
use crate::notify::Delivery;
use crate::people::{Person, PersonId};
use crate::timestamp::Timestamp;

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
    /// The same with the oldest certificate first.
    IssuedFirst,
}

impl FindingSort {
    /// Every order, in that of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in URLs.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Which findings a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingQuery {
    /// Only those of this severity; `None`: of all.
    pub severity: Option<Severity>,
    /// Only those of this kind; `None`: of all.
    pub kind: Option<FindingKind>,
    /// In which states they are.
    pub state: FindingStates,
    /// Only those of this authority; `None`: of all, and of trails and workers.
    pub authority: Option<AuthorityId>,
    /// Only those that the viewer has taken on.
    pub mine: bool,
    /// Only those that were to be settled by now, and are not.
    pub overdue: bool,
    /// When they were first seen.
    pub opened: Days,
    /// When they came to their end, as they are now: one that was opened again has none.
    pub ended: Days,
    /// Who dismissed them.
    pub ended_by: Option<PersonId>,
    /// How long those stood open that came to their end.
    pub open_for: Option<OpenFor>,
    /// In which order.
    pub sort: FindingSort,
    /// From 0.
    pub page: u32,
}

impl FindingQuery {
    /// "critical, overdue": which they are, for people.
    pub fn words(&self) -> String {
        let parts = [
            Some(self.state.words().to_owned()),
            self.severity.map(|severity| severity.name().to_owned()),
            self.kind.map(|kind| kind.label().to_lowercase()),
            self.authority.as_ref().map(|authority| format!("of the authority {authority}")),
            self.mine.then(|| "in the hands of whoever asked".to_owned()),
            self.overdue.then(|| "overdue".to_owned()),
            self.opened.words().map(|days| format!("first seen {days}")),
            self.ended.words().map(|days| format!("ended {days}")),
            self.ended_by.as_ref().map(|by| format!("dismissed by {by}")),
            self.open_for.map(|time| format!("open for {}", time.label().to_lowercase())),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// One page of findings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingPage {
    /// In the order of the query, [`PAGE_SIZE`](super::PAGE_SIZE) at most.
    pub findings: Vec<Finding>,
    /// How many match the query.
    pub total: u64,
    /// Which page it is, from 0.
    pub page: u32,
    /// Open and acknowledged findings, over all authorities.
    pub waiting: BTreeMap<FindingKind, u64>,
    /// What is being done to many findings at once.
    pub under_way: Vec<Bulk>,
}

/// How many findings are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingGroup {
    /// The kind of all of them.
    pub kind: FindingKind,
    /// `None`: they are about trails or workers.
    pub authority: Option<AuthorityId>,
    /// The state of all of them.
    pub state: FindingStateName,
    /// How many they are.
    pub number: u64,
}

/// All findings that match a filter, to be handled at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingsMatching {
    /// By kind, authority and state.
    pub groups: Vec<FindingGroup>,
    /// All that are configured, for their names.
    pub authorities: Vec<Authority>,
    /// Who can be made their owner, besides the viewer.
    pub operators: Vec<Person>,
    /// Why the viewer cannot handle them; `None`: they can.
    pub cannot_handle: Option<String>,
}

impl FindingsMatching {
    /// How many they are.
    pub fn total(&self) -> u64 {
        self.groups.iter().map(|group| group.number).sum()
    }

    /// How many two people must dismiss, where policy demands `critical` for a critical one.
    pub fn need_second(&self, critical: u32) -> u64 {
        let need = |group: &&FindingGroup| dismissers(group.kind, critical) > 1;
        self.groups.iter().filter(need).map(|group| group.number).sum()
    }

    /// How many are about certificates, by authority.
    pub fn about_certificates(&self) -> BTreeMap<AuthorityId, u64> {
        let mut number = BTreeMap::new();
        for group in self.groups.iter().filter(|group| !group.kind.is_alert()) {
            if let Some(authority) = &group.authority {
                *number.entry(authority.clone()).or_default() += group.number;
            }
        }
        number
    }
}

/// What is asked to be done to all findings that match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkForm {
    /// The filter that the page was narrowed to.
    pub query: FindingQuery,
    /// What is to be done to each.
    pub what: BulkWhat,
    /// How many the page has shown.
    pub shown: u64,
    /// That number, typed.
    pub typed: Option<String>,
}

/// The same as [`crate::finding::Triage`], as a form says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BulkWhat {
    /// `owner`: `None` for whoever asks.
    Acknowledge {
        /// Who is to have them in hand.
        owner: Option<PersonId>,
        /// Until when; `None`: no day is set.
        due: Option<Timestamp>,
    },
    /// They are to be dismissed as no trouble.
    Dismiss {
        /// Why, as it was typed.
        reason: String,
    },
}

/// Several findings that somebody chose, to be handled together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingsTogether {
    /// The worst first, as in the list; those that do not exist are left out.
    pub findings: Vec<Finding>,
    /// All that are configured, for their names.
    pub authorities: Vec<Authority>,
    /// Who can be made their owner, besides the viewer.
    pub operators: Vec<Person>,
    /// Why the viewer cannot handle one of them; `None`: they can handle all.
    pub cannot_handle: Option<String>,
}

/// One finding with what its page needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingView {
    /// The finding as it is stored.
    pub finding: Finding,
    /// `None`: it is about a trail or a worker.
    pub authority: Option<Authority>,
    /// What became of telling somebody about it.
    pub notifications: Vec<Delivery>,
    /// Why the viewer cannot handle it; `None`: they can.
    pub cannot_handle: Option<String>,
    /// Why no revocation can be requested now; `None`: it can.
    pub cannot_revoke: Option<String>,
}
