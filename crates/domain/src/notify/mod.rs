//! Telling people: what of all that happens is told, to whom, how bad it is, and which channel takes it. Nobody is told of what
//! they did themselves.

mod delivery;
mod kind;
mod of_entry;
mod route;
mod telling;
#[cfg(test)]
mod tests;
mod text;
mod together;
mod topic;

use serde::{Deserialize, Serialize};

use crate::authority::AuthorityArn;
use crate::finding::Finding;
use crate::finding_kind::{FindingKind, Severity};
use crate::foreign;
use crate::ledger::About;
use crate::people::{Actor, Person, Role};
use crate::serial::Serial;
use crate::timestamp::Timestamp;

pub use delivery::{Delivery, GIVEN_UP};
pub use kind::{Kind, KindError};
pub use of_entry::{Known, due, expires_soon, of_entry};
pub use route::{ChannelKind, Digest, Route};
pub use telling::{Telling, Told, concerning};
pub use text::{ascii_subject, escaped, line, subject};
pub use together::together;
pub use topic::{TopicArn, TopicError};

/// The most characters of a sentence and of a name, as they are shown; Slack cuts a text at 40,000.
const SENTENCE: usize = 2000;
const NAME: usize = 1000;

/// What people are told, but for the address of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The same each time this is delivered.
    pub id: String,
    /// What it is about.
    pub kind: Kind,
    /// How bad that is.
    pub severity: Severity,
    /// What happened, on one line of at most 2,000 characters.
    pub sentence: String,
    /// When it happened.
    pub at: Timestamp,
    /// What to look up; `None`: it is a test.
    pub about: Option<About>,
    /// Who did it here: they are not told.
    pub by: Option<Person>,
    /// Whom it concerns.
    #[serde(rename = "for")]
    pub audience: Audience,
    /// Who called AWS (ARN or name), on one line of at most 1,000 characters; `None`: nobody is known.
    pub principal: Option<String>,
    /// The address that the call came from, on one line.
    pub address: Option<String>,
    /// The authority it is about; `None`: a trail, a worker, or several.
    pub authority: Option<AuthorityArn>,
    /// The certificate it is about; `None`: it is about none, or about several.
    pub serial: Option<Serial>,
}

/// Whom something concerns: those who can act on it, and those who asked for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// Everybody in these roles.
    pub roles: Vec<Role>,
    /// These people.
    pub people: Vec<Person>,
}

impl Notice {
    /// One of this kind, with that kind's severity, that nobody is told of yet.
    fn new(id: String, kind: Kind, sentence: &str, at: Timestamp) -> Self {
        Self {
            id,
            kind,
            severity: kind.severity(),
            sentence: foreign::short_line(sentence, SENTENCE),
            at,
            about: None,
            by: None,
            audience: Audience::default(),
            principal: None,
            address: None,
            authority: None,
            serial: None,
        }
    }

    /// What is told of a finding that an alert opened. Names in it are foreign, and made visible on one line.
    pub fn of_alert(finding: &Finding, id: String) -> Self {
        let Finding { id: of, evidence, .. } = finding;
        let (alert, issuance) = (evidence.alert.as_ref(), evidence.issuance.as_ref());
        let identity = alert.and_then(|alert| alert.identity.as_ref());
        let identity = identity.or_else(|| issuance.map(|issuance| &issuance.identity));
        let address = alert.and_then(|alert| alert.address.as_ref());
        let address = address.or_else(|| issuance.and_then(|issuance| issuance.address.as_ref()));
        let sentence = match alert {
            Some(alert) => alert.what.clone(),
            None => {
                let who = identity
                    .zip(evidence.authorisation)
                    .map_or_else(String::new, |(who, may)| format!(": {} {}", who.principal, may.sentence()));
                format!("Certificate {} {}{who}.", of.subject, of.kind.sentence())
            }
        };
        let kind = match of.kind {
            FindingKind::WorkerSilent => Kind::WorkerSilent,
            FindingKind::RunMissed => Kind::ScheduleMissed,
            _ => Kind::AlertRaised,
        };
        Self {
            severity: of.kind.severity(),
            about: Some(About::Finding(of.clone())),
            audience: Audience { roles: vec![Role::Operator], people: Vec::new() },
            principal: identity.map(|identity| foreign::short_line(&identity.principal, NAME)),
            address: address.map(|address| foreign::short_line(address, NAME)),
            authority: finding.authority.clone(),
            serial: of.subject.serial(),
            ..Self::new(id, kind, &sentence, finding.happened_at())
        }
    }

    /// One that says that it is a test, with the fields of all others. `by`: who asked for it here.
    pub fn test(id: String, by: Option<Person>, now: Timestamp) -> Self {
        const SENTENCE: &str = "This is a test of notifications: nothing has happened.";
        Self { by, ..Self::new(id, Kind::Test, SENTENCE, now) }
    }

    /// Whether somebody is told of it.
    pub fn is_for(&self, actor: &Actor) -> bool {
        let did_it = self.by.as_ref().is_some_and(|by| by.is(&actor.person));
        let Audience { roles, people } = &self.audience;
        let concerns = roles.iter().any(|role| actor.roles.contains(role))
            || people.iter().any(|person| person.is(&actor.person));
        concerns && !did_it
    }

    /// Whom it concerns, in words. `None`: nobody in particular.
    pub fn whom(&self) -> Option<String> {
        let Audience { roles, people } = &self.audience;
        let roles = roles.iter().map(|role| format!("{role}s"));
        let people = people.iter().map(|person| foreign::short_line(&person.name, NAME));
        let all: Vec<String> = roles.chain(people).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}
