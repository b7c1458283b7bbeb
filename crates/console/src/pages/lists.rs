//! How somebody has set up a list for themselves.

use domain::ledger::Object;
use domain::preferences::{ListSettings, OwnList, Preferences};
use domain::{Actor, Permission};

use crate::{Console, Error};

impl Console {
    /// What the actor has set up for this list.
    pub async fn list_settings(&self, actor: &Actor, list: OwnList) -> Result<ListSettings, Error> {
        self.allowed(actor, Permission::Read, Object::Route(list.name().to_owned())).await?;
        let (Preferences { certificates, findings }, _) = self.aws.preferences_of(&actor.person.id).await?;
        Ok(match list {
            OwnList::Certificates => certificates,
            OwnList::Findings => findings,
        })
    }
}
