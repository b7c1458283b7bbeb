//! The events, newest first.

use domain::ledger::Object;
use domain::views::{ActivityPage, ActivityQuery, Ingestion};
use domain::{Actor, Permission};

use crate::{Console, Error};

impl Console {
    /// One page of the events that `query` names.
    pub async fn activity(&self, actor: &Actor, query: &ActivityQuery) -> Result<ActivityPage, Error> {
        self.allowed(actor, Permission::Read, Object::Route("activity".to_owned())).await?;
        let ingestion = Ingestion { configured: self.configuration.trail.is_some(), ..Ingestion::default() };
        Ok(ActivityPage { page: query.page, ingestion, ..ActivityPage::default() })
    }
}
