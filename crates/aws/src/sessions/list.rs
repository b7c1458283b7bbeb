//! A person's own sessions, and ending one of them.

use domain::{PersonId, Timestamp};
use futures::TryStreamExt;

use super::BEGUN_AT;
use crate::item::{Item, number, text};
use crate::{Aws, Change, Error, Thing, keys};

/// A session, without what is secret of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The hash of its id.
    pub hash: String,
    /// `None`: an earlier version did not note it.
    pub begun_at: Option<Timestamp>,
    pub expires_at: Timestamp,
}

impl Aws {
    /// The hash by which a session is known.
    pub fn session_hash(id: &str) -> String {
        keys::session_hash(id)
    }

    /// Those of a person that have not ended.
    pub async fn sessions_of(&self, person: &PersonId, now: Timestamp) -> Result<Vec<Listed>, Error> {
        let query = self.partition(keys::person_parts(person), keys::SESSION_OF);
        let index: Vec<Item> = self.all(query).try_collect().await?;
        let mut listed = Vec::new();
        for entry in &index {
            let sk = text(Thing::Session, entry, keys::SK)?;
            let hash = sk.trim_start_matches(keys::SESSION_OF);
            // The index is behind: what was ended is still in it.
            let Some(item) = self.item(Thing::Session, &keys::session_hashed(hash)).await? else { continue };
            let moment = |name| Timestamp::from_unix(number(Thing::Session, &item, name).ok()?).ok();
            let Some(expires_at) = moment(keys::EXPIRES).filter(|at| *at > now) else { continue };
            listed.push(Listed { hash: hash.to_owned(), begun_at: moment(BEGUN_AT), expires_at });
        }
        Ok(listed)
    }

    /// Ends one of a person's sessions; for the commit that tells of it.
    ///
    /// # Errors
    /// The commit conflicts where it is none of theirs.
    pub fn end_session_of(&self, person: &PersonId, hash: &str) -> Vec<Change> {
        let theirs = Change::delete(Thing::Session, "", keys::session_of_hash(person, hash));
        let session = Change::delete(Thing::Session, "", keys::session_hashed(hash));
        vec![theirs.when("attribute_exists(pk)", []), session]
    }
}
