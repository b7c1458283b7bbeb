//! One item of the inventory: what the provisioning service says was issued.

use serde::{Deserialize, Serialize};

use crate::authority::AuthorityArn;
use crate::foreign::Text;
use crate::id::id;
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// The most bytes of a DynamoDB key (developer guide, "Constraints in Amazon DynamoDB").
const KEY: usize = 2048;

id!(
    /// The name of a device, as the provisioning service wrote it: foreign text of 1 to 2048 bytes (a DynamoDB key).
    DeviceId,
    "a device id (1 to 2048 bytes)",
    |text| (1..=KEY).contains(&text.len())
);

/// A certificate as the inventory lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryItem {
    /// The CA that is to have issued it.
    pub authority: AuthorityArn,
    /// Its serial number: of a text with two meanings, the hexadecimal one.
    pub serial: Serial,
    /// What its text means if that is decimal and not hexadecimal; `None`: it has one meaning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<Serial>,
    /// The device that it was issued for.
    pub device: DeviceId,
    /// The serial as the item's key holds it, so that the item can be found again whatever form it was written in.
    pub serial_key: String,
    /// The subject's distinguished name, as written: foreign text.
    pub subject: Option<String>,
    /// When it was issued, by the inventory; `None`: it does not say, or cannot be read.
    pub issued_at: Option<Timestamp>,
    /// The end of its validity, by the inventory; `None`: it does not say, or cannot be read.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, by the inventory; `None`: it does not say, or cannot be read
    /// ([`InventoryItem::revocation_unread`]).
    pub revoked_at: Option<Timestamp>,
    /// It says whether it is revoked, but in a way that cannot be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revocation_unread: bool,
    /// Why it was revoked, as written: foreign text.
    pub revocation_reason: Option<String>,
}

/// An item as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadItem {
    /// What could be read of it.
    pub item: InventoryItem,
    /// Attributes that cannot be read, and are left out of the item: "expires_at is neither text nor a number", each.
    pub unread: Vec<String>,
}

impl From<InventoryItem> for ReadItem {
    /// With nothing left out.
    fn from(item: InventoryItem) -> Self {
        Self { item, unread: Vec::new() }
    }
}

