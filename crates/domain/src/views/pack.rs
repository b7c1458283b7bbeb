//! Evidence to take along: what it is about, and how far a worker has come with making the file.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::authority::Authority;
use super::compliance::{DAY, Period};
use crate::authority::AuthorityId;
use crate::ids::{IncidentId, PackId, RequestId};
use crate::people::Actor;
use crate::timestamp::Timestamp;

/// What a pack of evidence is asked for about, as the address of its form says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackQuery {
    /// The first and the last day.
    pub from: Option<Timestamp>,
    /// See `from`. `None`: it is not said.
    pub to: Option<Timestamp>,
    /// None: all.
    pub authorities: Vec<AuthorityId>,
    /// Then those above say nothing.
    pub request: Option<RequestId>,
    /// Then all others say nothing.
    pub incident: Option<IncidentId>,
}

/// What a pack of evidence is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PackOf {
    /// `authorities`: each once; none: all.
    Period {
        /// Of which days.
        period: Period,
        /// Of these authorities.
        authorities: Vec<AuthorityId>,
    },
    /// One request, with its decisions and what proves them.
    Request(RequestId),
    /// One incident, with the certificates of its callers and the requests about them.
    Incident(IncidentId),
}

impl PackOf {
    /// The name of its file, without an ending.
    pub fn name(&self) -> String {
        match self {
            Self::Period { period, authorities } => {
                let of = match &authorities[..] {
                    [] => String::new(),
                    [one] => format!("-{one}"),
                    several => format!("-{}-authorities", several.len()),
                };
                format!("evidence-{}-to-{}{of}", period.from().date(), period.last().date())
            }
            Self::Request(id) => format!("evidence-{id}"),
            Self::Incident(id) => format!("evidence-incident-{id}"),
        }
    }

    /// What its lists are narrowed to, one after the other; of a request or an incident nothing.
    pub fn scopes(&self) -> Vec<Option<AuthorityId>> {
        match self {
            Self::Period { authorities, .. } if authorities.is_empty() => vec![None],
            Self::Period { authorities, .. } => authorities.iter().cloned().map(Some).collect(),
            Self::Request(_) | Self::Incident(_) => Vec::new(),
        }
    }
}

/// A pack that somebody has asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// Its id, which addresses have.
    pub id: PackId,
    /// Whoever asked for it, as they were then.
    pub by: Actor,
    /// What it is about.
    pub of: PackOf,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// How often a worker has begun to make it.
    pub begun: u32,
    /// How much of the file is made.
    pub bytes: u64,
    /// How far it is.
    pub state: PackState,
    /// Raised by one with each change.
    pub version: u64,
}

/// Where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PackState {
    /// A worker makes it, or will.
    UnderWay,
    /// All of it is there.
    Ready(PackFile),
    /// It cannot be made.
    Failed {
        /// When that was found.
        at: Timestamp,
        /// What stood in the way, in words.
        why: String,
    },
}

/// The whole file of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackFile {
    /// When it was finished.
    pub at: Timestamp,
    /// Under what its parts are kept, and how many they are.
    pub attempt: String,
    /// See `attempt`.
    pub parts: u64,
    /// The size of the whole file.
    pub bytes: u64,
    /// Lower-case hex.
    pub sha256: String,
    /// Entries of the ledger that no checkpoint showed when it was made.
    pub without_proof: u64,
}

impl Pack {
    /// A file that is made is kept for so long.
    pub const KEPT: Duration = Duration::from_secs(7 * 86_400);
    /// After so many beginnings nobody tries again.
    pub const TRIES: u32 = 5;
    /// So many of one person are made at a time.
    pub const AT_ONCE: usize = 3;

    /// A pack that is asked for now, of which nothing is made.
    pub fn ordered(id: PackId, by: Actor, of: PackOf, now: Timestamp) -> Self {
        Self { id, by, of, asked_at: now, begun: 0, bytes: 0, state: PackState::UnderWay, version: 1 }
    }

    /// Whether it is still to be made.
    pub fn is_under_way(&self) -> bool {
        self.state == PackState::UnderWay
    }

    /// The file, if there is one and it is still kept.
    pub fn file(&self, now: Timestamp) -> Option<&PackFile> {
        match &self.state {
            PackState::Ready(file) if now < file.at.plus(Self::KEPT) => Some(file),
            _ => None,
        }
    }

    /// When nothing of it need be kept any more: a day after the last moment at which it can be downloaded.
    pub fn expires(&self) -> Timestamp {
        let from = match &self.state {
            PackState::Ready(file) => file.at,
            PackState::Failed { at, .. } => *at,
            PackState::UnderWay => self.asked_at,
        };
        from.plus(Self::KEPT + DAY)
    }

    /// A worker begins, from nothing.
    #[must_use]
    pub fn begins(&self) -> Self {
        Self { begun: self.begun + 1, bytes: 0, ..self.next(PackState::UnderWay) }
    }

    /// The same with so many bytes made.
    #[must_use]
    pub fn reached(&self, bytes: u64) -> Self {
        Self { bytes, ..self.next(PackState::UnderWay) }
    }

    /// The same, finished: its file is there.
    #[must_use]
    pub fn ready(&self, file: PackFile) -> Self {
        Self { bytes: file.bytes, ..self.next(PackState::Ready(file)) }
    }

    /// The same, given up.
    #[must_use]
    pub fn failed(&self, why: String, now: Timestamp) -> Self {
        self.next(PackState::Failed { at: now, why })
    }

    fn next(&self, state: PackState) -> Self {
        Self { state, version: self.version + 1, ..self.clone() }
    }
}

/// The form for a pack, and those of late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PacksView {
    /// What the form is filled in with.
    pub of: PackOf,
    /// Those that may be chosen.
    pub authorities: Vec<Authority>,
    /// The newest first.
    pub packs: Vec<Pack>,
}

/// A pack with what its page needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackView {
    /// The pack as it is now.
    pub pack: Pack,
    /// Those that are configured, for their names.
    pub authorities: Vec<Authority>,
}
