//! An incident: the case of a bad day. It holds what people said of it; how far it is follows from that and from the records
//! ([`steps`]), so that nobody ticks what did not happen.

mod facts;
mod lever;
mod steps;
mod story;
#[cfg(test)]
mod tests;
mod view;

use serde::{Deserialize, Serialize};

use crate::authority::AuthorityId;
use crate::finding::FindingId;
use crate::ids::IncidentId;
use crate::people::Person;
use crate::timestamp::Timestamp;
use crate::views::IdentityKey;

pub use facts::{AuthorityFacts, CallerFacts, CertificatesOf, Facts, ReportSeen, RequestFacts};
pub use lever::{Lever, Pull, name_of};
pub use steps::{Step, StepName, steps};
pub use story::story;
pub use view::{IncidentQuery, IncidentView, IncidentsView, Which, unauthorised_of};

/// A case, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id, which addresses have.
    pub id: IncidentId,
    /// What people call it.
    pub title: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Who opened it, under the name that they had then.
    pub opened_by: Person,
    /// What it was opened from.
    pub from: OpenedFrom,
    /// Whom it is about, [`Incident::CALLERS`] at most: principals, access keys and addresses.
    pub callers: Vec<IdentityKey>,
    /// The authorities that it was opened about.
    pub authorities: Vec<AuthorityId>,
    /// Oldest first, [`Incident::NOTES`] at most.
    pub notes: Vec<Note>,
    /// Everybody who has done something with it, the first of them first.
    pub people: Vec<Person>,
    /// What people said of steps that the records do not show, one of each step at most.
    pub answers: Vec<Answer>,
    /// `None`: it is open.
    pub end: Option<End>,
    /// Raised by one with each change.
    pub version: u64,
}

/// What it was opened from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenedFrom {
    /// A finding.
    Finding(FindingId),
    /// The page of a principal, an access key or an address: its first caller.
    Identity,
    /// By hand.
    Hand,
}

/// What somebody wrote down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Person,
    /// In their words.
    pub text: String,
}

/// What somebody says of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Of which.
    pub step: StepName,
    /// What they say.
    pub what: Said,
    /// Why, in their words.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Person,
}

/// What can be said of a step that the records do not show.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::VariantArray, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Said {
    /// It was done where this console does not see it.
    Outside,
    /// There is nothing to do.
    NotApplicable,
}

impl Said {
    /// Both.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name in forms and in the ledger.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Outside => "Done outside",
            Self::NotApplicable => "Does not apply",
        }
    }
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When it was closed.
    pub at: Timestamp,
    /// Who closed it.
    pub by: Person,
    /// What happened and what was done about it, in their words.
    pub summary: String,
}

/// Why something cannot be done with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is closed.
    #[error("The incident is closed. Open another one.")]
    Closed,
    /// A text is too short or too long: the name of its field, and what it must be.
    #[error("Write {} to {} characters; this has {length}.", .most.0, .most.1)]
    Text {
        /// The form's field.
        field: &'static str,
        /// How few and how many characters.
        most: (usize, usize),
        /// How many it has.
        length: usize,
    },
    /// There is no room for more of these.
    #[error("It has {0} already, which is the most.")]
    Full(String),
    /// It is about them already.
    #[error("The incident is about them already.")]
    Known,
    /// The records show that a step is done: nothing has to be said of it.
    #[error("The records show that this is done.")]
    Shown,
    /// These steps are neither done nor answered.
    #[error("Still open: {0}. Do them, or say below each why not.")]
    Steps(String),
}

impl Incident {
    /// The most callers, and the most notes.
    pub const CALLERS: usize = 20;
    /// See [`Incident::CALLERS`].
    pub const NOTES: usize = 100;
    /// How few and how many characters a title has.
    pub const TITLE: (usize, usize) = (3, 120);
    /// The same of a reason, of a note, and of a summary.
    pub const REASON: (usize, usize) = (10, 1000);
    /// See [`Incident::REASON`].
    pub const NOTE: (usize, usize) = (1, 1000);

