//! One item of the inventory.

use domain::{DeviceId, InventoryItem};

use super::UnreadableItem;
use crate::error::sdk;
use crate::item::Item;
use crate::{Aws, Error, Thing};

impl Aws {
    /// The item as it is now; `serial_key` is the serial number as the item's key holds it. `None`: there is none.
    pub async fn inventory_item(
        &self,
        device: &DeviceId,
        serial_key: &str,
    ) -> Result<Option<Result<InventoryItem, UnreadableItem>>, Error> {
        let found = self.raw_inventory_item(device, serial_key).await?;
        Ok(found.map(|(_, item)| self.inventory().read(&item).map(|read| read.item)))
    }

    /// With the key under which it was found: only the table knows of which type its keys are.
    pub(super) async fn raw_inventory_item(
        &self,
        device: &DeviceId,
        serial_key: &str,
    ) -> Result<Option<(Item, Item)>, Error> {
        let inventory = self.inventory();
        let (projection, names) = inventory.projection();
        let mut keys = inventory.keys(device, serial_key);
        loop {
            let key = keys.pop().unwrap_or_default();
            let get = self.own.dynamodb.get_item().table_name(&inventory.table).consistent_read(true);
            let get = get.projection_expression(&projection);
            let get = get.set_expression_attribute_names(Some(names.clone()));
            let answer = get.set_key(Some(key.clone())).send().await;
            match answer.map_err(sdk("dynamodb:GetItem", Thing::InventoryItem, inventory.place(device))) {
                // A key of another type than the table's.
                Err(Error::Invalid { .. }) if !keys.is_empty() => (),
                answer => return Ok(answer?.item.map(|item| (key, item))),
            }
        }
    }
}
