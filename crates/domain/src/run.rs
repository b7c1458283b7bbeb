//! A run: one reconciliation of one authority, with what it counted, what it read and what it could not read.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::authority::AuthorityArn;
use crate::finding_kind::{FindingKind, Severity};
use crate::people::Person;
use crate::serial::Serial;
use crate::timestamp::Timestamp;
use crate::trail::Proof;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let good = text.len() == 36 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-'));
                good.then(|| Self(text.to_owned())).ok_or(IdError($what))
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
pub(crate) use id;

/// A text is not the id of the thing named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a {0} (a lower-case UUID)")]
pub struct IdError(pub(crate) &'static str);

id!(
    /// A UUID of version 7: ids sort by the time of their making.
    RunId,
    "run"
);

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Under way: the stage says how far.
    Running,
    Finished,
    /// Could not finish; `failure` says why and what to do.
    Failed,
}

/// The steps of a run, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Starting,
    /// The CA is writing its audit report.
    AwaitingReport,
    ReadingReport,
    ScanningInventory,
    ReadingTrail,
    Comparing,
    RecordingFindings,
    Done,
}

impl Stage {
    pub const ALL: [Self; 8] = [
        Self::Starting,
        Self::AwaitingReport,
        Self::ReadingReport,
        Self::ScanningInventory,
        Self::ReadingTrail,
        Self::Comparing,
        Self::RecordingFindings,
        Self::Done,
    ];

    pub fn label(self) -> &'static str {
        match self {
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
    pub count: u64,
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

    pub fn add(&mut self, place: impl Into<String>, problem: impl fmt::Display) {
        self.count += 1;
        if self.examples.len() < Self::EXAMPLES {
            let problem: String =
                problem.to_string().chars().flat_map(char::escape_debug).take(200).collect();
            let place: String = place.into().chars().flat_map(char::escape_debug).take(100).collect();
            self.examples.push(UnreadableExample { place, problem });
        }
    }
}

/// Certificates that could not be judged: how many, and the first few.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unjudged {
    pub count: u64,
    pub serials: Vec<Serial>,
}

impl Unjudged {
    /// How many are named.
    pub const NAMED: usize = 20;

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
    pub report_id: String,
    pub bucket: String,
    pub key: String,
    pub version: Option<String>,
    pub created_at: Timestamp,
    /// Nobody said when it was made: the time is that of its file, no later than its newest row allows.
    #[serde(default)]
    pub guessed: bool,
    /// It was made for an earlier run and was fresh enough.
    pub reused: bool,
}

/// How much of its inputs a run has read, and what it could not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInputs {
    pub report: Option<ReportIdentity>,
    pub report_rows: u64,
    pub report_unreadable: Unreadable,
    /// The report ended before its end: absence of a row proves nothing.
    pub report_truncated: bool,
    pub inventory_items: u64,
    pub inventory_unreadable: Unreadable,
    /// Attributes that could not be read, of items that could.
    #[serde(default)]
    pub inventory_unread: Unreadable,
    /// From the first to the last page of the scan.
    pub scan_started_at: Option<Timestamp>,
    pub scan_finished_at: Option<Timestamp>,
    /// Certificates of CAs and OCSP responders, by template: no device's.
    pub infrastructure: u64,
    /// Requested by an AWS service principal.
    pub managed: u64,
    /// Too young to judge.
    pub in_grace: u64,
    /// Certificates that could not be judged, as a record of them is there, but cannot be read.
    #[serde(default)]
    pub unjudged: Unjudged,
    /// `None`: no trail is configured.
    #[serde(default)]
    pub trail: Option<TrailInputs>,
}

/// What the trail said in the window of a run: from the first hour it is known of to the making of the report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailInputs {
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    /// Hours by their proof.
    pub hours: BTreeMap<Proof, u64>,
    /// Certificates whose issuer an event names.
    pub attributed: u64,
    /// Certificates without one, from times that the trail does not cover.
    pub not_covered: u64,
    /// Files and records of the trail that could not be read; only offline, where they are read for the run.
    pub unreadable: Unreadable,
}

/// One reconciliation of one authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub id: RunId,
    pub authority: AuthorityArn,
    pub state: RunState,
    pub stage: Stage,
    pub started_at: Timestamp,
    /// `None`: the schedule or the command line.
    pub started_by: Option<Person>,
    pub finished_at: Option<Timestamp>,
    pub inputs: RunInputs,
    /// Findings that this run saw, by kind.
    pub counts: BTreeMap<FindingKind, u64>,
    pub opened: u64,
    pub closed: u64,
    /// Why it failed and what to do.
    pub failure: Option<String>,
}

impl Run {
    pub fn worst(&self) -> Option<Severity> {
        self.counts.iter().filter(|(_, count)| **count > 0).map(|(kind, _)| kind.severity()).min()
    }
}
