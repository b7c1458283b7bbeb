//! The inventory in files, plain or gzip: exports of its table from DynamoDB to S3 (DYNAMODB_JSON, ION), what `aws dynamodb
//! scan` and `query` print, lists of items, and what a spreadsheet saves. What else there is of exports is recognised and
//! refused.
//!
//! Source: DynamoDB Developer Guide, "DynamoDB table export output format": one `{"Item": {…}}` a line.

pub mod folder;
mod ion;
mod list;
mod scan;
mod table;

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};

use domain::inventory::{Attribute, InventoryAttributes, ReadItem};
use serde::Deserialize;

use self::list::List;
use self::scan::Scan;
use self::table::Table;
use crate::input::{CHUNK, head, is_damage, open};
use crate::kind::{HEAD, Kind};
use crate::lines::{Line, Lines};
use crate::{Bad, RecordError};

/// An item has at most 400 KB; its JSON is somewhat longer.
const LIMIT: usize = 1024 * 1024;

/// Why a file is not read as an inventory at all.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("this is no inventory, but {}. {}", .0.label(), .0.remedy_for_inventory())]
    Other(Kind),
    #[error("this table is no inventory: the column {0} is missing")]
    MissingColumn(String),
    #[error("this table is no inventory: the column {0} is there more than once")]
    RepeatedColumn(String),
    #[error("the inventory is damaged: {0}")]
    Damaged(String),
    #[error("reading the inventory failed: {0}")]
    Io(io::Error),
}

impl From<io::Error> for ExportError {
    fn from(error: io::Error) -> Self {
        if is_damage(&error) { Self::Damaged(error.to_string()) } else { Self::Io(error) }
    }
}

/// The items of one file. Ends after [`Bad::CutShort`] or [`Bad::Io`]; a file without anything in it has no items.
pub struct ExportReader<'a> {
    items: Items<'a>,
    attributes: &'a InventoryAttributes,
    over: bool,
}

enum Items<'a> {
    Lines(Lines<Box<dyn BufRead + 'a>>, OfLine),
    Scan(Scan<'a>),
    List(List<'a>),
    Table(Table<'a>),
}

/// Reads a line's item, or says what is wrong with it.
type OfLine = fn(&[u8]) -> Result<HashMap<String, Value>, String>;

/// An item by its number, from 1; or what is wrong with it.
type Numbered = (u64, Result<HashMap<String, Value>, String>);

#[derive(Deserialize)]
struct ItemLine {
    #[serde(rename = "Item")]
    item: HashMap<String, Value>,
}

/// The types we read; of any other nothing is kept.
#[derive(Default, Deserialize)]
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
    pub fn open(source: impl Read + 'a, attributes: &'a InventoryAttributes) -> Result<Self, ExportError> {
        let (beginning, whole) = head(open(source)?.text, HEAD);
        let kind = Kind::of(&beginning);
        let items = match (kind, table::separator(kind)) {
            (Kind::Export, _) if !ends_a_line(&beginning) => Items::List(List::open(whole)?),
            (Kind::Export | Kind::Empty, _) => Items::Lines(lines(whole), of_json),
            (Kind::Ion, _) if beginning.first().is_some_and(u8::is_ascii) => {
                Items::Lines(lines(whole), ion::item)
            }
            (Kind::Scan, _) => Items::Scan(Scan::open(whole)?),
            (Kind::Items, _) => Items::List(List::open(whole)?),
            (_, Some(separator)) => Items::Table(Table::open(whole, separator, attributes)?),
            (other, None) => return Err(ExportError::Other(other)),
        };
        Ok(Self { items, attributes, over: false })
    }

    fn item(&self, place: String, item: &HashMap<String, Value>) -> Result<ReadItem, Bad> {
        let item = self.attributes.read(|name| item.get(name).map(Value::attribute));
        item.map_err(|error| {
            let device = error.device.map(|device| format!("{} {device}", self.attributes.device_id));
            let certificate = error.certificate;
            Bad::Record(RecordError {
                certificate,
                ..RecordError::new(device.unwrap_or(place), error.problem)
            })
        })
    }

    fn next_item(&mut self) -> Result<Option<ReadItem>, Bad> {
        loop {
            let (place, item) = match &mut self.items {
                Items::Lines(lines, read) => match lines.next()? {
                    None => return Ok(None),
                    Some(line) if line.bytes.trim_ascii().is_empty() => continue,
                    Some(line) => (format!("line {}", line.number), of_line(&line, *read)?),
                },
                Items::Scan(scan) => match scan.next(&self.attributes.cert_serial)? {
                    None => return Ok(None),
                    Some((number, item)) => (format!("item {number}"), item),
                },
                Items::List(list) => match list.next(&self.attributes.cert_serial)? {
                    None => return Ok(None),
                    Some((number, item)) => (format!("item {number}"), item),
                },
                Items::Table(table) => match table.next()? {
                    None => return Ok(None),
                    Some((number, item)) => (format!("row {number}"), item),
                },
            };
            return match item {
                Ok(item) => self.item(place, &item).map(Some),
                Err(problem) => Err(Bad::Record(RecordError::new(place, problem))),
            };
        }
    }
}

fn lines<'a>(source: impl Read + 'a) -> Lines<Box<dyn BufRead + 'a>> {
    Lines::new(Box::new(BufReader::with_capacity(CHUNK, source)), LIMIT)
}

/// Whether an item ends with its line, as far as the beginning of a file shows: programs that make JSON pretty break it.
fn ends_a_line(beginning: &[u8]) -> bool {
    let line = beginning.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.len() == beginning.trim_ascii_start().len() || line.trim_ascii_end().ends_with(b"}")
}

fn of_json(line: &[u8]) -> Result<HashMap<String, Value>, String> {
    let item = serde_json::from_slice::<ItemLine>(line);
    item.map(|line| line.item).map_err(|error| format!("not an item of a DynamoDB export: {error}"))
}

/// The item of a line, or what is wrong with it.
fn of_line(line: &Line, read: OfLine) -> Result<Result<HashMap<String, Value>, String>, Bad> {
    if line.overlong {
        return Ok(Err("it is longer than 1 MiB".to_owned()));
    }
    match read(&line.bytes) {
        Err(_) if !line.ended => Err(Bad::CutShort("it ends within an item".to_owned())),
        read => Ok(read),
    }
}

impl Iterator for ExportReader<'_> {
    type Item = Result<ReadItem, Bad>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let item = self.next_item();
        self.over = matches!(item, Ok(None) | Err(Bad::CutShort(_) | Bad::Io(_)));
        item.transpose()
    }
}
