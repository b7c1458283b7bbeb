//! Which controls are served here, with what, and by which live figures that shows.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::compliance::{ComplianceView, by_severity};
use super::ledger::{LogHead, LogNow};
use crate::finding_kind::{FindingKind, Severity};
use crate::timestamp::words;

/// A number of the compliance page that a control is shown by; its name in the file is the snake-case one.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Figure {
    /// Certificates issued.
    Issued,
    /// Certificates issued for principals that are no authorised issuers.
    UnauthorisedIssuances,
    /// Certificates revoked.
    Revoked,
    /// Certificates that expired without having been revoked.
    Expired,
    /// Requests made, without drills.
    Requests,
    /// Requests that people have agreed to.
    Countersigned,
    /// Requests whose certificates are all proven to be revoked.
    Proven,
    /// Requests that their requester executed alone.
    BreakGlass,
    /// Findings that somebody revoked without an approved request here.
    OutOfBand,
    /// Requests that had revoked all within a day, of those that revoked something.
    RevokedWithinADay,
    /// Requests that had revoked all within five days, of those that revoked something.
    RevokedWithinFiveDays,
    /// The longest time from a request to its last revocation.
    SlowestRevocation,
    /// Findings opened.
    FindingsOpened,
    /// Findings closed, resolved or dismissed.
    FindingsEnded,
    /// Critical findings dismissed.
    CriticalDismissed,
    /// How long critical findings that ended had stood open, in the mean.
    CriticalMeanOpen,
    /// Runs that finished.
    RunsHeld,
    /// The longest time that an authority was without a run that finished.
    LongestTimeWithoutARun,
    /// Hours of the trail proven whole, of all.
    TrailHoursProven,
    /// Hours of the trail missing, altered, unproven or not known.
    TrailHoursNotProven,
    /// Sign-ins.
    SignIns,
    /// People who signed in, each once.
    People,
    /// Changes of policy, role groups or mode, as many as the page lists.
    PolicyChanges,
    /// Entries of the ledger, now.
    LedgerEntries,
    /// Entries in the log's signed checkpoint, now.
    LedgerCheckpoint,
    /// Witnesses that have cosigned the log, now.
    LedgerWitness,
}

