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
        let item = self.raw_inventory_item(device, serial_key).await?;
        Ok(item.map(|item| self.inventory().read(&item).map(|read| read.item)))
    }

    pub(super) async fn raw_inventory_item(
        &self,
        device: &DeviceId,
        serial_key: &str,
    ) -> Result<Option<Item>, Error> {
        let inventory = self.inventory();
        let (projection, names) = inventory.projection();
        let get = self.own.dynamodb.get_item().table_name(&inventory.table).consistent_read(true);
        let get = get.projection_expression(projection).set_expression_attribute_names(Some(names));
        let answer = get.set_key(Some(inventory.key(device, serial_key))).send().await;
        Ok(answer.map_err(sdk("dynamodb:GetItem", Thing::InventoryItem, device.as_str()))?.item)
    }
}
