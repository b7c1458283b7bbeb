//! A person's calendar of expiries: making its key, withdrawing it, and what whoever has the key reads.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::ledger::{Action, Object};
use domain::views::{CalendarUnit, ExpirySpan, ExpiryView};
use domain::{Actor, CalendarKey, CalendarSecret, Permission};
use rand::Rng;

use crate::{Console, Error};

/// How many days a calendar shows, and from how many ago on.
const DAYS: usize = 400;
const BACK: Duration = Duration::from_secs(30 * 86_400);

impl Console {
    /// Makes the key of the actor's calendar. An earlier one is worth nothing from then on.
    pub async fn make_calendar(&self, actor: &Actor) -> Result<CalendarKey, Error> {
        self.allowed(actor, Permission::Read, object()).await?;
        let secret = CalendarSecret::new(rand::rng().random());
        let key = CalendarKey { person: actor.person.id.clone(), secret };
        let body = self.told(actor, Action::CalendarMade, object());
        self.journal.commit(vec![self.aws.keep_calendar(&key)?], &body).await?;
        Ok(key)
    }

    /// Takes it away.
    ///
    /// # Errors
    /// [`Error::Conflict`]: there is none.
    pub async fn withdraw_calendar(&self, actor: &Actor) -> Result<(), Error> {
        self.allowed(actor, Permission::Read, object()).await?;
        let body = self.told(actor, Action::CalendarWithdrawn, object());
        self.journal.commit(vec![self.aws.withdraw_calendar(&actor.person.id)], &body).await?;
        Ok(())
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

fn object() -> Object {
    Object::Route("calendar".to_owned())
}
