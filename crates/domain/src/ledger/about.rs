//! What an entry is about, as lists of entries are narrowed to it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Body, Object};
use crate::authority::AuthorityId;
use crate::finding::{FindingId, Subject};
use crate::ids::{IncidentId, RequestId, RunId};
use crate::scope::Scope;
use crate::serial::Serial;

/// A thing of which entries tell: `finding:…`, `request:…`, `run:…`, `certificate:AUTHORITY/SERIAL`, `incident:…`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum About {
    /// One finding.
    Finding(FindingId),
    /// One revocation request.
    Request(RequestId),
    /// One run.
    Run(RunId),
    /// What was done to it, and to the findings about it.
    Certificate(AuthorityId, Serial),
    /// One incident.
    Incident(IncidentId),
}

/// A text is not the name of such a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not finding:ID, request:ID, run:ID, incident:ID or certificate:AUTHORITY/SERIAL")]
pub struct AboutError;

impl About {
    /// Whether the entry tells of it: as what it is about, or among others by name.
    pub(crate) fn is_told_by(&self, body: &Body) -> bool {
        match (self, &body.object) {
            (Self::Finding(id), Object::Finding(of)) => id == of,
            (Self::Finding(FindingId { kind, scope, subject }), _) => {
                let alike = body.detail.get(&format!("{kind}.{scope}"));
                alike.is_some_and(|subjects| has_word(subjects, &subject.to_string()))
                    || names(body, &format!("{kind}.{scope}.{subject}"))
            }
            (Self::Request(id), Object::Request(of)) if id == of => true,
            (Self::Request(id), _) => names(body, id.as_str()),
            (Self::Incident(id), Object::Incident(of)) => id == of,
            (Self::Incident(id), _) => names(body, id.as_str()),
            (Self::Run(id), Object::Run { id: of, .. }) => id == of,
            (Self::Run(id), _) => names(body, id.as_str()),
            (Self::Certificate(of, one), Object::Certificate { authority, serial }) => {
                authority.id() == *of && serial == one
            }
            (Self::Certificate(of, one), Object::Finding(id)) => is_about(id, of, *one),
            (Self::Certificate(of, one), _) => {
                let (scope, serial) = (format!(".{of}"), one.to_string());
                let is_told = |(name, value): (&String, &String)| {
                    let alike = name.ends_with(&scope) && has_word(value, &serial);
                    alike || value.split_whitespace().any(|word| is_finding_about(word, of, *one))
                };
                body.detail.iter().any(is_told)
            }
        }
    }
}

fn is_finding_about(word: &str, authority: &AuthorityId, serial: Serial) -> bool {
    // Most words are not even a little like one.
    word.contains('.') && word.parse().is_ok_and(|id: FindingId| is_about(&id, authority, serial))
}

fn is_about(id: &FindingId, authority: &AuthorityId, serial: Serial) -> bool {
    id.subject == Subject::Certificate(serial) && id.scope == Scope::Authority(authority.clone())
}

fn names(body: &Body, word: &str) -> bool {
    body.detail.values().any(|value| value == word || has_word(value, word))
}

fn has_word(text: &str, word: &str) -> bool {
    text.split_whitespace().any(|one| one.trim_end_matches([',', '.']) == word)
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finding(id) => write!(f, "finding:{id}"),
            Self::Request(id) => write!(f, "request:{id}"),
            Self::Run(id) => write!(f, "run:{id}"),
            Self::Incident(id) => write!(f, "incident:{id}"),
            Self::Certificate(authority, serial) => write!(f, "certificate:{authority}/{serial}"),
        }
    }
}

impl FromStr for About {
    type Err = AboutError;

    fn from_str(text: &str) -> Result<Self, AboutError> {
        let (kind, id) = text.trim().split_once(':').ok_or(AboutError)?;
        let about = match kind {
            "finding" => id.parse().ok().map(Self::Finding),
            "request" => id.parse().ok().map(Self::Request),
            "run" => id.parse().ok().map(Self::Run),
            "incident" => id.parse().ok().map(Self::Incident),
            "certificate" => id.split_once('/').and_then(|(authority, serial)| {
                Some(Self::Certificate(authority.parse().ok()?, serial.parse().ok()?))
            }),
            _ => None,
        };
        about.ok_or(AboutError)
    }
}

impl TryFrom<String> for About {
    type Error = AboutError;

    fn try_from(text: String) -> Result<Self, AboutError> {
        text.parse()
    }
}

impl From<About> for String {
    fn from(about: About) -> Self {
        about.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Action, Who};
    use crate::timestamp::Timestamp;

    const RUN: &str = "018bcfe5-6800-7000-8000-000000000001";

    fn body(object: Object) -> Body {
        Body::new(Timestamp::EPOCH, Who::Stranger, Action::FindingAcknowledged, object)
    }

    #[test]
    fn a_thing_is_read_as_it_is_written() {
        for text in [
            "finding:duplicate.a-1.0a".to_owned(),
            format!("request:{RUN}"),
            format!("run:{RUN}"),
            format!("incident:{RUN}"),
            "certificate:a-1/0a1b".to_owned(),
        ] {
            assert_eq!(text.parse::<About>().unwrap().to_string(), text);
        }
        for wrong in ["", "finding:", "run:x", "session:a", "certificate:a-1", "certificate:a-1/zz", "0a"] {
            assert!(wrong.parse::<About>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_entry_tells_of_what_it_names_and_of_nothing_else() {
        let about = |text: &str| text.parse::<About>().unwrap();
        let finding: FindingId = "duplicate.a-1.0a".parse().unwrap();
        let single = body(Object::Finding(finding.clone()));
        let many =
            body(Object::Route("findings".to_owned())).with("duplicate.a-1", "0b 0a").with("count", "0c");
        let opened = body(Object::Session).with("opened", format!("duplicate.a-1.0c {finding}"));
        for entry in [&single, &many, &opened] {
            assert!(about("finding:duplicate.a-1.0a").is_told_by(entry), "{entry:?}");
            assert!(about("certificate:a-1/0a").is_told_by(entry), "{entry:?}");
            for other in ["finding:duplicate.a-2.0a", "finding:duplicate.a-1.0d", "certificate:a-1/0d"] {
                assert!(!about(other).is_told_by(entry), "{other}: {entry:?}");
            }
            assert!(!about("certificate:a-2/0a").is_told_by(entry), "{entry:?}");
        }
        // A number is no serial number.
        assert!(!about("certificate:a-1/0c").is_told_by(&many));
        let run = body(Object::Session).with("run", RUN);
        assert!(about(&format!("run:{RUN}")).is_told_by(&run));
        assert!(about(&format!("request:{RUN}")).is_told_by(&body(Object::Request(RUN.parse().unwrap()))));
        assert!(!about(&format!("run:{RUN}")).is_told_by(&single));
    }
}
