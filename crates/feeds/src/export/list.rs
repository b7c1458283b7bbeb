//! Items one after the other or in one list, typed as DynamoDB types them or not: what `jq`, `--query` and libraries make of
//! a scan.

use std::collections::HashMap;
use std::io::{self, Read};

use serde_json::value::RawValue;

use super::{Fields, LIMIT, Numbered, Value};
use crate::Bad;
use crate::window::{self, Window};

pub(super) struct List<'a> {
    window: Window<'a>,
    place: Place,
    items: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Beginning,
    /// Between items that stand one after the other.
    Open,
    /// Between brackets.
    List,
    Over,
}

impl<'a> List<'a> {
    pub fn open(source: impl Read + 'a) -> io::Result<Self> {
        Ok(Self { window: Window::open(source, u64::MAX)?, place: Place::Beginning, items: 0 })
    }

    /// `serial`: what the attribute with the serial number is called.
    pub fn next(&mut self, serial: &str) -> Result<Option<Numbered<'static>>, Bad> {
        loop {
            match (self.place, self.window.peek()?) {
                (Place::Beginning, Some(b'[')) => {
                    self.window.skip();
                    self.place = Place::List;
                }
                (Place::Beginning, _) => self.place = Place::Open,
                (Place::List, Some(b']')) => {
                    self.window.skip();
                    self.place = Place::Over;
                }
                (Place::Open | Place::Over, None) => return Ok(None),
                (Place::List, None) => {
                    return Err(Bad::CutShort("it ends before its closing bracket".to_owned()));
                }
                (Place::Over, Some(_)) => return Err(Bad::CutShort("something follows its end".to_owned())),
                (Place::Open | Place::List, Some(_)) => {
                    self.items += 1;
                    let item = match self.window.value(LIMIT)? {
                        window::Value::Overlong => Err("it is longer than 1 MiB".to_owned()),
                        window::Value::Whole(bytes) => item(bytes, serial),
                    };
                    return Ok(Some((self.items, item)));
                }
            }
        }
    }
}

/// One item, each attribute with its type or without; also within `Item`, as exports have it.
pub(super) fn item(bytes: &[u8], serial: &str) -> Result<Fields<'static>, String> {
    let read = |bytes| serde_json::from_slice::<HashMap<String, &RawValue>>(bytes);
    let mut item = read(bytes).map_err(|error| format!("not an item: {error}"))?;
    if let Some(inner) = item.get("Item").filter(|_| item.len() == 1) {
        item = read(inner.get().as_bytes()).map_err(|error| format!("not an item: {error}"))?;
    }
    // The double of a JavaScript program, for one: other digits than were stored.
    if item.get(serial).is_some_and(|raw| is_number(raw.get()) && raw.get().contains(['e', 'E', '.'])) {
        return Err(format!("{serial} is a number that was rounded on its way; keep it as text"));
    }
    Ok(Fields(item.into_iter().map(|(name, raw)| (name.into(), value(raw.get()))).collect()))
}

fn is_number(raw: &str) -> bool {
    raw.starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

fn value(raw: &str) -> Value<'static> {
    match raw {
        "null" => Value::null(),
        _ if is_number(raw) => Value::number(raw.to_owned()),
        _ if raw.starts_with('"') => serde_json::from_str::<String>(raw).map(Value::text).unwrap_or_default(),
        _ => serde_json::from_str::<Value<'_>>(raw).unwrap_or_default().owned(),
    }
}
