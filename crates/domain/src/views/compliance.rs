//! What an auditor asks of a time: what was issued and revoked, what was found and how long it stood open, who decided, what was
//! an exception, and how much of it is proven.

mod flow;
mod period;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::authority::Authority;
use crate::authority::{AuthorityArn, AuthorityId};
use crate::finding_kind::{FindingKind, Severity};
use crate::ids::RunId;
use crate::people::{Person, Role};
use crate::revocation::Request;
use crate::run::{Run, RunState};
use crate::schedule::Outcome;
use crate::timestamp::Timestamp;
use crate::trail::{Coverage, Proof};

pub use flow::{FindingEnd, FindingFlow, OpenFor, SeverityFlow, by_severity, by_whom};
pub(super) use period::DAY;
pub use period::{Period, PeriodError};

/// What a page asks for; the URL is its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplianceQuery {
    /// The first and the last day.
    pub from: Option<Timestamp>,
    /// See [`ComplianceQuery::from`]; both are in it.
    pub to: Option<Timestamp>,
    /// `None`: all.
    pub authority: Option<AuthorityId>,
    /// Of the revocations, from 0.
    pub page: u32,
}

/// What was issued, revoked and expired, of one authority by one template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateCounts {
    /// The CA that issued them.
    pub authority: AuthorityId,
    /// As the report names it; `None`: no report names one.
    pub template: Option<String>,
    /// How many were issued in the time.
    pub issued: u64,
    /// How many were revoked in the time.
    pub revoked: u64,
    /// And was not revoked before.
    pub expired: u64,
}

/// What a principal had issued, as intact events of the trail say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerCount {
    /// The principal, as [`Identity::principal`](crate::trail::Identity::principal) has it: foreign text.
    pub issuer: String,
    /// How many certificates it had issued in the time.
    pub issued: u64,
    /// Of those, without being an authorised issuer.
    pub unauthorised: u64,
}

/// A request of the time, with what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationFacts {
    /// The request as it is stored now.
    pub request: Request,
    /// When its revocations took effect.
    pub effect: Effect,
}

/// When the revocations of a request took effect: the last of each kind, and how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// How many certificates the CA has revoked by it.
    pub revoked: u64,
    /// At the CA.
    pub first: Option<Timestamp>,
    /// When the last one was revoked at the CA; `None`: none was.
    pub last: Option<Timestamp>,
    /// How many were seen on a CRL.
    pub on_crl: u64,
    /// When the last of them was first seen there; `None`: none was.
    pub crl_at: Option<Timestamp>,
    /// How many the OCSP responder was seen to call revoked.
    pub by_ocsp: u64,
    /// When the last of them was first seen so; `None`: none was.
    pub ocsp_at: Option<Timestamp>,
}

/// The runs of an authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunsHeld {
    /// The authority that they compared.
    pub authority: AuthorityArn,
    /// How many that were begun in the time came to their end.
    pub finished: u64,
    /// Of those, could not compare everything.
    pub incomplete: u64,
    /// How many that were begun in the time could not.
    pub failed: u64,
    /// The longest time without one that finished.
    pub gap: Option<(Timestamp, Timestamp)>,
    /// Only the newest of them were looked at: the numbers are no less than these.
    pub cut: bool,
    /// The last one that finished, and when it did; `None`: none did.
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
    /// The AWS account, 12 digits.
    pub account: String,
    /// The AWS Region.
    pub region: String,
    /// How many hours have each proof.
    pub hours: BTreeMap<Proof, u64>,
    /// Of which nothing is known.
    pub unknown: u64,
}

impl TrailHours {
    /// The hours of `period`, up to now, of one account and Region.
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

    /// How many hours are proven whole.
    pub fn proven(&self) -> u64 {
        self.hours.get(&Proof::Proven).copied().unwrap_or(0)
    }

    /// How many hours there are, also those of which nothing is known.
    pub fn total(&self) -> u64 {
        self.hours.values().sum::<u64>() + self.unknown
    }
}

/// Something that the ledger says was changed in policy, role groups or mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyChange {
    /// Of its entry.
    pub seq: u64,
    /// When the process was started with it.
    pub at: Timestamp,
    /// Which process was started with it.
    pub process: String,
    /// What, with what it was and is.
    pub changes: BTreeMap<String, String>,
}

/// Somebody signed in with these roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolesSeen {
    /// Who signed in.
    pub person: Person,
    /// None: they had none, and were let in all the same.
    pub roles: Vec<Role>,
    /// The first such sign-in of the time.
    pub first: Timestamp,
    /// The last such sign-in of the time.
    pub last: Timestamp,
    /// How many there were.
    pub sign_ins: u64,
}

/// How many requests were made, by what came of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestCounts {
    /// All but drills.
    pub all: u64,
    /// How many drills; they count nowhere else here.
    pub drills: u64,
    /// Those that people have agreed to.
    pub countersigned: u64,
    /// Those whose certificates are all proven to be revoked.
    pub proven: u64,
    /// Those that their requester executed alone.
    pub break_glass: u64,
    /// Those that have revoked something; how many had revoked all within a day and within five of being made, and the longest time
    /// from there, in seconds.
    pub carried_out: u64,
    /// See [`RequestCounts::carried_out`].
    pub within_a_day: u64,
    /// See [`RequestCounts::carried_out`].
    pub within_five_days: u64,
    /// See [`RequestCounts::carried_out`]; `None`: none has revoked anything.
    pub slowest: Option<u64>,
}

/// How many there are of what a page lists the first of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Identities that had certificates issued.
    pub issuers: u64,
    /// Certificates that those who were not allowed to had issued.
    pub unauthorised: u64,
    /// Changes of what is configured.
    pub policy_changes: u64,
    /// Sets of roles of people; the people; and how often they signed in.
    pub roles_seen: u64,
    /// See [`Totals::roles_seen`].
    pub people: u64,
    /// See [`Totals::roles_seen`].
    pub sign_ins: u64,
}

/// How far the entries of the ledger are read that numbers come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRead {
    /// The number of the last entry that was read.
    pub entries: u64,
    /// The first pass is not over: what is said of people and policy is not all.
    pub is_reading: bool,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplianceView {
    /// The days that it is about.
    pub period: Period,
    /// All that are configured, for their names.
    pub authorities: Vec<Authority>,
    /// When the inventory was read that the numbers of certificates are from.
    pub as_of: Option<Timestamp>,
    /// By authority and template.
    pub certificates: Vec<CertificateCounts>,
    /// Those who had the most issued.
    pub issuers: Vec<IssuerCount>,
    /// By kind, and by how they ended.
    pub findings: Vec<FindingFlow>,
    /// All requests that were made in the time.
    pub requests: RequestCounts,
    /// One page of those that were made in the time.
    pub revocations: Vec<RevocationFacts>,
    /// How many of those there are on all pages.
    pub revocations_total: u64,
    /// Those whose requesters executed them alone, the newest.
    pub break_glass: Vec<Request>,
    /// Of each authority that is asked for.
    pub runs: Vec<RunsHeld>,
    /// Of each account and Region whose trail is read.
    pub trails: Vec<TrailHours>,
    /// The newest changes in the time.
    pub policy_changes: Vec<PolicyChange>,
    /// Who signed in in the time, with each set of roles that they had.
    pub people: Vec<RolesSeen>,
    /// How many there are of what is listed above up to a bound.
    pub totals: Totals,
    /// How far the ledger was read that changes and people are from.
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
