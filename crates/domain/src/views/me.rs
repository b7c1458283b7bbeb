//! What concerns one person, and the channels through which people are told.

use serde::{Deserialize, Serialize};

use super::{Authority, LedgerLine};
use crate::finding::Finding;
use crate::notify::{ChannelKind, Delivery, Notice, Route};
use crate::revocation::Request;
use crate::timestamp::Timestamp;

/// A person's own page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeView {
    /// Requests that they can decide, the oldest first.
    pub requests: Vec<Request>,
    /// Their own requests that others are to decide, the oldest first.
    pub asked: Vec<Request>,
    /// Findings that they have in hand, the first to be due first.
    pub findings: Vec<Finding>,
    /// All that are configured, for their names.
    pub authorities: Vec<Authority>,
    /// What they did of late, as the ledger has it, the last first.
    pub did: Vec<LedgerLine>,
    /// What they were told of late, the last first.
    pub told: Vec<Notice>,
    /// Where they are signed in, the last sign-in first.
    pub sessions: Vec<OwnSession>,
}

impl MeView {
    /// How many of each list it has at most.
    pub const SHOWN: usize = 20;
}

/// One of a person's sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSession {
    /// Names it: the hash of its id.
    pub hash: String,
    /// When they signed in. `None`: an earlier version did not note it.
    pub begun_at: Option<Timestamp>,
    /// When it ends if it is not used again.
    pub expires_at: Timestamp,
    /// It is the one in which this is asked.
    pub current: bool,
}

/// The page of the channels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelsView {
    /// In the order of the configuration.
    pub channels: Vec<ChannelView>,
    /// For the names of those that a channel is narrowed to.
    pub authorities: Vec<Authority>,
    /// Why the viewer cannot test one; `None`: they can.
    pub cannot_test: Option<String>,
}

/// A channel, and how it fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelView {
    /// Its name in the configuration.
    pub name: String,
    /// What it is.
    pub kind: ChannelKind,
    /// All of its address that is shown.
    pub host: String,
    /// What it takes.
    pub route: Route,
    /// What it is still to take, the first to be tried first; [`MeView::SHOWN`] at most.
    pub waiting: Vec<Sent>,
    /// What it has taken, or what was given up, the last first; [`MeView::SHOWN`] at most.
    pub ended: Vec<Sent>,
}

/// A notice, and what became of it at a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// What is told.
    pub notice: Notice,
    /// How that stands.
    pub delivery: Delivery,
}

impl ChannelView {
    /// What went wrong the last time, if what waits was tried in vain or the last one was given up.
    pub fn problem(&self) -> Option<&str> {
        let tried = self.waiting.iter().find(|sent| sent.delivery.attempts > 0);
        let given_up = self.ended.first().filter(|sent| sent.delivery.is_given_up());
        tried.or(given_up).and_then(|sent| sent.delivery.problem.as_deref())
    }
}
