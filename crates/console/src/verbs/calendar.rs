//! A person's calendar of expiries: making its key, and withdrawing it.

use domain::ledger::{Action, Object};
use domain::{Actor, CalendarKey, CalendarSecret, Permission};
use rand::Rng;

use crate::{Console, Error};

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
}

fn object() -> Object {
    Object::Route("calendar".to_owned())
}
