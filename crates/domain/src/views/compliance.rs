//! What an auditor asks of a time: what was issued and revoked, what was found and how long it stood open, who decided, what was
//! an exception, and how much of it is proven.

mod period;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::authority::Authority;
use crate::authority::{AuthorityArn, AuthorityId};
use crate::finding::FindingStateName;
use crate::finding_kind::{FindingKind, Severity};
use crate::ids::RunId;
use crate::people::{Person, Role};
use crate::revocation::Request;
use crate::run::{Run, RunState};
use crate::schedule::Outcome;
use crate::timestamp::Timestamp;
use crate::trail::{Coverage, Proof};

pub(super) use period::DAY;
pub use period::{Period, PeriodError};

/// What a page asks for; the URL is its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplianceQuery {
    /// The first and the last day.
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    /// `None`: all.
    pub authority: Option<AuthorityId>,
    /// Of the revocations, from 0.
    pub page: u32,
}

/// What was issued, revoked and expired, of one authority by one template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateCounts {
    pub authority: AuthorityId,
    /// As the report names it; `None`: no report names one.
    pub template: Option<String>,
    pub issued: u64,
    pub revoked: u64,
    /// And was not revoked before.
    pub expired: u64,
}

/// What a principal had issued, as intact events of the trail say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerCount {
    pub issuer: String,
    pub issued: u64,
    /// Of those, without being an authorised issuer.
    pub unauthorised: u64,
}

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
    ADay,
    AWeek,
    AMonth,
    Longer,
}

impl OpenFor {
    pub const ALL: &[Self] = Self::VARIANTS;

    pub fn name(self) -> &'static str {
        self.into()
    }

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
    pub kind: FindingKind,
    pub number: u64,
    /// `None`: they were opened.
    pub ended: Option<FindingEnd>,
}

/// How findings came to their end, as they are now: one that was opened again has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingEnd {
    pub how: FindingStateName,
    /// Who dismissed them.
    pub by: Option<Person>,
    pub open_for: OpenFor,
    /// How long all of them together stood open.
    pub seconds: u64,
}

/// What came of the findings of a severity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityFlow {
    pub opened: u64,
    /// A run no longer saw them, or their certificate was revoked by a request.
    pub closed: u64,
    pub dismissed: u64,
    /// By how long those that ended stood open.
    pub open_for: BTreeMap<OpenFor, u64>,
    pub seconds: u64,
}

impl SeverityFlow {
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

/// A request of the time, with what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationFacts {
    pub request: Request,
    pub effect: Effect,
}

/// When the revocations of a request took effect: the last of each kind, and how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    pub revoked: u64,
    /// At the CA.
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub on_crl: u64,
    pub crl_at: Option<Timestamp>,
    pub by_ocsp: u64,
    pub ocsp_at: Option<Timestamp>,
}

/// The runs of an authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunsHeld {
    pub authority: AuthorityArn,
    pub finished: u64,
    /// Of those, could not compare everything.
    pub incomplete: u64,
    pub failed: u64,
    /// The longest time without one that finished.
    pub gap: Option<(Timestamp, Timestamp)>,
    /// Only the newest of them were looked at: the numbers are no less than these.
    pub cut: bool,
    pub last: Option<(RunId, Timestamp)>,
    /// What became of the times that runs were due at by schedule.
    pub due: BTreeMap<Outcome, u64>,
}

impl RunsHeld {
    /// Of `runs` in any order, those that were begun in the time. Its beginning counts for the gap, and its end, or now.
    pub fn of(authority: AuthorityArn, runs: &[Run], period: Period, now: Timestamp, cut: bool) -> Self {
        let held = runs.iter().filter(|run| period.has(run.started_at));
        let finished = |run: &&Run| run.state == RunState::Finished;
        let mut moments: Vec<Timestamp> =
            held.clone().filter(finished).map(|run| run.finished_at.unwrap_or(run.started_at)).collect();
        moments.sort();
        let last = held.clone().filter(finished).max_by_key(|run| run.started_at);
        let (begin, end) = (period.from(), period.past(now));
        let points = std::iter::once(begin).chain(moments.iter().copied()).chain([end]);
        let gaps = points.clone().zip(points.skip(1));
        let count = |which: &dyn Fn(&&Run) -> bool| {
            u64::try_from(held.clone().filter(|run| which(run)).count()).unwrap_or(u64::MAX)
        };
        Self {
            authority,
            finished: count(&finished),
            incomplete: count(&|run| run.is_incomplete()),
            failed: count(&|run| run.state == RunState::Failed),
            gap: gaps.filter(|(from, to)| from < to).max_by_key(|(from, to)| to.since(*from)),
            cut,
            last: last.map(|run| (run.id.clone(), run.finished_at.unwrap_or(run.started_at))),
            due: BTreeMap::new(),
        }
    }
}

