//! One event with everything about it.

use domain::ledger::Object;
use domain::trail::EventId;
use domain::views::EventView;
use domain::{Actor, Permission};

use crate::{Console, Error};

impl Console {
    /// One event, its record and its file.
    ///
    /// # Errors
    /// [`Error::NotFound`]: no log file that was read has it.
    pub async fn event(&self, actor: &Actor, id: &EventId) -> Result<EventView, Error> {
        self.allowed(actor, Permission::Read, Object::Route(format!("event {id}"))).await?;
        Err(Error::NotFound("event"))
    }
}
