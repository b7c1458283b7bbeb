//! A run: one reconciliation of one authority, with what it counted, what it read and what it could not read.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::authority::AuthorityArn;
use crate::finding_kind::{FindingKind, Severity};
use crate::foreign;
use crate::found::{Compared, FoundList};
use crate::ids::{RequestId, RunId};
use crate::people::Person;
use crate::serial::Serial;
use crate::timestamp::Timestamp;
use crate::trail::{DigestPosition, Proof};

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Under way: the stage says how far.
    Running,
    /// It came to its end; whether it compared everything, [`RunInputs::incomplete`] says.
    Finished,
    /// Could not finish; `failure` says why and what to do.
    Failed,
}

/// The steps of a run, in order.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// No worker has taken it up yet.
    Waiting,
    /// A worker has taken it up, and reads nothing yet.
    Starting,
    /// The CA is writing its audit report.
    AwaitingReport,
    /// The report's rows are read.
    ReadingReport,
    /// The inventory's items are read.
    ScanningInventory,
    /// The trail's events are read, as far as they came in by then.
    ReadingTrail,
    /// Report, inventory and trail are held against each other.
    Comparing,
    /// What has changed is written: findings opened, reopened and closed.
    RecordingFindings,
    /// Nothing is left to do.
    Done,
}

impl Stage {
    /// Every stage, in their order.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// What pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting for a worker",
            Self::Starting => "Starting",
            Self::AwaitingReport => "Waiting for the audit report",
            Self::ReadingReport => "Reading the audit report",
            Self::ScanningInventory => "Scanning the inventory",
            Self::ReadingTrail => "Reading the trail",
            Self::Comparing => "Comparing",
            Self::RecordingFindings => "Recording findings",
            Self::Done => "Done",
        }
    }
}

/// Records that could not be read: how many, and the first few, each with its place and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// All that there were.
    pub count: u64,
    /// The first ones, [`Unreadable::EXAMPLES`] at most.
    pub examples: Vec<UnreadableExample>,
}

/// One record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableExample {
    /// "row 17", "line 3", "device_id sensor-0007".
    pub place: String,
    /// What is wrong with it, in our words; foreign text is cut and escaped.
    pub problem: String,
}

impl Unreadable {
    /// How many examples are kept.
    pub const EXAMPLES: usize = 10;

    /// Counts one more, and keeps it if there is room: place and problem on one line each, cut at 100 and 200
    /// characters.
    pub fn add(&mut self, place: impl Into<String>, problem: impl fmt::Display) {
        self.count += 1;
        if self.examples.len() < Self::EXAMPLES {
            let place = foreign::short_line(&place.into(), 100);
            let problem = foreign::short_line(&problem.to_string(), 200);
            self.examples.push(UnreadableExample { place, problem });
        }
    }
}

/// Certificates that could not be judged: how many, and the first few.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unjudged {
    /// All that there were.
    pub count: u64,
    /// The first ones, [`Unjudged::NAMED`] at most.
    pub serials: Vec<Serial>,
}

impl Unjudged {
    /// How many are named.
    pub const NAMED: usize = 20;

    /// Counts one more, and names it if there is room.
    pub fn add(&mut self, serial: Serial) {
        self.count += 1;
        if self.serials.len() < Self::NAMED {
            self.serials.push(serial);
        }
    }
}

/// Which audit report a run read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportIdentity {
    /// The id that AWS gave it; of a file, its name without the ending.
    pub report_id: String,
    /// The S3 bucket that it is in; empty for a file.
    pub bucket: String,
    /// Its key in that bucket; of a file, its path.
    pub key: String,
    /// The version of the object that was read; `None`: the bucket keeps none, or it was not read from S3.
    pub version: Option<String>,
    /// Lower-case hex SHA-256 of the object as it was read; `None`: it was not read from S3.
    #[serde(default)]
    pub sha256: Option<String>,
    /// When it was made: what happened later is not in it.
    pub created_at: Timestamp,
    /// When AWS was first seen to say that it is there; `None`: nobody was looking.
    #[serde(default)]
    pub completed_at: Option<Timestamp>,
    /// Nobody said when it was made: the time is that of its file, no later than its newest row allows.
    #[serde(default)]
    pub guessed: bool,
    /// It was made for an earlier run and was fresh enough.
    pub reused: bool,
}

