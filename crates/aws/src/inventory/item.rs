//! Between DynamoDB's attributes and the domain's inventory item.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::inventory::{Attribute, ReadItem};
use domain::{AuthorityArn, DeviceId, Serial};

use crate::item::{Item, n, s};
use crate::{Aws, InventorySettings};

/// An item of the inventory that cannot be read: no error, but counted and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableItem {
    /// "device_id sensor-0007": foreign text.
    pub place: String,
    /// What is wrong with it.
    pub problem: String,
    /// The certificate that it is about, where that much could be read.
    pub certificate: Option<(AuthorityArn, Serial)>,
}

impl Aws {
    pub fn inventory(&self) -> &InventorySettings {
        &self.settings.inventory
    }
}

impl InventorySettings {
    /// The keys that the item may have, the likeliest last: texts, and numbers where they can be such.
    pub(super) fn keys(&self, device: &DeviceId, serial_key: &str) -> Vec<Item> {
        let either = |text: &str| {
            let is_number = text.bytes().any(|byte| byte.is_ascii_digit()) && text.parse::<f64>().is_ok();
            [is_number.then(|| n(text)), Some(s(text))].into_iter().flatten()
        };
        let of = |device, serial| {
            Item::from([
                (self.attributes.device_id.clone(), device),
                (self.attributes.cert_serial.clone(), serial),
            ])
        };
        let devices = either(device.as_str());
        devices.flat_map(|device| either(serial_key).map(move |serial| of(device.clone(), serial))).collect()
    }

    /// "inventory (sensor-0007)".
    pub(super) fn place(&self, device: &DeviceId) -> String {
        format!("{} ({device})", self.table)
    }

    /// `#a0, #a1, …`: the attributes that are read, under placeholders, as their names are the user's.
    pub(super) fn projection(&self) -> (String, HashMap<String, String>) {
        let a = &self.attributes;
        let mut names = vec![&a.device_id, &a.cert_serial, &a.ca_arn, &a.subject, &a.issued_at];
        names.extend([&a.expires_at, &a.revoked_at, &a.revocation_reason]);
        let names: HashMap<String, String> =
            names.into_iter().enumerate().map(|(i, name)| (format!("#a{i}"), name.clone())).collect();
        let mut expression: Vec<_> = names.keys().cloned().collect();
        expression.sort();
        (expression.join(", "), names)
    }

    pub(super) fn read(&self, item: &Item) -> Result<ReadItem, UnreadableItem> {
        self.read_by(|name| item.get(name).map(attribute))
    }

    pub(super) fn read_by<'a>(
        &self,
        attribute: impl Fn(&str) -> Option<Attribute<'a>>,
    ) -> Result<ReadItem, UnreadableItem> {
        self.attributes.read(attribute).map_err(|error| UnreadableItem {
            place: match error.device {
                Some(device) => format!("{} {device}", self.attributes.device_id),
                None => format!("an item without {}", self.attributes.device_id),
            },
            problem: error.problem,
            certificate: error.certificate,
        })
    }
}

fn attribute(value: &AttributeValue) -> Attribute<'_> {
    match value {
        AttributeValue::S(text) => Attribute::Text(text),
        AttributeValue::N(number) => Attribute::Number(number),
        AttributeValue::Null(_) => Attribute::Null,
        _ => Attribute::Other,
    }
}
