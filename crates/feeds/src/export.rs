//! Exports of the inventory table from DynamoDB to S3: DYNAMODB_JSON lines, plain or gzip.
//!
//! Source: DynamoDB Developer Guide, "DynamoDB table export output format": one `{"Item": {…}}` a line.

use std::collections::HashMap;
use std::io::{self, BufRead, Read};

use domain::inventory::{Attribute, InventoryAttributes, ReadItem};
use serde::Deserialize;

use crate::input::open;
use crate::lines::{Line, Lines};
use crate::{Bad, RecordError};

/// An item has at most 400 KB; its JSON is somewhat longer.
const LIMIT: usize = 1024 * 1024;

/// The items of one file of an export. Ends after [`Bad::CutShort`] or [`Bad::Io`].
pub struct ExportReader<'a> {
    lines: Lines<Box<dyn BufRead + 'a>>,
    attributes: &'a InventoryAttributes,
    over: bool,
}

#[derive(Deserialize)]
struct ItemLine {
    #[serde(rename = "Item")]
    item: HashMap<String, Value>,
}

/// The types we read; of any other nothing is kept.
#[derive(Deserialize)]
struct Value {
    #[serde(rename = "S")]
    text: Option<String>,
    #[serde(rename = "N")]
    number: Option<String>,
    #[serde(rename = "NULL")]
    null: Option<bool>,
}

impl Value {
    fn attribute(&self) -> Attribute<'_> {
        match self {
            Self { text: Some(text), .. } => Attribute::Text(text),
            Self { number: Some(number), .. } => Attribute::Number(number),
            Self { null: Some(true), .. } => Attribute::Null,
            _ => Attribute::Other,
        }
    }
}

impl<'a> ExportReader<'a> {
    pub fn open(source: impl Read + 'a, attributes: &'a InventoryAttributes) -> io::Result<Self> {
        Ok(Self { lines: Lines::new(open(source)?, LIMIT), attributes, over: false })
    }

    fn item(&self, line: &Line) -> Result<ReadItem, Bad> {
        let place = format!("line {}", line.number);
        let bad = |place: String, problem: &str| Err(Bad::Record(RecordError::new(place, problem)));
        if line.overlong {
            return bad(place, "it is longer than 1 MiB");
        }
        let parsed: ItemLine = match serde_json::from_slice(&line.bytes) {
            Ok(parsed) => parsed,
            Err(_) if !line.ended => return Err(Bad::CutShort("it ends within an item".to_owned())),
            Err(error) => return bad(place, &format!("not an item of a DynamoDB export: {error}")),
        };
        let item = self.attributes.read(|name| parsed.item.get(name).map(Value::attribute));
        item.map_err(|error| {
            let device = error.device.map(|device| format!("{} {device}", self.attributes.device_id));
            let certificate = error.certificate;
            Bad::Record(RecordError {
                certificate,
                ..RecordError::new(device.unwrap_or(place), error.problem)
            })
        })
    }
}

impl Iterator for ExportReader<'_> {
    type Item = Result<ReadItem, Bad>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            let item = match self.lines.next() {
                Ok(None) => return None,
                Ok(Some(line)) if line.bytes.trim_ascii().is_empty() => continue,
                Ok(Some(line)) => self.item(&line),
                Err(end) => Err(end),
            };
            self.over = matches!(item, Err(Bad::CutShort(_) | Bad::Io(_)));
            return Some(item);
        }
        None
    }
}