impl ReportIdentity {
    /// AWS makes one report of an authority in that time, for whomever.
    pub const EVERY: Duration = Duration::from_secs(30 * 60);
    /// How long AWS may take for one report.
    pub const CREATION: Duration = Duration::from_secs(30 * 60);
    /// How far the clocks of S3 and of this machine may lie apart. AWS refuses requests that are 5 minutes off.
    const CLOCKS: Duration = Duration::from_secs(60);

    /// Whether an object that was last modified then is not what AWS wrote any more.
    pub fn is_changed_at(&self, modified: Timestamp) -> bool {
        let completed = self.completed_at.unwrap_or(self.created_at.plus(Self::CREATION));
        modified > completed.plus(Self::CLOCKS)
    }
}

/// How much of its inputs a run has read, and what it could not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInputs {
    /// Which report was read; `None`: none yet.
    pub report: Option<ReportIdentity>,
    /// How many of its rows were read.
    pub report_rows: u64,
    /// Rows that could not be read, by their place in the report.
    pub report_unreadable: Unreadable,
    /// The report ended before its end: absence of a row proves nothing.
    pub report_truncated: bool,
    /// How many items of this authority the scan found.
    pub inventory_items: u64,
    /// Items that could not be read, by their device where that much could be read.
    pub inventory_unreadable: Unreadable,
    /// Attributes that could not be read, of items that could.
    #[serde(default)]
    pub inventory_unread: Unreadable,
    /// From the first to the last page of the scan.
    pub scan_started_at: Option<Timestamp>,
    /// When the last page of the scan was there; `None`: not yet.
    pub scan_finished_at: Option<Timestamp>,
    /// Certificates of CAs and OCSP responders: no device's.
    pub infrastructure: u64,
    /// Requested by an AWS service principal.
    pub managed: u64,
    /// Too young to judge.
    pub in_grace: u64,
    /// Expired longer ago than was configured, and not in the inventory.
    #[serde(default)]
    pub long_expired: u64,
    /// So long ago, in seconds. `None`: none is left out.
    #[serde(default)]
    pub expired_after: Option<u64>,
    /// Certificates that could not be judged, as a record of them is there, but cannot be read.
    #[serde(default)]
    pub unjudged: Unjudged,
    /// `None`: no trail is configured.
    #[serde(default)]
    pub trail: Option<TrailInputs>,
}

impl RunInputs {
    /// Kinds that the run could not judge from these inputs: findings of them stay as they are.
    pub fn not_judged(&self) -> Vec<FindingKind> {
        // In a report cut short the row that would settle a finding may be missing; the inventory alone shows duplicates.
        match (self.report_truncated, &self.trail) {
            (true, _) => {
                FindingKind::ALL.iter().copied().filter(|kind| *kind != FindingKind::Duplicate).collect()
            }
            (false, None) => FindingKind::BY_THE_TRAIL.to_vec(),
            (false, Some(_)) => Vec::new(),
        }
    }

    /// What keeps a run from having compared everything, one sentence for each; none: everything that should have been
    /// compared was.
    pub fn incomplete(&self) -> Vec<String> {
        let trail = self.trail.as_ref();
        let hours = |proof| trail.and_then(|trail| trail.hours.get(&proof)).copied().unwrap_or(0);
        let counted = [
            (self.report_unreadable.count, "row", "of the report cannot be read"),
            (self.inventory_unreadable.count, "item", "of the inventory cannot be read"),
            (self.inventory_unread.count, "attribute", "of items cannot be read, and did not count"),
            (self.unjudged.count, "certificate", "could not be judged"),
            (
                trail.map_or(0, |trail| trail.unreadable.count),
                "place",
                "in files of the trail cannot be read",
            ),
            (hours(Proof::Missing), "hour", "of the trail missing"),
            (hours(Proof::Altered), "hour", "of the trail altered"),
        ];
        let cut = self.report_truncated.then(|| "The report is cut short.".to_owned());
        let counted = counted.into_iter().filter(|(count, ..)| *count > 0);
        let said = |(count, what, how)| format!("{count} {what}{} {how}.", if count == 1 { "" } else { "s" });
        counted.map(said).chain(cut).collect()
    }
}

