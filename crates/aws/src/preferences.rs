//! How a person has set up their lists, beside the person.

use domain::PersonId;
use domain::preferences::Preferences;

use crate::item::{body, json, n, number};
use crate::{Aws, Change, Error, Thing, keys};

const VERSION: &str = "version";

impl Aws {
    /// What the person has set up, and its version: 0 for one who has set up nothing.
    pub async fn preferences_of(&self, person: &PersonId) -> Result<(Preferences, u64), Error> {
        match self.item(Thing::Preferences, &keys::preferences(person)).await? {
            None => Ok(Default::default()),
            Some(item) => Ok((body(Thing::Preferences, &item)?, number(Thing::Preferences, &item, VERSION)?)),
        }
    }

    /// Keeps what was made of the version `seen`.
    pub fn keep_preferences(
        &self,
        person: &PersonId,
        preferences: &Preferences,
        seen: u64,
    ) -> Result<Change, Error> {
        let attributes = [(keys::BODY, json(Thing::Preferences, preferences)?), (VERSION, n(seen + 1))];
        let put = Change::put(Thing::Preferences, person.as_str(), keys::preferences(person), attributes);
        Ok(match seen {
            0 => put.when_absent(),
            _ => put.when("version = :seen", [(":seen", n(seen))]),
        })
    }
}
