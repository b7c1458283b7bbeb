//! All certificates of one device.

use domain::{DeviceId, InventoryItem};

use super::UnreadableItem;
use crate::error::sdk;
use crate::item::s;
use crate::{Aws, Error, Thing};

impl Aws {
    /// Every item of the device as it is now, by serial key.
    pub async fn inventory_of_device(
        &self,
        device: &DeviceId,
    ) -> Result<Vec<Result<InventoryItem, UnreadableItem>>, Error> {
        let inventory = self.inventory();
        let (projection, names) = inventory.projection();
        let query = self.reader.dynamodb.query().table_name(&inventory.table).consistent_read(true);
        let query = query.projection_expression(projection).set_expression_attribute_names(Some(names));
        let query = query
            .key_condition_expression("#device = :device")
            .expression_attribute_names("#device", &inventory.attributes.device_id)
            .expression_attribute_values(":device", s(device.as_str()));
        let mut items = query.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(sdk("dynamodb:Query", Thing::InventoryItem, device.as_str()))?;
            found.push(inventory.read(&item));
        }
        Ok(found)
    }
}
