//! What somebody typed into a form that did not get through, as their session keeps it.

use domain::people::PersonId;
use serde_json::Value;
use tower_sessions::session::Id;
use tower_sessions::{Session, SessionStore};

use super::{Sessions, SignedIn};

pub(crate) const KEY: &str = "typed";

/// Takes over what this person had typed in the session that a sign-in replaces; nobody else's.
pub async fn carry_over(
    sessions: &Sessions,
    replaced: Option<&Id>,
    session: &Session,
    person: &PersonId,
) -> Result<(), tower_sessions::session::Error> {
    session.remove_value(KEY).await?;
    let Some(id) = replaced else { return Ok(()) };
    let Some(mut record) = sessions.load(id).await? else { return Ok(()) };
    let whose: Option<SignedIn> =
        record.data.remove(super::KEY).and_then(|value| serde_json::from_value(value).ok());
    let typed: Option<Value> = record.data.remove(KEY);
    match typed.filter(|_| whose.is_some_and(|one| one.person.id == *person)) {
        Some(typed) => session.insert_value(KEY, typed).await.map(drop),
        None => Ok(()),
    }
}

/// What was typed has got through.
pub async fn forget(session: &Session) -> Result<(), tower_sessions::session::Error> {
    session.remove_value(KEY).await.map(drop)
}
