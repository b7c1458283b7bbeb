//! When certificates expire.

use domain::ledger::Object;
use domain::views::{ExpiryQuery, ExpiryView};
use domain::{Actor, CalendarKey, Permission};

use crate::{Console, Error};

impl Console {
    /// How many certificates that are not revoked expire in each day, week or month of a page of the calendar.
    pub async fn expiry(&self, actor: &Actor, query: &ExpiryQuery) -> Result<ExpiryView, Error> {
        self.allowed(actor, Permission::Read, Object::Route("expiry".to_owned())).await?;
        let spans = self.records.model.expiring(query.spans(self.clock.now())).await?;
        let person = &actor.person.id;
        let secret = self.aws.calendar_of(person).await?;
        let calendar = secret.map(|secret| CalendarKey { person: person.clone(), secret }.to_string());
        Ok(ExpiryView { authorities: self.authorities(), spans, as_of: self.records.model.as_of(), calendar })
    }
}
