//! The inventory: one item for each certificate the service knows of.

use anyhow::Context;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use time::OffsetDateTime;

use super::Certificate;
use crate::authorities::Authority;
use crate::clock::iso;
use crate::fleet::Device;

/// What an item says, all of it text.
pub(crate) fn attributes(
    device: &Device,
    authority: &Authority,
    certificate: &Certificate,
) -> impl Iterator<Item = (&'static str, String)> {
    let fingerprint = certificate.fingerprint.clone().map(|fingerprint| ("fingerprint", fingerprint));
    [
        ("device_id", device.id.clone()),
        ("cert_serial", certificate.serial.clone()),
        ("issued_at", iso(certificate.issued_at)),
        ("expires_at", iso(certificate.expires_at)),
        ("ca_arn", authority.arn.clone()),
        ("subject", certificate.subject.clone()),
        ("certificate_arn", certificate.arn.clone()),
        ("model", device.model.to_owned()),
        ("site", device.site.to_owned()),
    ]
    .into_iter()
    .chain(fingerprint)
}

/// Write access to the inventory table.
pub(crate) struct Inventory {
    pub(crate) client: Client,
    pub(crate) table: String,
}

impl Inventory {
    /// Records a certificate. Refused if the item is there already: PutItem would overwrite it.
    pub(crate) async fn record(
        &self,
        device: &Device,
        authority: &Authority,
        certificate: &Certificate,
    ) -> anyhow::Result<()> {
        let item = attributes(device, authority, certificate);
        let item = item.map(|(name, value)| (name.to_owned(), AttributeValue::S(value)));
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item.collect()))
            .condition_expression("attribute_not_exists(device_id)")
            .send()
            .await
            .with_context(|| format!("could not record {} of {}", certificate.serial, device.id))?;
        Ok(())
    }

    /// Writes down a revocation, whether or not it happened.
    pub(crate) async fn mark_revoked(
        &self,
        device: &Device,
        serial: &str,
        reason: &str,
        at: OffsetDateTime,
    ) -> anyhow::Result<()> {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("device_id", AttributeValue::S(device.id.clone()))
            .key("cert_serial", AttributeValue::S(serial.to_owned()))
            .update_expression("SET revoked_at = :at, revocation_reason = :reason")
            .condition_expression("attribute_exists(device_id)")
            .expression_attribute_values(":at", AttributeValue::S(iso(at)))
            .expression_attribute_values(":reason", AttributeValue::S(reason.to_owned()))
            .send()
            .await
            .with_context(|| format!("could not record the revocation of {serial}"))?;
        Ok(())
    }
}
