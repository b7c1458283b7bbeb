//! Items of the console's table: attributes in, domain structs out.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::keys::{BODY, Key, PK, SK};
use crate::{Error, Thing};

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

impl Key {
    pub(crate) fn item(&self) -> Item {
        Item::from([(PK.to_owned(), s(&self.pk)), (SK.to_owned(), s(&self.sk))])
    }
}

/// The JSON of `value`, to be stored as an item's body.
pub(crate) fn json(what: Thing, value: &impl Serialize) -> Result<AttributeValue, Error> {
    let text = serde_json::to_string(value)
        .map_err(|error| Error::invalid("writing JSON", what.to_string(), error))?;
    Ok(s(text))
}

/// The domain's struct from an item's body.
pub(crate) fn body<T: DeserializeOwned>(what: Thing, item: &Item) -> Result<T, Error> {
    serde_json::from_str(text(what, item, BODY)?).map_err(|error| unreadable(what, item, error))
}

pub(crate) fn text<'a>(what: Thing, item: &'a Item, name: &str) -> Result<&'a str, Error> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(unreadable(what, item, format!("it has no text {name}"))),
    }
}

pub(crate) fn number<T: std::str::FromStr>(what: Thing, item: &Item, name: &str) -> Result<T, Error> {
    match item.get(name) {
        Some(AttributeValue::N(number)) => number.parse().ok(),
        _ => None,
    }
    .ok_or_else(|| unreadable(what, item, format!("it has no number {name}")))
}

fn unreadable(what: Thing, item: &Item, reason: impl std::fmt::Display) -> Error {
    let part = |name| item.get(name).and_then(|value| value.as_s().ok()).map_or("?", String::as_str);
    let key = format!("the stored {what} {} / {}", part(PK), part(SK));
    Error::invalid("reading", key, reason)
}
