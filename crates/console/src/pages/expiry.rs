//! When certificates expire: for a page, and for calendar programs.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::ledger::Object;
use domain::views::{CalendarUnit, ExpiryQuery, ExpirySpan, ExpiryView};
use domain::{Actor, CalendarKey, Permission};

use crate::{Console, Error};

/// How many days a calendar shows, and from how many ago on.
const DAYS: usize = 400;
const BACK: Duration = Duration::from_secs(30 * 86_400);

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

    /// What whoever has this key may read: the days on which certificates expire. `None`: it is no key, or not any more,
    /// or its person has no role.
    pub async fn calendar(&self, key: &CalendarKey) -> Result<Option<ExpiryView>, Error> {
        let kept = self.aws.calendar_of(&key.person).await?;
        if !kept.is_some_and(|secret| secret.is(&key.secret)) {
            return Ok(None);
        }
        let roles = self.aws.roles_of(&BTreeSet::from([key.person.clone()])).await?;
        if !roles.get(&key.person).is_some_and(|roles| Permission::Read.granted_to(roles)) {
            return Ok(None);
        }
        let first = CalendarUnit::Day.begins(self.clock.now().minus(BACK));
        let spans = ExpirySpan::follow(CalendarUnit::Day, first, DAYS);
        let spans = self.records.model.expiring(spans).await?;
        let as_of = self.records.model.as_of();
        Ok(Some(ExpiryView { authorities: self.authorities(), spans, as_of, calendar: None }))
    }
}
