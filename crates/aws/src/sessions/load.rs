//! Finding a session again.

use domain::Timestamp;

use super::{BEGUN_AT, PERSON, SID, StoredSession};
use crate::item::{Item, number, text};
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// The session as it is now. `None`: there is none, or its time is over; DynamoDB deletes late.
    pub async fn session(&self, id: &str, now: Timestamp) -> Result<Option<StoredSession>, Error> {
        let item = self.item(Thing::Session, &keys::session(id)).await?;
        let session = item.as_ref().map(StoredSession::of).transpose()?;
        Ok(session.filter(|session| session.expires_at > now))
    }
}

impl StoredSession {
    pub(super) fn of(item: &Item) -> Result<Self, Error> {
        let what = Thing::Session;
        let expires_at = Timestamp::from_unix(number(what, item, keys::EXPIRES)?).unwrap_or(Timestamp::EPOCH);
        let person = item.contains_key(PERSON).then(|| text(what, item, PERSON)).transpose()?;
        let person = person.map(str::parse).transpose();
        Ok(Self {
            begun_at: number(what, item, BEGUN_AT).ok().and_then(|at| Timestamp::from_unix(at).ok()),
            data: text(what, item, keys::BODY)?.to_owned(),
            expires_at,
            person: person.map_err(|error| Error::invalid("reading", "a session", error))?,
            sid: item.contains_key(SID).then(|| text(what, item, SID).map(str::to_owned)).transpose()?,
        })
    }
}
