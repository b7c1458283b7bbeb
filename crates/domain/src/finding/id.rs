//! What makes two findings the same: kind, scope and subject.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::finding_kind::FindingKind;
use crate::foreign;
use crate::scope::Scope;
use crate::serial::Serial;

/// Kind + scope + subject: the same trouble in the next run is the same finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FindingId {
    /// Which disagreement or alert.
    pub kind: FindingKind,
    /// Where: an authority, the trail's account and Region, or the console itself.
    pub scope: Scope,
    /// What in that scope: a certificate, or what an alert is about.
    pub subject: Subject,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// One certificate of the scope's authority, by its serial number.
    Certificate(Serial),
    /// For an alert: the id of an event, a principal, an hour of the trail (`2026-11-22T09`), or the name of a worker.
    Other(String),
}

impl Subject {
    /// How many bytes the text of an alert's subject may have.
    const LONGEST: usize = 512;

    /// For an alert about `text`. What no id can have (`#`, what is hidden, nothing at all, too long) is replaced or cut.
    pub(crate) fn other(text: &str) -> Self {
        let mut text: String =
            text.chars().map(|c| if c == '#' || foreign::is_hidden(c) { '_' } else { c }).collect();
        text.truncate(text.floor_char_boundary(Self::LONGEST));
        if text.is_empty() {
            text.push('_');
        }
        Self::Other(text)
    }

    /// The certificate's serial number; `None`: it is about something else.
    pub fn serial(&self) -> Option<Serial> {
        match self {
            Self::Certificate(serial) => Some(*serial),
            Self::Other(_) => None,
        }
    }

    fn parse(kind: FindingKind, text: &str) -> Result<Self, FindingIdError> {
        if !kind.is_alert() {
            return text.parse().map(Self::Certificate).map_err(|_| FindingIdError);
        }
        let good = (1..=Self::LONGEST).contains(&text.len()) && !text.contains(['#', '\n']);
        good.then(|| Self::Other(text.to_owned())).ok_or(FindingIdError)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(serial) => write!(f, "{serial}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// A text is not `kind.scope.subject`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a finding (KIND.SCOPE.SUBJECT)")]
pub struct FindingIdError;

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.kind, self.scope, self.subject)
    }
}

impl FromStr for FindingId {
    type Err = FindingIdError;

    fn from_str(text: &str) -> Result<Self, FindingIdError> {
        let mut parts = text.splitn(3, '.');
        let mut next = || parts.next().ok_or(FindingIdError);
        let (kind, scope, subject) = (next()?, next()?, next()?);
        let kind = kind.parse().map_err(|_| FindingIdError)?;
        let scope = scope.parse().map_err(|_| FindingIdError)?;
        Ok(Self { kind, scope, subject: Subject::parse(kind, subject)? })
    }
}

impl TryFrom<String> for FindingId {
    type Error = FindingIdError;

    fn try_from(text: String) -> Result<Self, FindingIdError> {
        text.parse()
    }
}

impl From<FindingId> for String {
    fn from(id: FindingId) -> Self {
        id.to_string()
    }
}
