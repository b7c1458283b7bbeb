//! Telling the inventory of a revocation: the only write to the user's table, with the executor's credentials.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use domain::{DeviceId, RevocationReason, Timestamp};

use crate::error::sdk;
use crate::item::{Item, n, s};
use crate::{Aws, Error, Thing};

/// What became of telling the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    Now,
    /// It said so before, maybe with another time or reason; nothing was written.
    Before,
    /// There is no such item; none was made.
    Missing,
}

/// An empty `revoked_at` is as good as none.
const NOT_REVOKED: &str = "attribute_exists(#device) AND (attribute_not_exists(#revoked_at) \
     OR #revoked_at = :empty OR attribute_type(#revoked_at, :null))";

impl Aws {
    /// Sets the attributes of a revocation unless they are set. Writes the time as a number if the item's other times
    /// are numbers, else as RFC 3339. Without a reason, where nobody knows the CA's own, none is written.
    pub async fn record_revocation(
        &self,
        device: &DeviceId,
        serial_key: &str,
        at: Timestamp,
        reason: Option<RevocationReason>,
    ) -> Result<Recorded, Error> {
        let executor = self.executor("dynamodb:UpdateItem")?;
        let Some((key, item)) = self.raw_inventory_item(device, serial_key).await? else {
            return Ok(Recorded::Missing);
        };
        let inventory = self.inventory();
        let names = &inventory.attributes;
        let is_number = |name: &String| item.get(name).is_some_and(AttributeValue::is_n);
        let at = match is_number(&names.issued_at) || is_number(&names.expires_at) {
            true => n(at.unix()),
            false => s(at.to_string()),
        };
        let set = match reason {
            Some(_) => "SET #revoked_at = :at, #reason = :reason",
            None => "SET #revoked_at = :at",
        };
        let mut update = executor
            .dynamodb
            .update_item()
            .table_name(&inventory.table)
            .set_key(Some(key))
            .update_expression(set)
            .condition_expression(NOT_REVOKED)
            .expression_attribute_names("#device", &names.device_id)
            .expression_attribute_names("#revoked_at", &names.revoked_at)
            .expression_attribute_values(":at", at)
            .expression_attribute_values(":empty", s(""))
            .expression_attribute_values(":null", s("NULL"))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        if let Some(reason) = reason {
            update = update
                .expression_attribute_names("#reason", &names.revocation_reason)
                .expression_attribute_values(":reason", s(reason.aws()));
        }
        let answer = update.send().await;
        match answer {
            Ok(_) => Ok(Recorded::Now),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    let stored = failed.item().is_some_and(|item: &Item| !item.is_empty());
                    Ok(if stored { Recorded::Before } else { Recorded::Missing })
                }
                _ => Err(sdk("dynamodb:UpdateItem", Thing::InventoryItem, inventory.place(device))(error)),
            },
        }
    }
}
