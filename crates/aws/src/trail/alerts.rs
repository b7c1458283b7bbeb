//! What the rules remember of the events of a part, saved with the cursor that says how far they have come.

use domain::alerts::Memory;
use domain::trail::TrailPart;

use crate::item::{body, json};
use crate::{Aws, Change, Error, Thing, keys};

impl Aws {
    /// What was last saved; nothing at all before that.
    pub async fn alert_memory(&self, part: &TrailPart) -> Result<Memory, Error> {
        let item = self.item(Thing::Trail, &keys::trail_alerts(part)).await?;
        item.map_or_else(|| Ok(Memory::default()), |item| body(Thing::Trail, &item))
    }

    /// To be done together with moving the cursor, whose condition guards both.
    pub fn save_alert_memory(&self, part: &TrailPart, memory: &Memory) -> Result<Change, Error> {
        let attributes = [(keys::BODY, json(Thing::Trail, memory)?)];
        Ok(Change::put(Thing::Trail, part.to_string(), keys::trail_alerts(part), attributes))
    }
}