    /// A new one.
    ///
    /// # Errors
    /// [`Refusal::Text`] about the title; [`Refusal::Full`]: of callers.
    pub fn opened(
        id: IncidentId,
        (title, from): (&str, OpenedFrom),
        (callers, authorities): (Vec<IdentityKey>, Vec<AuthorityId>),
        by: &Person,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        if callers.len() > Self::CALLERS {
            return Err(Refusal::Full(format!("{} callers", Self::CALLERS)));
        }
        Ok(Self {
            id,
            title: text("title", Self::TITLE, title)?,
            opened_at: now,
            opened_by: by.clone(),
            from,
            callers,
            authorities,
            notes: Vec::new(),
            people: vec![by.clone()],
            answers: Vec::new(),
            end: None,
            version: 1,
        })
    }

    /// Whether nobody has closed it.
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// What was said of a step.
    pub fn answer(&self, step: StepName) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.step == step)
    }

    /// With one more caller.
    ///
    /// # Errors
    /// [`Refusal::Closed`], [`Refusal::Known`], [`Refusal::Full`]
    pub fn also_about(&self, caller: IdentityKey, by: &Person) -> Result<Self, Refusal> {
        let mut next = self.next(by)?;
        if next.callers.contains(&caller) {
            return Err(Refusal::Known);
        }
        if next.callers.len() >= Self::CALLERS {
            return Err(Refusal::Full(format!("{} callers", Self::CALLERS)));
        }
        next.callers.push(caller);
        Ok(next)
    }

    /// With one more note.
    ///
    /// # Errors
    /// [`Refusal::Closed`], [`Refusal::Text`], [`Refusal::Full`]
    pub fn noted(&self, note: &str, by: &Person, now: Timestamp) -> Result<Self, Refusal> {
        let mut next = self.next(by)?;
        let text = text("text", Self::NOTE, note)?;
        if next.notes.len() >= Self::NOTES {
            return Err(Refusal::Full(format!("{} notes", Self::NOTES)));
        }
        next.notes.push(Note { at: now, by: by.clone(), text });
        Ok(next)
    }

    /// Somebody says of a step what the records do not show; `None` takes back what was said of it.
    ///
    /// # Errors
    /// [`Refusal::Closed`], [`Refusal::Text`]; [`Refusal::Shown`]: nothing has to be said of it.
    pub fn answered(
        &self,
        (step, said): (StepName, Option<Said>),
        reason: &str,
        facts: &Facts,
        (by, now): (&Person, Timestamp),
    ) -> Result<Self, Refusal> {
        let mut next = self.next(by)?;
        next.answers.retain(|answer| answer.step != step);
        if let Some(what) = said {
            let reason = text("reason", Self::REASON, reason)?;
            if step == StepName::Close || steps(&next, facts).iter().any(|one| one.name == step && one.done) {
                return Err(Refusal::Shown);
            }
            next.answers.push(Answer { step, what, reason, at: now, by: by.clone() });
        }
        Ok(next)
    }

    /// Closed: there is nothing more to do.
    ///
    /// # Errors
    /// [`Refusal::Closed`], [`Refusal::Text`]; [`Refusal::Steps`]: there is.
    pub fn closed(
        &self,
        summary: &str,
        facts: &Facts,
        (by, now): (&Person, Timestamp),
    ) -> Result<Self, Refusal> {
        let next = self.next(by)?;
        let open: Vec<&str> = steps(self, facts)
            .iter()
            .filter(|step| step.name != StepName::Close && step.is_open())
            .map(|step| step.name.label())
            .collect();
        if !open.is_empty() {
            return Err(Refusal::Steps(open.join(", ")));
        }
        let summary = text("summary", Self::REASON, summary)?;
        Ok(Self { end: Some(End { at: now, by: by.clone(), summary }), ..next })
    }

    /// The version after this one, in which `by` does something.
    fn next(&self, by: &Person) -> Result<Self, Refusal> {
        if !self.is_open() {
            return Err(Refusal::Closed);
        }
        let mut next = Self { version: self.version + 1, ..self.clone() };
        if !next.people.iter().any(|person| person.id == by.id) {
            next.people.push(by.clone());
        }
        Ok(next)
    }
}

fn text(field: &'static str, most: (usize, usize), text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let length = text.chars().count();
    match (most.0..=most.1).contains(&length) {
        true => Ok(text.to_owned()),
        false => Err(Refusal::Text { field, most, length }),
    }
}
