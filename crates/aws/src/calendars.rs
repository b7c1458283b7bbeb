//! The secret of each person's calendar, beside the person: one at a time.

use domain::{CalendarKey, CalendarSecret, PersonId};

use crate::item::{body, json};
use crate::{Aws, Change, Error, Thing, keys};

impl Aws {
    /// The secret of a person's calendar; `None`: they have none.
    pub async fn calendar_of(&self, person: &PersonId) -> Result<Option<CalendarSecret>, Error> {
        let item = self.item(Thing::Calendar, &keys::calendar(person)).await?;
        item.map(|item| body(Thing::Calendar, &item)).transpose()
    }

    /// Keeps the secret; an earlier one is worth nothing from now on.
    pub fn keep_calendar(&self, key: &CalendarKey) -> Result<Change, Error> {
        let attributes = [(keys::BODY, json(Thing::Calendar, &key.secret)?)];
        Ok(Change::put(Thing::Calendar, key.person.as_str(), keys::calendar(&key.person), attributes))
    }

    /// Takes a person's calendar away.
    pub fn withdraw_calendar(&self, person: &PersonId) -> Change {
        let delete = Change::delete(Thing::Calendar, person.as_str(), keys::calendar(person));
        delete.when("attribute_exists(pk)", [])
    }
}
