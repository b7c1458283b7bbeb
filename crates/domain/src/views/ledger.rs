//! The ledger, and its verification.

use serde::{Deserialize, Serialize};

use crate::ledger::{About, Action, Body, Ending, Who};
use crate::timestamp::Timestamp;

/// Which entries a list shows; the URL is its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LedgerQuery {
    /// A part of the name or of the id of whoever did it.
    pub person: Option<String>,
    /// Only those with this action.
    pub action: Option<Action>,
    /// Only those that ended so.
    pub outcome: Option<Ending>,
    /// Only those that tell of this.
    pub about: Option<About>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
    /// Those with smaller numbers than this one.
    pub before: Option<u64>,
}

impl LedgerQuery {
    /// All that tell of this.
    pub fn of(about: About) -> Self {
        Self { about: Some(about), ..Self::default() }
    }

    /// It leaves something out.
    pub fn is_narrowed(&self) -> bool {
        *self != Self { before: self.before, ..Self::default() }
    }

    /// Whether the list shows it, but for the page that it is on.
    pub fn takes(&self, body: &Body) -> bool {
        self.action.is_none_or(|action| action == body.action)
            && self.outcome.is_none_or(|outcome| outcome == body.action.ending())
            && self.from.is_none_or(|from| body.at >= from)
            && self.to.is_none_or(|to| body.at < to)
            && self.person.as_ref().is_none_or(|part| is_by(&body.who, part))
            && self.about.as_ref().is_none_or(|about| about.is_told_by(body))
    }
}

fn is_by(who: &Who, part: &str) -> bool {
    let part = part.trim().to_lowercase();
    let is_in = |text: &str| text.to_lowercase().contains(&part);
    match who {
        Who::Person { person, .. } => is_in(&person.name) || is_in(person.id.as_str()),
        Who::System { part } => is_in(part) || is_in("countersign"),
        Who::Stranger => is_in("somebody not signed in"),
    }
}

/// One entry of the ledger, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// Its place, from 1. `None`: the sequencer has not placed it yet.
    pub seq: Option<u64>,
    /// Of its leaf in the log's tree (RFC 6962 §2.1), in hex.
    pub hash: String,
    /// The text of the entry when it is not one that this version reads.
    pub body: Result<Body, String>,
    /// `None`: it is in no checkpoint yet.
    pub published: Option<Published>,
}

/// An entry by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// What it says, and where it is.
    pub line: LedgerLine,
    /// Byte for byte as it is hashed.
    pub text: String,
    /// Why this is not what the log has there, though a checkpoint is said to cover it.
    pub differs: Option<String>,
}

/// The first checkpoint with an entry, as the sequencer noted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// How many entries the checkpoint is over.
    pub size: u64,
    /// When the log first had it.
    pub since: Timestamp,
}

/// One page of the ledger, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerPage {
    /// Newest first.
    pub lines: Vec<LedgerLine>,
    /// Older ones: pass it as `before`.
    pub next: Option<u64>,
    /// How many entries there are in all.
    pub total: u64,
    /// Of a narrowed list: how many entries were looked at for this page. The older ones are looked at for the next.
    pub searched: Option<u64>,
    /// `None`: none is configured; the entries are in the console's table alone.
    pub log: Option<LogNow>,
}

/// The log's checkpoint as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogNow {
    /// The log's name, in the first line of its checkpoints (c2sp.org/tlog-checkpoint).
    pub origin: String,
    /// Why it cannot be believed; without a checkpoint, `None`.
    pub checkpoint: Result<Option<LogHead>, String>,
}

/// A checkpoint whose signature was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    /// How many entries it is over.
    pub size: u64,
    /// In base64, as the checkpoint has it.
    pub root: String,
    /// Each witness that is configured.
    pub witnesses: Vec<Witnessed>,
}

/// How far a witness has seen the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witnessed {
    /// Its name, as its key has it.
    pub witness: String,
    /// `None`: it has left nothing here yet. Why what it has left is not to be believed, or that the log does not go on from it.
    pub seen: Result<Option<Cosigned>, String>,
}

/// A witness has cosigned a checkpoint of this size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cosigned {
    /// How many entries that checkpoint is over.
    pub size: u64,
    /// When, by the witness's clock.
    pub at: Timestamp,
}

/// The whole log, followed from its first entry to its checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerReport {
    /// `None`: no log is configured, or it has no checkpoint yet.
    pub log: Option<LogHead>,
    /// The first place that does not hold.
    pub broken: Option<String>,
    /// When it was followed.
    pub verified_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Object;
    use crate::people::Person;

    #[test]
    fn each_part_of_a_query_narrows() {
        let at = |unix| Timestamp::from_unix(unix).unwrap();
        let person = Person { id: "idp|42".parse().unwrap(), name: "Olivia Ops".to_owned(), human: None };
        let who = Who::Person { person, roles: Vec::new() };
        let body = Body::new(at(100), who, Action::Refused, Object::Session).with("request", "no id");
        let good = LedgerQuery {
            person: Some(" OLIVIA".to_owned()),
            action: Some(Action::Refused),
            outcome: Some(Ending::Refused),
            from: Some(at(100)),
            to: Some(at(101)),
            ..LedgerQuery::default()
        };
        assert!(good.takes(&body) && good.is_narrowed());
        assert!(!LedgerQuery { before: Some(1), ..LedgerQuery::default() }.is_narrowed());
        assert!(LedgerQuery { person: Some("idp|42".to_owned()), ..good.clone() }.takes(&body));
        for bad in [
            LedgerQuery { person: Some("Arno".to_owned()), ..good.clone() },
            LedgerQuery { action: Some(Action::SignedIn), ..good.clone() },
            LedgerQuery { outcome: Some(Ending::Done), ..good.clone() },
            LedgerQuery { about: Some("finding:duplicate.a-1.0a".parse().unwrap()), ..good.clone() },
            LedgerQuery { from: Some(at(101)), ..good.clone() },
            LedgerQuery { to: Some(at(100)), ..good.clone() },
        ] {
            assert!(!bad.takes(&body), "{bad:?}");
        }
        let by = |text: &str| LedgerQuery { person: Some(text.to_owned()), ..LedgerQuery::default() };
        let worker =
            Body::new(at(1), Who::System { part: "executor".to_owned() }, Action::RunFailed, Object::Session);
        assert!(
            by("Countersign").takes(&worker) && by("executor").takes(&worker) && !by("Olivia").takes(&worker)
        );
    }
}
