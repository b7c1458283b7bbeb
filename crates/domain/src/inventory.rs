//! One item of the inventory: what the provisioning service says was issued.

use serde::{Deserialize, Serialize};

use crate::authority::AuthorityArn;
use crate::id::id;
use crate::serial::Serial;
use crate::timestamp::Timestamp;

id!(
    /// The name of a device, as the provisioning service wrote it: foreign text of 1 to 2048 bytes (a DynamoDB key).
    DeviceId,
    "a device id (1 to 2048 bytes)",
    |text| (1..=2048).contains(&text.len())
);

/// A certificate as the inventory lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryItem {
    pub authority: AuthorityArn,
    pub serial: Serial,
    pub device: DeviceId,
    /// The serial as the item's key holds it, so that the item can be found again whatever form it was written in.
    pub serial_key: String,
    pub subject: Option<String>,
    pub issued_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub revocation_reason: Option<String>,
}

/// What the inventory's attributes are called. The defaults are those that README's contract recommends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InventoryAttributes {
    pub device_id: String,
    pub cert_serial: String,
    pub ca_arn: String,
    pub subject: String,
    pub issued_at: String,
    pub expires_at: String,
    pub revoked_at: String,
    pub revocation_reason: String,
}

impl Default for InventoryAttributes {
    fn default() -> Self {
        Self {
            device_id: "device_id".to_owned(),
            cert_serial: "cert_serial".to_owned(),
            ca_arn: "ca_arn".to_owned(),
            subject: "subject".to_owned(),
            issued_at: "issued_at".to_owned(),
            expires_at: "expires_at".to_owned(),
            revoked_at: "revoked_at".to_owned(),
            revocation_reason: "revocation_reason".to_owned(),
        }
    }
}

/// One attribute of an item, as DynamoDB types it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute<'a> {
    /// `S`
    Text(&'a str),
    /// `N`, as written.
    Number(&'a str),
    /// `NULL`: counts as absent.
    Null,
    /// A type that no attribute of ours has.
    Other,
}

/// Why an item of the inventory is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ItemError {
    /// The item's device, where that much could be read: foreign text.
    pub device: Option<String>,
    /// The certificate that it is about, where that much could be read.
    pub certificate: Option<(AuthorityArn, Serial)>,
    /// "cert_serial is missing", in our words.
    pub problem: String,
}

impl InventoryAttributes {
    /// Reads one item from its typed attributes, found by name. Absent, `NULL` and empty text are the same. Times are
    /// text (RFC 3339) or numbers (seconds since 1970, fractions cut).
    pub fn read<'a>(
        &self,
        attribute: impl Fn(&str) -> Option<Attribute<'a>>,
    ) -> Result<InventoryItem, ItemError> {
        let text = |name: &str| match attribute(name) {
            Some(Attribute::Text(text)) => Some(text),
            _ => None,
        };
        self.fields(&attribute).map_err(|problem| ItemError {
            device: text(&self.device_id).map(str::to_owned),
            certificate: text(&self.ca_arn)
                .and_then(|arn| arn.parse().ok())
                .zip(text(&self.cert_serial).and_then(|serial| serial.parse().ok())),
            problem,
        })
    }

    fn fields<'a>(
        &self,
        attribute: &impl Fn(&str) -> Option<Attribute<'a>>,
    ) -> Result<InventoryItem, String> {
        let text = |name: &str| match attribute(name) {
            None | Some(Attribute::Null | Attribute::Text("")) => Ok(None),
            Some(Attribute::Text(text)) => Ok(Some(text.to_owned())),
            Some(_) => Err(format!("{name} is not text")),
        };
        let time = |name: &str| match attribute(name) {
            None | Some(Attribute::Null | Attribute::Text("")) => Ok(None),
            Some(Attribute::Text(text)) => text.parse().map(Some).map_err(|error| format!("{name}: {error}")),
            Some(Attribute::Number(number)) => {
                let seconds = number.split('.').next().and_then(|whole| whole.parse().ok());
                let moment = seconds.and_then(|seconds| Timestamp::from_unix(seconds).ok());
                moment.map(Some).ok_or_else(|| format!("{name} is not a number of seconds since 1970"))
            }
            Some(Attribute::Other) => Err(format!("{name} is neither text nor a number")),
        };
        let needed = |name: &str| text(name)?.ok_or_else(|| format!("{name} is missing"));
        let serial_key = needed(&self.cert_serial)?;
        Ok(InventoryItem {
            authority: needed(&self.ca_arn)?.parse().map_err(|error| format!("{}: {error}", self.ca_arn))?,
            serial: serial_key.parse().map_err(|error| format!("{}: {error}", self.cert_serial))?,
            device: needed(&self.device_id)?
                .parse()
                .map_err(|error| format!("{}: {error}", self.device_id))?,
            serial_key,
            subject: text(&self.subject)?,
            issued_at: time(&self.issued_at)?,
            expires_at: time(&self.expires_at)?,
            revoked_at: time(&self.revoked_at)?,
            revocation_reason: text(&self.revocation_reason)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    const ARN: &str = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

    fn read(changes: &[(&'static str, Option<Attribute<'static>>)]) -> Result<InventoryItem, ItemError> {
        let mut item = HashMap::from([
            ("device_id", Attribute::Text("sensor-1")),
            ("cert_serial", Attribute::Text("00:0A:1B")),
            ("ca_arn", Attribute::Text(ARN)),
            ("issued_at", Attribute::Text("2026-02-26T18:39:57+0000")),
            ("expires_at", Attribute::Number("1800000000.75")),
            ("revoked_at", Attribute::Null),
            ("firmware", Attribute::Other),
        ]);
        for (name, value) in changes {
            match value {
                Some(value) => item.insert(name, *value),
                None => item.remove(name),
            };
        }
        InventoryAttributes::default().read(|name| item.get(name).copied())
    }

    #[test]
    fn an_item_is_read_and_remembers_its_key() {
        let item = read(&[]).unwrap();
        assert_eq!((item.serial.to_string(), item.serial_key), ("0a1b".to_owned(), "00:0A:1B".to_owned()));
        assert_eq!(item.expires_at.map(Timestamp::unix), Some(1_800_000_000));
        assert_eq!((item.revoked_at, item.subject), (None, None));
        assert_eq!(read(&[("revoked_at", Some(Attribute::Text("")))]).unwrap().revoked_at, None);
    }

    #[test]
    fn what_is_wrong_with_an_item_is_said_with_its_device() {
        for (change, problem) in [
            (("cert_serial", None), "cert_serial is missing"),
            (("cert_serial", Some(Attribute::Number("17"))), "cert_serial is not text"),
            (("cert_serial", Some(Attribute::Text("00"))), "cert_serial: a serial number must be positive"),
            (("ca_arn", Some(Attribute::Text("arn:aws:s3:::x"))), "ca_arn: not an ARN of a private CA"),
            (("expires_at", Some(Attribute::Text("soon"))), "expires_at: a time is not of the form"),
            (("expires_at", Some(Attribute::Number("1e9"))), "expires_at is not a number of seconds"),
            (("issued_at", Some(Attribute::Other)), "issued_at is neither text nor a number"),
        ] {
            let error = read(&[change]).unwrap_err();
            assert_eq!(error.device.as_deref(), Some("sensor-1"));
            let names_certificate = !problem.starts_with("c");
            assert_eq!(error.certificate.is_some(), names_certificate, "{problem}");
            assert!(error.problem.starts_with(problem), "{error}");
        }
        assert_eq!(read(&[("device_id", None)]).unwrap_err().device, None);
    }
}