/// The hours of a trail by their proof.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailHours {
    pub account: String,
    pub region: String,
    pub hours: BTreeMap<Proof, u64>,
    /// Of which nothing is known.
    pub unknown: u64,
}

impl TrailHours {
    pub fn of(account: &str, region: &str, coverage: &Coverage, period: Period, now: Timestamp) -> Self {
        let (account, region) = (account.to_owned(), region.to_owned());
        let mut all = Self { account, region, ..Self::default() };
        let end = period.past(now);
        if end > period.from() {
            for hour in coverage.hours(period.from(), end) {
                match hour.proof {
                    Some(proof) => *all.hours.entry(proof).or_default() += 1,
                    None => all.unknown += 1,
                }
            }
        }
        all
    }

    pub fn proven(&self) -> u64 {
        self.hours.get(&Proof::Proven).copied().unwrap_or(0)
    }

    pub fn total(&self) -> u64 {
        self.hours.values().sum::<u64>() + self.unknown
    }
}

/// Something that the ledger says was changed in policy, role groups or mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyChange {
    /// Of its entry.
    pub seq: u64,
    pub at: Timestamp,
    /// Which process was started with it.
    pub process: String,
    /// What, with what it was and is.
    pub changes: BTreeMap<String, String>,
}

/// Somebody signed in with these roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolesSeen {
    pub person: Person,
    /// None: they had none, and were let in all the same.
    pub roles: Vec<Role>,
    pub first: Timestamp,
    pub last: Timestamp,
    pub sign_ins: u64,
}

/// How many requests were made, by what came of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestCounts {
    /// All but drills.
    pub all: u64,
    pub drills: u64,
    /// Those that people have agreed to.
    pub countersigned: u64,
    pub proven: u64,
    pub break_glass: u64,
    /// Those that have revoked something; how many had revoked all within a day and within five of being made, and the longest time
    /// from there, in seconds.
    pub carried_out: u64,
    pub within_a_day: u64,
    pub within_five_days: u64,
    pub slowest: Option<u64>,
}

/// How many there are of what a page lists the first of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub issuers: u64,
    /// Certificates that those who were not allowed to had issued.
    pub unauthorised: u64,
    pub policy_changes: u64,
    /// Sets of roles of people; the people; and how often they signed in.
    pub roles_seen: u64,
    pub people: u64,
    pub sign_ins: u64,
}

/// How far the entries of the ledger are read that numbers come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRead {
    pub entries: u64,
    /// The first pass is not over: what is said of people and policy is not all.
    pub is_reading: bool,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplianceView {
    pub period: Period,
    pub authorities: Vec<Authority>,
    /// When the inventory was read that the numbers of certificates are from.
    pub as_of: Option<Timestamp>,
    pub certificates: Vec<CertificateCounts>,
    /// Those who had the most issued.
    pub issuers: Vec<IssuerCount>,
    pub findings: Vec<FindingFlow>,
    pub requests: RequestCounts,
    pub revocations: Vec<RevocationFacts>,
    /// How many of those there are on all pages.
    pub revocations_total: u64,
    /// Those whose requesters executed them alone, the newest.
    pub break_glass: Vec<Request>,
    pub runs: Vec<RunsHeld>,
    pub trails: Vec<TrailHours>,
    pub policy_changes: Vec<PolicyChange>,
    pub people: Vec<RolesSeen>,
    pub totals: Totals,
    pub ledger: LedgerRead,
}

impl ComplianceView {
    /// Findings of a kind that were opened.
    pub fn opened(&self, kind: FindingKind) -> u64 {
        self.findings
            .iter()
            .filter(|flow| flow.ended.is_none() && flow.kind == kind)
            .map(|flow| flow.number)
            .sum()
    }

    /// Critical findings that people said were no trouble.
    pub fn critical_dismissed(&self) -> u64 {
        by_severity(&self.findings).get(&Severity::Critical).map_or(0, |critical| critical.dismissed)
    }
}

#[cfg(test)]
mod tests;
