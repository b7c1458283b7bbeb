//! Making and keeping a session.

use super::{BEGUN_AT, PERSON, SID, StoredSession};
use crate::item::{n, s};
use crate::{Aws, Change, Error, Thing, keys};

impl Aws {
    /// A new session under the secret `id`.
    ///
    /// # Errors
    /// [`Error::Conflict`]: there is one with this id; take another.
    pub async fn create_session(&self, id: &str, session: &StoredSession) -> Result<(), Error> {
        self.apply(&changes(id, session, Change::when_absent)).await
    }

    /// The session's new state.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it was ended meanwhile, and stays so.
    pub async fn save_session(&self, id: &str, session: &StoredSession) -> Result<(), Error> {
        self.apply(&changes(id, session, |change| change.when("attribute_exists(pk)", []))).await
    }
}

/// The session and the entries by which all of a person's, or of a provider's session, are found.
fn changes(id: &str, session: &StoredSession, when: fn(Change) -> Change) -> Vec<Change> {
    let expires = (keys::EXPIRES, n(session.expires_at.unix()));
    let mut attributes = vec![(keys::BODY, s(&session.data)), expires.clone()];
    let mut index = Vec::new();
    if let Some(person) = &session.person {
        attributes.push((PERSON, s(person.as_str())));
        index.push(keys::session_of_person(person, id));
    }
    if let Some(begun_at) = &session.begun_at {
        attributes.push((BEGUN_AT, n(begun_at.unix())));
    }
    if let Some(sid) = &session.sid {
        attributes.push((SID, s(sid)));
        index.push(keys::session_of_sid(sid, id));
    }
    let mut changes = vec![when(Change::put(Thing::Session, "", keys::session(id), attributes))];
    changes.extend(index.into_iter().map(|key| Change::put(Thing::Session, "", key, [expires.clone()])));
    changes
}
