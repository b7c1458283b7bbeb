//! The ledger: what its entries say of everything that people and the system did, and of what they were refused. That none is
//! edited, removed or moved unnoticed is the work of the log that they are in: the crate `tlog`.

mod about;
mod chain;
pub mod decided;

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::authority::AuthorityArn;
use crate::finding::FindingId;
use crate::ids::{RequestId, RunId};
use crate::people::{Person, Role};
use crate::serial::Serial;
use crate::timestamp::Timestamp;

pub use about::{About, AboutError};
pub use chain::{Break, Chain, Link};

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Person {
        person: Person,
        roles: Vec<Role>,
    },
    /// A part of Countersign: "run", "executor", "prover".
    System {
        part: String,
    },
    /// Somebody who is not signed in.
    Stranger,
}

/// What was done. The names are part of the log: never rename one.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    SignedIn,
    SignInRefused,
    SignedOut,
    /// An attempt that was refused; the detail says what and why.
    Refused,
    RunStarted,
    RunFinished,
    RunFailed,
    FindingsRecorded,
    FindingAcknowledged,
    FindingDismissed,
    /// Of the two people who must agree that it is no trouble, the first says so.
    DismissalAsked,
    /// Somebody was made the owner of findings by somebody else.
    FindingAssigned,
    /// Something was ordered to be done to all findings that match a filter; the entries of what is done name its id.
    BulkOrdered,
    BulkEnded,
    RevocationRequested,
    RevocationApproved,
    RevocationRejected,
    RevocationCancelled,
    RevocationExpired,
    ExecutionStarted,
    CertificateRevoked,
    RevocationFailed,
    ExecutionFinished,
    InventoryRecorded,
    SeenOnCrl,
    SeenByOcsp,
    SeenInReport,
    RevocationProven,
    RevocationOverdue,
    RevocationHalted,
    RevocationResumed,
    RevocationRetried,
    RevocationClosed,
    /// Somebody asked for an older month of the trail.
    TrailMonthRequested,
    /// Events or digests of the trail opened findings, or opened them again.
    AlertRaised,
    /// A process was started with another policy, other role groups or another mode than before.
    ConfigurationChanged,
    /// Somebody made an address under which programs read when certificates expire; an earlier one of theirs ended.
    CalendarMade,
    CalendarWithdrawn,
    OwnListChanged,
    /// A process was started; the detail says with what configuration.
    ProcessStarted,
    /// The identity provider publishes other keys than it did when a worker last looked.
    ProviderKeysSeen,
    /// Somebody began to take a list along as a file.
    ExportBegun,
    /// How that ended, and how many rows they have.
    ExportEnded,
    /// Somebody has asked for evidence to take along; the detail says about what.
    EvidenceBegun,
    /// The file is made; the detail has its hash.
    EvidenceMade,
    /// Somebody has downloaded all of it.
    EvidenceTaken,
}

/// How it ended, as lists of entries are narrowed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::VariantArray, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Ending {
    Done,
    /// Somebody was not allowed to.
    Refused,
    /// It did not come to what it was to come to. An alert that was raised did.
    Failed,
}

impl Ending {
    pub const ALL: &[Self] = Self::VARIANTS;

    pub fn name(self) -> &'static str {
        self.into()
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::Refused => "Refused",
            Self::Failed => "Failed",
        }
    }
}

impl Action {
    pub const ALL: &[Self] = Self::VARIANTS;

    /// As the log has it.
    pub fn name(self) -> &'static str {
        self.into()
    }

    pub fn ending(self) -> Ending {
        match self {
            Self::Refused | Self::SignInRefused => Ending::Refused,
            Self::RunFailed | Self::RevocationFailed | Self::RevocationOverdue => Ending::Failed,
            _ => Ending::Done,
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::SignedIn => "Signed in",
            Self::SignInRefused => "Sign-in refused",
            Self::SignedOut => "Signed out",
            Self::Refused => "Refused",
            Self::RunStarted => "Run started",
            Self::RunFinished => "Run finished",
            Self::RunFailed => "Run failed",
            Self::FindingsRecorded => "Findings recorded",
            Self::FindingAcknowledged => "Finding acknowledged",
            Self::FindingDismissed => "Finding dismissed",
            Self::DismissalAsked => "Dismissal asked for",
            Self::FindingAssigned => "Finding assigned",
            Self::BulkOrdered => "Handling of many findings ordered",
            Self::BulkEnded => "Handling of many findings ended",
            Self::RevocationRequested => "Revocation requested",
            Self::RevocationApproved => "Revocation approved",
            Self::RevocationRejected => "Revocation rejected",
            Self::RevocationCancelled => "Revocation cancelled",
            Self::RevocationExpired => "Request expired",
            Self::ExecutionStarted => "Execution started",
            Self::CertificateRevoked => "Certificate revoked",
            Self::RevocationFailed => "Revocation failed",
            Self::ExecutionFinished => "Execution finished",
            Self::InventoryRecorded => "Recorded in the inventory",
            Self::SeenOnCrl => "Seen on the CRL",
            Self::SeenByOcsp => "Revoked by OCSP",
            Self::SeenInReport => "Seen in the report",
            Self::RevocationProven => "Revocation proven",
            Self::RevocationOverdue => "Revocation overdue",
            Self::RevocationHalted => "Revocation halted",
            Self::RevocationResumed => "Halted revocation resumed",
            Self::RevocationRetried => "Failed ones to be tried again",
            Self::RevocationClosed => "Revocation closed",
            Self::TrailMonthRequested => "Older month of the trail requested",
            Self::AlertRaised => "Alert raised",
            Self::ConfigurationChanged => "Configuration changed",
            Self::CalendarMade => "Calendar address made",
            Self::CalendarWithdrawn => "Calendar address withdrawn",
            Self::OwnListChanged => "Own list set up",
            Self::ProcessStarted => "Process started",
            Self::ProviderKeysSeen => "Keys of the identity provider seen",
            Self::ExportBegun => "Export begun",
            Self::ExportEnded => "Export ended",
            Self::EvidenceBegun => "Evidence asked for",
            Self::EvidenceMade => "Evidence made",
            Self::EvidenceTaken => "Evidence taken along",
        }
    }
}

