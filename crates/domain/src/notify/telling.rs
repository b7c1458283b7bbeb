//! What is to be told, as it stands in the outbox: written in the transaction of the change that it tells of.

use serde::{Deserialize, Serialize};

use super::Notice;
use crate::ledger::{Action, Body, Object, Who};

/// What the notifier makes notices of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// Sorts by time; one for each transaction.
    pub id: String,
    /// What it holds.
    pub what: Told,
}

/// What a telling holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// What entries of the ledger say, as far as it is told ([`concerning`]), each with the id of its notice.
    Entries(Vec<(String, Body)>),
    /// A notice as it is.
    Notice(Box<Notice>),
    /// One for a single channel, whatever it takes.
    Test {
        /// The channel's name.
        channel: String,
        /// What it is sent.
        notice: Box<Notice>,
    },
}

impl Telling {
    /// How many notices it makes at most.
    pub fn left(&self) -> usize {
        match &self.what {
            Told::Entries(entries) => entries.len(),
            Told::Notice(_) | Told::Test { .. } => 1,
        }
    }
}

/// What of an entry's detail is told.
const KEPT: [&str; 8] =
    ["approvals", "comment", "failed", "finding", "rehearsed", "revoked", "title", "count"];

/// What of an entry is told to somebody. `None`: it concerns nobody but whoever did it.
pub fn concerning(entry: &Body) -> Option<Body> {
    let is_told = match entry.action {
        Action::RevocationRequested
        | Action::RevocationApproved
        | Action::RevocationRejected
        | Action::RevocationExpired
        | Action::ExecutionFinished
        | Action::RevocationProven
        | Action::RevocationOverdue
        | Action::FindingAssigned
        | Action::IncidentOpened => true,
        // Their requester's own withdrawal tells nobody anything that they must do.
        Action::RevocationCancelled => matches!(entry.who, Who::System { .. }),
        _ => false,
    };
    is_told.then(|| {
        let mut told = entry.clone();
        told.detail.retain(|name, _| KEPT.contains(&name.as_str()));
        match first_finding(entry) {
            Some(finding) => told.with("finding", finding),
            None => told,
        }
    })
}

/// The first of several findings that an entry names, by subjects under `KIND.SCOPE`.
fn first_finding(entry: &Body) -> Option<String> {
    let is_of_many = entry.action == Action::FindingAssigned && matches!(entry.object, Object::Route(_));
    let named = entry.detail.iter().filter(|_| is_of_many).find(|(name, _)| name.contains('.'));
    named.and_then(|(name, subjects)| Some(format!("{name}.{}", subjects.split(' ').next()?)))
}
