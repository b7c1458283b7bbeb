//! What each process was last started with: it tells what the next start has changed.

use crate::item::{s, text};
use crate::{Aws, Change, Error, Thing, keys};

const SETTINGS: &str = "settings";

impl Aws {
    /// What the process of this name was last started with, as JSON. `None`: it never was.
    pub async fn configuration(&self, process: &str) -> Result<Option<String>, Error> {
        let item = self.item(Thing::Configuration, &keys::configuration(process)).await?;
        item.map(|item| text(Thing::Configuration, &item, SETTINGS).map(str::to_owned)).transpose()
    }

    /// The same, in the place of what was read before. Fails the commit with [`Error::Conflict`]: somebody was faster.
    pub fn configured(&self, process: &str, before: Option<&str>, settings: &str) -> Change {
        let key = keys::configuration(process);
        let put = Change::put(Thing::Configuration, process, key, [(SETTINGS, s(settings))]);
        match before {
            Some(before) => put.when("settings = :before", [(":before", s(before))]),
            None => put.when_absent(),
        }
    }
}
