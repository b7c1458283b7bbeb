//! The ledger: what its entries say of everything that people and the system did, and of what they were refused. That none is
//! edited, removed or moved unnoticed is the work of the log that they are in: the crate `tlog`.

mod about;
mod action;
mod chain;
pub mod decided;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::authority::AuthorityArn;
use crate::finding::FindingId;
use crate::ids::{IncidentId, RequestId, RunId};
use crate::people::{Person, Role};
use crate::serial::Serial;
use crate::timestamp::Timestamp;

pub use about::{About, AboutError};
pub use action::{Action, Ending};
pub use chain::{Break, Chain, Link};

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Somebody who is signed in.
    Person {
        /// Who, under the name that they had then.
        person: Person,
        /// The roles that they held then, in order.
        roles: Vec<Role>,
    },
    /// A part of Countersign: "run", "executor", "prover".
    System {
        /// Its name, as the log has it.
        part: String,
    },
    /// Somebody who is not signed in.
    Stranger,
}

/// What an entry is about, so that pages can link to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    /// A revocation request.
    Request(RequestId),
    /// One finding; of many, the entry's detail names them.
    Finding(FindingId),
    /// A run of one authority.
    Run {
        /// The authority that the run compares.
        authority: AuthorityArn,
        /// The run's id.
        id: RunId,
    },
    /// A certificate of one authority.
    Certificate {
        /// The CA that issued it.
        authority: AuthorityArn,
        /// Its serial number.
        serial: Serial,
    },
    /// An incident.
    Incident(IncidentId),
    /// A sign-in: its beginning, its end or its refusal.
    Session,
    /// A page or function, by its path.
    Route(String),
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// When it was done, by the clock of the process that did it.
    pub at: Timestamp,
    /// Who did it.
    pub who: Who,
    /// What was done.
    pub action: Action,
    /// What it was done to.
    pub object: Object,
    /// Facts by name: counts, hashes, reasons. Values are text, cut at 2,000 characters.
    pub detail: std::collections::BTreeMap<String, String>,
}

/// The most that one value of [`Body::detail`] holds, in characters.
pub const DETAIL: usize = 2000;

impl Body {
    /// A body without facts.
    pub fn new(at: Timestamp, who: Who, action: Action, object: Object) -> Self {
        Self { at, who, action, object, detail: Default::default() }
    }

    /// With this fact, cut at [`DETAIL`] characters; one of the same name is replaced.
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
