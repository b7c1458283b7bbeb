//! Using something once: a sign-in that was begun.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::Timestamp;

use super::StoredSession;
use crate::error::sdk;
use crate::partitions::Access;
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// Takes the session out: of several at once, one gets it. `None`: there is none, or its time is over.
    pub async fn take_session(&self, id: &str, now: Timestamp) -> Result<Option<StoredSession>, Error> {
        let key = keys::session(id);
        self.may(Access::Write, &key.pk)?;
        let deleted = self.own.dynamodb.delete_item().table_name(self.console_table());
        let deleted = deleted.set_key(Some(key.item())).return_values(ReturnValue::AllOld).send().await;
        let deleted = deleted.map_err(sdk("dynamodb:DeleteItem", Thing::Session, self.console_table()))?;
        let session = deleted.attributes.as_ref().map(StoredSession::of).transpose()?;
        Ok(session.filter(|session| session.expires_at > now))
    }
}