/// What an entry is about, so that pages can link to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    Request(RequestId),
    Finding(FindingId),
    Run {
        authority: AuthorityArn,
        id: RunId,
    },
    Certificate {
        authority: AuthorityArn,
        serial: Serial,
    },
    Session,
    /// A page or function, by its path.
    Route(String),
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    pub at: Timestamp,
    pub who: Who,
    pub action: Action,
    pub object: Object,
    /// Facts by name: counts, hashes, reasons. Values are text, cut at 2,000 characters.
    pub detail: std::collections::BTreeMap<String, String>,
}

/// The most that one value of [`Body::detail`] holds, in characters.
pub const DETAIL: usize = 2000;

impl Body {
    pub fn new(at: Timestamp, who: Who, action: Action, object: Object) -> Self {
        Self { at, who, action, object, detail: Default::default() }
    }

    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.detail.insert(name.to_owned(), value.to_string().chars().take(DETAIL).collect());
        self
    }

    /// All of these, in as many values as they need: `name`, `name 2` and so on.
    pub fn with_each(mut self, name: &str, values: impl IntoIterator<Item = String>) -> Self {
        let (mut place, mut line) = (1, String::new());
        for value in values {
            if !line.is_empty() && line.chars().count() + value.chars().count() >= DETAIL {
                self = self.with(&numbered(name, place), &line);
                (place, line) = (place + 1, String::new());
            }
            line += if line.is_empty() { "" } else { " " };
            line += &value;
        }
        self.with(&numbered(name, place), line)
    }
}

fn numbered(name: &str, place: u32) -> String {
    if place == 1 { name.to_owned() } else { format!("{name} {place}") }
}

/// An entry that has its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From 1, without gaps.
    pub seq: u64,
    /// Byte for byte as it is hashed: see [`written`].
    pub text: String,
}

impl Entry {
    /// What it says.
    ///
    /// # Errors
    /// This version does not know what it says.
    pub fn read(&self) -> Result<Body, serde_json::Error> {
        read(&self.text)
    }
}

/// The text of an entry with this id: JSON, without spaces, its fields in the order that they have in this file. The id is
/// another one for each entry, so that two with the same words are two.
///
/// # Errors
/// What it says is no JSON.
pub fn written(id: &str, body: &Body) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Written<'a> {
        version: u8,
        id: &'a str,
        entry: &'a Body,
    }
    serde_json::to_string(&Written { version: VERSION, id, entry: body })
}

/// What the text of an entry says.
///
/// # Errors
/// This version does not know what it says.
pub fn read(text: &str) -> Result<Body, serde_json::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Read {
        Entry { entry: Body },
        Link { body: String },
    }
    match serde_json::from_str(text)? {
        Read::Entry { entry } => Ok(entry),
        Read::Link { body } => serde_json::from_str(&body),
    }
}

/// The id under which an entry waited for its place. `None`: its text has none.
pub fn id(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    serde_json::from_str(text).ok().map(|Named { id }| id)
}

/// The version of the text; 1 is [`Link`]'s.
const VERSION: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_names_there_are_none_is_cut() {
        let names: Vec<String> = (0..40).map(|number| format!("{number:0>512}")).collect();
        let body = Body::new(Timestamp::EPOCH, Who::Stranger, Action::AlertRaised, Object::Session);
        let body = body.with_each("opened", names.clone());
        assert!(body.detail.values().all(|value| value.len() <= DETAIL));
        let told = (1..=body.detail.len()).flat_map(|place| {
            let value = &body.detail[&numbered("opened", u32::try_from(place).unwrap())];
            value.split(' ').map(str::to_owned)
        });
        assert_eq!(told.collect::<Vec<_>>(), names);
    }

    #[test]
    fn an_action_is_called_as_the_log_has_it() {
        for action in Action::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.name());
        }
    }

    #[test]
    fn an_entry_is_read_as_it_was_written_and_its_form_never_changes() {
        let body = Body::new(Timestamp::EPOCH, Who::Stranger, Action::SignInRefused, Object::Session);
        let text = written("a.0", &body.clone().with("b", 2).with("a", 1)).unwrap();
        assert_eq!(
            text,
            r#"{"version":2,"id":"a.0","entry":{"at":"1970-01-01T00:00:00Z","who":"stranger","action":"sign_in_refused","object":"session","detail":{"a":"1","b":"2"}}}"#
        );
        assert_eq!(read(&text).unwrap(), body.with("b", 2).with("a", 1));
        assert!(read("{}").is_err());
    }
}
