//! Finding a session again.

use domain::Timestamp;

use super::{PERSON, SID, StoredSession};
use crate::item::{number, text};
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// The session as it is now. `None`: there is none, or its time is over; DynamoDB deletes late.
    pub async fn session(&self, id: &str, now: Timestamp) -> Result<Option<StoredSession>, Error> {
        let what = Thing::Session;
        let Some(item) = self.item(what, &keys::session(id)).await? else {
            return Ok(None);
        };
        let expires_at =
            Timestamp::from_unix(number(what, &item, keys::EXPIRES)?).unwrap_or(Timestamp::EPOCH);
        if expires_at <= now {
            return Ok(None);
        }
        let person = item.contains_key(PERSON).then(|| text(what, &item, PERSON)).transpose()?;
        let person = person.map(str::parse).transpose();
        Ok(Some(StoredSession {
            data: text(what, &item, keys::BODY)?.to_owned(),
            expires_at,
            person: person.map_err(|error| Error::invalid("reading", "a session", error))?,
            sid: item.contains_key(SID).then(|| text(what, &item, SID).map(str::to_owned)).transpose()?,
        }))
    }
}