/// What the inventory's attributes are called. The defaults are those that README's contract recommends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InventoryAttributes {
    /// The name of the attribute with the device ([`InventoryItem::device`]).
    pub device_id: String,
    /// The name of the attribute with the serial number ([`InventoryItem::serial`]).
    pub cert_serial: String,
    /// The name of the attribute with the authority's ARN ([`InventoryItem::authority`]).
    pub ca_arn: String,
    /// The name of the attribute with the distinguished name ([`InventoryItem::subject`]).
    pub subject: String,
    /// The name of the attribute with the time of issuance ([`InventoryItem::issued_at`]).
    pub issued_at: String,
    /// The name of the attribute with the end of validity ([`InventoryItem::expires_at`]).
    pub expires_at: String,
    /// The name of the attribute with the time of revocation ([`InventoryItem::revoked_at`]).
    pub revoked_at: String,
    /// The name of the attribute with the reason of that ([`InventoryItem::revocation_reason`]).
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
    /// text or numbers ([`Timestamp`]), a serial number is hexadecimal text, or decimal as text or number. What says which
    /// certificate it is must be readable; any other attribute that is not costs only itself.
    pub fn read<'a>(&self, attribute: impl Fn(&str) -> Option<Attribute<'a>>) -> Result<ReadItem, ItemError> {
        self.read_after(&mut None, attribute)
    }

    /// The same. `before`: the authority of the item that was read before; mostly it is the same.
    pub fn read_after<'a>(
        &self,
        before: &mut Option<AuthorityArn>,
        attribute: impl Fn(&str) -> Option<Attribute<'a>>,
    ) -> Result<ReadItem, ItemError> {
        self.fields(before, &attribute).map_err(|problem| ItemError {
            device: key(&self.device_id, &attribute).ok().map(str::to_owned),
            certificate: self
                .authority(&mut None, &attribute)
                .ok()
                .zip(self.serial(&attribute).ok().map(|(serial, _)| serial)),
            problem,
        })
    }

    fn authority<'a>(
        &self,
        before: &mut Option<AuthorityArn>,
        attribute: &impl Fn(&str) -> Option<Attribute<'a>>,
    ) -> Result<AuthorityArn, String> {
        let named = |error| format!("{}: {error}", self.ca_arn);
        match attribute(&self.ca_arn) {
            Some(Attribute::Text(arn)) if !arn.is_empty() => {
                if let Some(before) = before.as_ref().filter(|before| before.as_str() == arn) {
                    return Ok(before.clone());
                }
                arn.trim().parse().map_err(named).inspect(|arn: &AuthorityArn| *before = Some(arn.clone()))
            }
            Some(Attribute::Number(_) | Attribute::Other) => Err(format!("{} is not text", self.ca_arn)),
            _ => Err(format!("{} is missing", self.ca_arn)),
        }
    }

    /// With its decimal meaning, if it has both.
    fn serial<'a>(
        &self,
        attribute: &impl Fn(&str) -> Option<Attribute<'a>>,
    ) -> Result<(Serial, Option<Serial>), String> {
        let read = match attribute(&self.cert_serial) {
            Some(Attribute::Number(number)) => Serial::from_decimal(number).map(|serial| (serial, None)),
            _ => Serial::read(key(&self.cert_serial, attribute)?),
        };
        read.map_err(|error| format!("{}: {error}", self.cert_serial))
    }

    fn fields<'a>(
        &self,
        before: &mut Option<AuthorityArn>,
        attribute: &impl Fn(&str) -> Option<Attribute<'a>>,
    ) -> Result<ReadItem, String> {
        let mut unread = Vec::new();
        let mut text = |name: &str| match attribute(name) {
            None | Some(Attribute::Null | Attribute::Text("")) => None,
            Some(Attribute::Text(text)) => Some(Text::new(text).into()),
            Some(_) => {
                unread.push(format!("{name} is not text"));
                None
            }
        };
        let (subject, revocation_reason) = (text(&self.subject), text(&self.revocation_reason));
        let mut time = |name: &str| {
            let read = match attribute(name) {
                None | Some(Attribute::Null | Attribute::Text("")) => return None,
                Some(Attribute::Text(text)) => text.parse(),
                Some(Attribute::Number(number)) => Timestamp::from_number(number),
                Some(Attribute::Other) => {
                    unread.push(format!("{name} is neither text nor a number"));
                    return None;
                }
            };
            read.map_err(|error| unread.push(format!("{name}: {error}"))).ok()
        };
        let (issued_at, expires_at) = (time(&self.issued_at), time(&self.expires_at));
        let revoked_at = time(&self.revoked_at);
        let is_there = |name| !matches!(attribute(name), None | Some(Attribute::Null | Attribute::Text("")));
        let serial_key = key(&self.cert_serial, attribute)?;
        if serial_key.len() > KEY {
            return Err(format!("{} is longer than a key can be", self.cert_serial));
        }
        let (serial, decimal) = self.serial(attribute)?;
        let item = InventoryItem {
            authority: self.authority(before, attribute)?,
            serial,
            decimal,
            device: key(&self.device_id, attribute)?
                .parse()
                .map_err(|error| format!("{}: {error}", self.device_id))?,
            serial_key: serial_key.to_owned(),
            subject,
            issued_at,
            expires_at,
            revoked_at,
            revocation_unread: revoked_at.is_none() && is_there(&self.revoked_at),
            revocation_reason,
        };
        Ok(ReadItem { item, unread })
    }
}

