//! Ending one session, all of a person, or all that hang on one at the identity provider.

use domain::PersonId;
use futures::TryStreamExt;

use crate::item::{Item, text};
use crate::{Aws, Change, Error, Thing, keys};

impl Aws {
    /// Ends the session. Fine if there is none. Its index entries point nowhere then, and go with time.
    pub async fn delete_session(&self, id: &str) -> Result<(), Error> {
        self.apply(&[Change::delete(Thing::Session, "", keys::session(id))]).await
    }

    /// Ends every session of a person. Gives how many there were.
    pub async fn delete_sessions_of(&self, person: &PersonId) -> Result<usize, Error> {
        self.delete_indexed(keys::person_parts(person)).await
    }

    /// Ends every session that began with this session (`sid`) at the identity provider. Gives how many there were.
    pub async fn delete_sessions_of_sid(&self, sid: &str) -> Result<usize, Error> {
        self.delete_indexed(keys::sid_parts(sid)).await
    }

    async fn delete_indexed(&self, pk: String) -> Result<usize, Error> {
        let index: Vec<Item> = self.all(self.partition(pk, keys::SESSION_OF)).try_collect().await?;
        for entry in &index {
            let (pk, sk) = (text(Thing::Session, entry, keys::PK)?, text(Thing::Session, entry, keys::SK)?);
            let session = keys::session_hashed(sk.trim_start_matches(keys::SESSION_OF));
            let entry = keys::Key { pk: pk.to_owned(), sk: sk.to_owned() };
            let changes = [session, entry].map(|key| Change::delete(Thing::Session, "", key));
            self.apply(&changes).await?;
        }
        Ok(index.len())
    }
}