impl Figure {
    /// Every figure, in the order of their declaration.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name in the file of controls.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What it is a number of, before the number.
    pub fn label(self) -> &'static str {
        match self {
            Self::Issued => "certificates issued",
            Self::UnauthorisedIssuances => "issued by others than authorised issuers",
            Self::Revoked => "certificates revoked",
            Self::Expired => "certificates expired",
            Self::Requests => "requests, without drills",
            Self::Countersigned => "requests that people agreed to",
            Self::Proven => "requests proven",
            Self::BreakGlass => "by break-glass",
            Self::OutOfBand => "revocations past this console",
            Self::RevokedWithinADay => "requests carried out within a day",
            Self::RevokedWithinFiveDays => "requests carried out within 5 days",
            Self::SlowestRevocation => "from request to last revocation, at most",
            Self::FindingsOpened => "findings opened",
            Self::FindingsEnded => "findings ended",
            Self::CriticalDismissed => "critical findings dismissed",
            Self::CriticalMeanOpen => "mean time that critical findings stood open",
            Self::RunsHeld => "runs held",
            Self::LongestTimeWithoutARun => "longest time without a run",
            Self::TrailHoursProven => "hours of the trail proven",
            Self::TrailHoursNotProven => "hours of the trail not proven",
            Self::SignIns => "sign-ins",
            Self::People => "people who signed in",
            Self::PolicyChanges => "changes of policy, roles or mode",
            Self::LedgerEntries => "entries of the ledger",
            Self::LedgerCheckpoint => "entries in the signed checkpoint",
            Self::LedgerWitness => "witnesses of the checkpoint",
        }
    }

    /// What it is in this time; the ledger's as they are now.
    pub fn value(self, of: &ComplianceView, log: Option<&LogNow>) -> String {
        let sum = |numbers: &mut dyn Iterator<Item = u64>| numbers.sum::<u64>().to_string();
        let time = |time: Option<Duration>| time.map_or_else(|| "none".to_owned(), words);
        let head = log.and_then(|log| log.checkpoint.as_ref().ok()).and_then(Option::as_ref);
        match self {
            Self::Issued => sum(&mut of.certificates.iter().map(|one| one.issued)),
            Self::Revoked => sum(&mut of.certificates.iter().map(|one| one.revoked)),
            Self::Expired => sum(&mut of.certificates.iter().map(|one| one.expired)),
            Self::UnauthorisedIssuances => of.totals.unauthorised.to_string(),
            Self::Requests => of.requests.all.to_string(),
            Self::Countersigned => of.requests.countersigned.to_string(),
            Self::Proven => of.requests.proven.to_string(),
            Self::BreakGlass => of.requests.break_glass.to_string(),
            Self::OutOfBand => of.opened(FindingKind::RevocationNotCountersigned).to_string(),
            Self::RevokedWithinADay => format!("{} of {}", of.requests.within_a_day, of.requests.carried_out),
            Self::RevokedWithinFiveDays => {
                format!("{} of {}", of.requests.within_five_days, of.requests.carried_out)
            }
            Self::SlowestRevocation => time(of.requests.slowest.map(Duration::from_secs)),
            Self::FindingsOpened => sum(&mut by_severity(&of.findings).values().map(|flow| flow.opened)),
            Self::FindingsEnded => sum(&mut by_severity(&of.findings).values().map(|flow| flow.ended())),
            Self::CriticalDismissed => of.critical_dismissed().to_string(),
            Self::CriticalMeanOpen => {
                let critical = by_severity(&of.findings).remove(&Severity::Critical);
                time(critical.and_then(|critical| critical.mean()))
            }
            Self::RunsHeld => sum(&mut of.runs.iter().map(|held| held.finished)),
            Self::LongestTimeWithoutARun => {
                let gaps = of.runs.iter().filter_map(|held| held.gap);
                time(gaps.map(|(from, to)| to.since(from)).max())
            }
            Self::TrailHoursProven => {
                let proven: u64 = of.trails.iter().map(|trail| trail.proven()).sum();
                let all: u64 = of.trails.iter().map(|trail| trail.total()).sum();
                format!("{proven} of {all}")
            }
            Self::TrailHoursNotProven => {
                sum(&mut of.trails.iter().map(|trail| trail.total() - trail.proven()))
            }
            Self::SignIns => of.totals.sign_ins.to_string(),
            Self::People => of.totals.people.to_string(),
            Self::PolicyChanges => of.totals.policy_changes.to_string(),
            Self::LedgerEntries => of.ledger.entries.to_string(),
            Self::LedgerCheckpoint => head.map_or_else(|| "none".to_owned(), |head| head.size.to_string()),
            Self::LedgerWitness => {
                let seen = |head: &LogHead| {
                    head.witnesses.iter().filter(|one| matches!(one.seen, Ok(Some(_)))).count()
                };
                head.map_or(0, seen).to_string()
            }
        }
    }
}

/// The controls of one framework.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// What the framework is called, with its version.
    pub name: String,
    /// Its controls, in the order of the file.
    #[serde(rename = "control")]
    pub controls: Vec<Control>,
}

/// A control, and what serves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// How the framework numbers it, such as `AC-3(2)`.
    pub id: String,
    /// What the framework calls it.
    pub title: String,
    /// What here serves it.
    pub served: String,
    /// The numbers that show it.
    pub figures: Vec<Figure>,
}

/// The file of controls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controls {
    /// In the order of the file.
    #[serde(rename = "framework")]
    pub frameworks: Vec<Framework>,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlsView {
    /// The controls that are configured.
    pub controls: Controls,
    /// The figures' numbers, of the time that was asked for.
    pub of: ComplianceView,
    /// The log as it is now; `None`: none is configured.
    pub log: Option<LogNow>,
}