/// An attribute that may be a key of the table: text, or a number as it is written.
fn key<'a>(name: &str, attribute: &impl Fn(&str) -> Option<Attribute<'a>>) -> Result<&'a str, String> {
    match attribute(name) {
        None | Some(Attribute::Null | Attribute::Text("")) => Err(format!("{name} is missing")),
        Some(Attribute::Text(text) | Attribute::Number(text)) => Ok(text),
        Some(Attribute::Other) => Err(format!("{name} is neither text nor a number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    const ARN: &str = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

    fn read(changes: &[(&'static str, Option<Attribute<'static>>)]) -> Result<ReadItem, ItemError> {
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
        let ReadItem { item, unread } = read(&[]).unwrap();
        assert_eq!((item.serial.to_string(), item.serial_key), ("0a1b".to_owned(), "00:0A:1B".to_owned()));
        assert_eq!(item.expires_at.map(Timestamp::unix), Some(1_800_000_000));
        assert_eq!((item.revoked_at, item.revocation_unread, item.subject), (None, false, None));
        assert_eq!((item.decimal, unread), (None, vec![]));
        let empty = read(&[("revoked_at", Some(Attribute::Text("")))]).unwrap().item;
        assert_eq!((empty.revoked_at, empty.revocation_unread), (None, false));
    }

    #[test]
    fn an_item_of_the_largest_size_is_kept_in_a_few_bytes() {
        let (long, other) = ("\u{1}\"".repeat(97_000), "\u{1}\"".repeat(97_001));
        let subject_of = |text: &str| {
            let attributes = InventoryAttributes::default();
            let read = attributes.read(|name| match name {
                "device_id" => Some(Attribute::Text("sensor-1")),
                "cert_serial" => Some(Attribute::Text("0a1b")),
                "ca_arn" => Some(Attribute::Text(ARN)),
                "subject" | "revocation_reason" => Some(Attribute::Text(text)),
                _ => None,
            });
            read.unwrap().item
        };
        let item = subject_of(&long);
        assert!(crate::foreign::stored_json(&item) < 2 * Text::MOST + 500);
        assert_eq!(item, subject_of(&long));
        assert_ne!(item.subject, subject_of(&other).subject, "what differs still differs");
        let key = "0".repeat(KEY) + "a";
        let error = InventoryAttributes::default().read(|name| match name {
            "device_id" => Some(Attribute::Text("sensor-1")),
            "cert_serial" => Some(Attribute::Text(&key)),
            "ca_arn" => Some(Attribute::Text(ARN)),
            _ => None,
        });
        assert_eq!(error.unwrap_err().problem, "cert_serial is longer than a key can be");
    }

    #[test]
    fn serials_and_keys_may_be_numbers() {
        let numbers = [
            ("cert_serial", Some(Attribute::Number("2587"))),
            ("device_id", Some(Attribute::Number("17"))),
            ("expires_at", Some(Attribute::Number("1.8e9"))),
        ];
        let item = read(&numbers).unwrap().item;
        assert_eq!((item.serial.to_string(), item.decimal), ("0a1b".to_owned(), None));
        assert_eq!((item.device.as_str(), item.serial_key.as_str()), ("17", "2587"));
        assert_eq!(item.expires_at.map(Timestamp::unix), Some(1_800_000_000));
        let either = read(&[("cert_serial", Some(Attribute::Text("2587")))]).unwrap().item;
        assert_eq!((either.serial.to_string(), either.decimal), ("2587".to_owned(), "0a1b".parse().ok()));
    }

    #[test]
    fn what_is_wrong_with_an_attribute_costs_that_attribute() {
        for (change, problem) in [
            (("expires_at", Attribute::Text("soon")), "expires_at: a time is not of the form"),
            (("expires_at", Attribute::Number("1e99")), "expires_at: a time is not of the form"),
            (("issued_at", Attribute::Other), "issued_at is neither text nor a number"),
            (("revoked_at", Attribute::Other), "revoked_at is neither text nor a number"),
            (("revoked_at", Attribute::Text("yes")), "revoked_at: a time is not of the form"),
            (("subject", Attribute::Number("1")), "subject is not text"),
        ] {
            let ReadItem { item, unread } = read(&[(change.0, Some(change.1))]).unwrap();
            assert!(unread.len() == 1 && unread[0].starts_with(problem), "{unread:?}");
            assert_eq!(item.revocation_unread, change.0 == "revoked_at");
        }
    }

    #[test]
    fn what_names_no_certificate_is_said_with_its_device() {
        for (change, problem) in [
            (("cert_serial", None), "cert_serial is missing"),
            (
                ("cert_serial", Some(Attribute::Number("17.5"))),
                "cert_serial: a serial number that is a number",
            ),
            (("cert_serial", Some(Attribute::Other)), "cert_serial is neither text nor a number"),
            (("cert_serial", Some(Attribute::Text("00"))), "cert_serial: a serial number must be positive"),
            (("ca_arn", Some(Attribute::Text("arn:aws:s3:::x"))), "ca_arn: not an ARN of a private CA"),
            (("ca_arn", Some(Attribute::Number("1"))), "ca_arn is not text"),
        ] {
            let error = read(&[change]).unwrap_err();
            assert_eq!(error.device.as_deref(), Some("sensor-1"));
            assert_eq!(error.certificate, None, "{problem}");
            assert!(error.problem.starts_with(problem), "{error}");
        }
        let nobody = read(&[("device_id", None)]).unwrap_err();
        assert_eq!((nobody.device, nobody.certificate.is_some()), (None, true));
    }
}