/// What the trail said in the window of a run: from the first hour it is known of to the making of the report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailInputs {
    /// The beginning of that window; `None`: nothing is known of the time before the report.
    pub from: Option<Timestamp>,
    /// Its end: when the report was made. `None`, as [`TrailInputs::from`].
    pub to: Option<Timestamp>,
    /// Hours by their proof.
    pub hours: BTreeMap<Proof, u64>,
    /// Certificates whose issuer an event names.
    pub attributed: u64,
    /// Certificates without one, from times that the trail does not cover.
    pub not_covered: u64,
    /// The digests that prove it, as far as they were verified then.
    #[serde(default)]
    pub digests: Vec<DigestPosition>,
    /// Files and records of the trail that could not be read; only offline, where they are read for the run.
    pub unreadable: Unreadable,
}

/// One reconciliation of one authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Names it, in URLs and the ledger too.
    pub id: RunId,
    /// The authority that is compared.
    pub authority: AuthorityArn,
    /// Whether it goes on, and how it ended.
    pub state: RunState,
    /// How far it is; of a failed one, how far it came.
    pub stage: Stage,
    /// When it was ordered; a worker may take it up later.
    pub started_at: Timestamp,
    /// `None`: the schedule or the command line.
    pub started_by: Option<Person>,
    /// The time that it was due at, if the schedule ordered it.
    #[serde(default)]
    pub scheduled: Option<Timestamp>,
    /// The request whose revocations it is to prove, if it was ordered by itself for that: it reads no report that was there before.
    #[serde(default)]
    pub proves: Option<RequestId>,
    /// When it finished or failed; `None`: it goes on.
    pub finished_at: Option<Timestamp>,
    /// What it has read so far, and what it could not.
    pub inputs: RunInputs,
    /// Findings that this run saw, by kind.
    pub counts: BTreeMap<FindingKind, u64>,
    /// How many findings it opened, or opened again.
    pub opened: u64,
    /// How many findings it closed.
    pub closed: u64,
    /// Where what it found is kept; `None`: it has not finished, or nobody kept that then.
    #[serde(default)]
    pub found: Option<FoundList>,
    /// What it found, held against the finished run before; `None`: there is none that can be compared.
    #[serde(default)]
    pub compared: Option<Compared>,
    /// Why it failed and what to do.
    pub failure: Option<String>,
}

impl Run {
    /// A run that nobody has taken up yet. `by`: `None` for the command line.
    pub fn ordered(id: RunId, authority: AuthorityArn, by: Option<Person>, now: Timestamp) -> Self {
        Self {
            id,
            authority,
            state: RunState::Running,
            stage: Stage::Waiting,
            started_at: now,
            started_by: by,
            scheduled: None,
            proves: None,
            finished_at: None,
            inputs: RunInputs::default(),
            counts: BTreeMap::new(),
            opened: 0,
            closed: 0,
            found: None,
            compared: None,
            failure: None,
        }
    }

    /// The same, ordered by the schedule for `due`.
    pub fn scheduled(id: RunId, authority: AuthorityArn, due: Timestamp, now: Timestamp) -> Self {
        Self { scheduled: Some(due), ..Self::ordered(id, authority, None, now) }
    }

    /// The same, ordered by itself to prove what `request` has revoked.
    pub fn proving(id: RunId, authority: AuthorityArn, request: RequestId, now: Timestamp) -> Self {
        Self { proves: Some(request), ..Self::ordered(id, authority, None, now) }
    }

    /// Who or what ordered it, after "by".
    pub fn ordered_by(&self) -> &str {
        match (&self.started_by, self.scheduled, &self.proves) {
            (Some(person), ..) => &person.name,
            (None, Some(_), _) => "schedule",
            (None, None, Some(_)) => "revocation",
            (None, None, None) => "command line",
        }
    }

    /// It came to its end, but could not compare everything.
    pub fn is_incomplete(&self) -> bool {
        self.state == RunState::Finished && !self.inputs.incomplete().is_empty()
    }

    /// The severity of the worst kind that it found; `None`: it found nothing.
    pub fn worst(&self) -> Option<Severity> {
        self.counts.iter().filter(|(_, count)| **count > 0).map(|(kind, _)| kind.severity()).min()
    }
}
