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

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::marker::PhantomData;
use std::sync::Arc;

use domain::inventory::{Attribute, InventoryAttributes, ReadItem};
use memchr::{memchr_iter, memrchr};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use self::list::List;
use self::scan::Scan;
use self::table::{Columns, Table};
use crate::blocks::{self, Format, Part};
use crate::input::{CHUNK, head, is_damage, open};
use crate::kind::{HEAD, Kind};
use crate::lines::{Line, Lines};
use crate::said::Said;
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

/// Reads the items of a file, on all cores where they have lines of their own: `add` puts each into a batch; `each` is given
/// the batches in the file's order, with what could not be read between them, which is what [`ExportReader`] gives for it.
///
/// # Errors
/// It is no inventory; or, within, those of `each`.
pub fn read<B: Default + Send, E>(
    source: impl Read,
    attributes: &InventoryAttributes,
    add: impl Fn(&mut B, ReadItem) + Sync,
    each: impl FnMut(Part<B>) -> Result<(), E>,
) -> Result<Result<(), E>, ExportError> {
    let reader = ExportReader::open(source, attributes)?;
    let (by_line, input) = match reader.items {
        Items::Lines(lines, read) => (ByLine { attributes, shape: Shape::Items(read) }, lines.into_input()),
        Items::Table(table) => {
            let (columns, input) = table.into_parts();
            (ByLine { attributes, shape: Shape::Table(columns) }, input)
        }
        items => return Ok(one_by_one(ExportReader { items, ..reader }, add, each)),
    };
    Ok(blocks::read(&by_line, input, add, each))
}

/// How many items that have no lines of their own are handed over at once.
const TOGETHER: u32 = 4096;

fn one_by_one<B: Default, E>(
    reader: ExportReader<'_>,
    add: impl Fn(&mut B, ReadItem),
    mut each: impl FnMut(Part<B>) -> Result<(), E>,
) -> Result<(), E> {
    let (mut batch, mut number) = (B::default(), 0);
    for item in reader {
        match item {
            Ok(item) => {
                add(&mut batch, item);
                number += 1;
                if number == TOGETHER {
                    number = 0;
                    each(Part::Good(std::mem::take(&mut batch)))?;
                }
            }
            Err(bad) => {
                number = 0;
                each(Part::Good(std::mem::take(&mut batch)))?;
                each(Part::Bad(bad))?;
            }
        }
    }
    each(Part::Good(batch))
}

/// A file whose items have lines of their own.
struct ByLine<'a> {
    attributes: &'a InventoryAttributes,
    shape: Shape,
}

enum Shape {
    Items(OfLine),
    Table(Arc<Columns>),
}

impl Format for ByLine<'_> {
    type Record = ReadItem;

    fn cut(&self, piece: &[u8]) -> Option<usize> {
        memrchr(b'\n', piece).map(|at| at + 1)
    }

    fn quick(&self, block: &[u8], mut each: impl FnMut(ReadItem)) -> Option<u64> {
        let mut before = None;
        let mut item = |fields: &Fields<'_>| {
            let read = self.attributes.read_after(&mut before, |name| fields.attribute(name));
            read.ok().map(&mut each)
        };
        let read = match &self.shape {
            Shape::Items(read) => read,
            Shape::Table(columns) => {
                return columns.form.plain(block, |cells| item(&columns.item(cells.iter().cloned())));
            }
        };
        let (mut count, mut start) = (0, 0);
        for end in memchr_iter(b'\n', block.strip_suffix(b"\n")?).chain([block.len() - 1]) {
            let line = block.get(start..end)?;
            start = end + 1;
            count += 1;
            if line.len() >= LIMIT {
                return None;
            }
            if !line.trim_ascii().is_empty() {
                item(&read(line.strip_suffix(b"\r").unwrap_or(line)).ok()?)?;
            }
        }
        Some(count)
    }

    fn careful<'a, E>(
        &self,
        input: Box<dyn BufRead + 'a>,
        ended: impl Fn() -> bool + 'a,
        number: u64,
        mut each: impl FnMut(Result<ReadItem, Bad>) -> Result<(), E>,
    ) -> Result<Option<u64>, E> {
        // The attributes outlive what is read here, and the reader does not ask for how long.
        let attributes = self.attributes.clone();
        let items = match &self.shape {
            Shape::Items(read) => Items::Lines(Lines::new(input, LIMIT).after(number), *read),
            Shape::Table(columns) => Items::Table(Table::headless(input, columns.clone(), number)),
        };
        let mut reader = ExportReader { items, attributes: &attributes, over: false };
        while !(reader.is_between() && ended()) {
            let Some(item) = reader.next() else { return Ok(None) };
            each(item)?;
        }
        Ok(Some(reader.number()))
    }
}

/// Reads a line's item, or says what is wrong with it.
type OfLine = for<'l> fn(&'l [u8]) -> Result<Fields<'l>, String>;

/// An item by its number, from 1; or what is wrong with it.
type Numbered<'a> = (u64, Result<Fields<'a>, String>);

#[derive(Deserialize)]
struct ItemLine<'a> {
    #[serde(rename = "Item", borrow)]
    item: Fields<'a>,
}

/// The attributes of an item. Of two with one name the last one counts.
#[derive(Default)]
struct Fields<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

/// The types we read; of any other nothing is kept.
#[derive(Default, Deserialize)]
struct Value<'a> {
    #[serde(rename = "S", borrow)]
    text: Option<Said<'a>>,
    #[serde(rename = "N", borrow)]
    number: Option<Said<'a>>,
    #[serde(rename = "NULL")]
    null: Option<bool>,
}

impl<'a> Value<'a> {
    fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self { text: Some(Said(text.into())), ..Self::default() }
    }

    fn number(number: impl Into<Cow<'a, str>>) -> Self {
        Self { number: Some(Said(number.into())), ..Self::default() }
    }

    fn null() -> Self {
        Self { null: Some(true), ..Self::default() }
    }

    fn owned(self) -> Value<'static> {
        let owned = |said: Said<'_>| Said(Cow::Owned(said.0.into_owned()));
        Value { text: self.text.map(owned), number: self.number.map(owned), null: self.null }
    }

    fn attribute(&self) -> Attribute<'_> {
        match self {
            Self { text: Some(text), .. } => Attribute::Text(&text.0),
            Self { number: Some(number), .. } => Attribute::Number(&number.0),
            Self { null: Some(true), .. } => Attribute::Null,
            _ => Attribute::Other,
        }
    }
}

impl Fields<'_> {
    fn attribute(&self, name: &str) -> Option<Attribute<'_>> {
        self.0.iter().rfind(|(own, _)| own == name).map(|(_, value)| value.attribute())
    }
}

impl<'a, 'de: 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor(PhantomData))
    }
}

struct FieldsVisitor<'a>(PhantomData<&'a ()>);

impl<'a, 'de: 'a> Visitor<'de> for FieldsVisitor<'a> {
    type Value = Fields<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut fields = Vec::with_capacity(8);
        while let Some((Said(name), value)) = map.next_entry::<Said<'a>, Value<'a>>()? {
            fields.push((name, value));
        }
        Ok(Fields(fields))
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

    /// Whether all that was taken from a source of lines has been read.
    fn is_between(&self) -> bool {
        match &self.items {
            Items::Table(table) => table.is_between(),
            _ => !self.over,
        }
    }

    /// That of the last line or row.
    fn number(&self) -> u64 {
        match &self.items {
            Items::Lines(lines, _) => lines.number(),
            Items::Table(table) => table.number(),
            Items::Scan(_) | Items::List(_) => 0,
        }
    }

    fn next_item(&mut self) -> Result<Option<ReadItem>, Bad> {
        let attributes = self.attributes;
        let (named, next) = match &mut self.items {
            Items::Lines(lines, read) => {
                let line = loop {
                    match lines.next()? {
                        None => return Ok(None),
                        Some(line) if line.bytes.trim_ascii().is_empty() => (),
                        Some(line) => break line,
                    }
                };
                let item = of_line(&line, *read)?;
                return item_at(attributes, format!("line {}", line.number), item).map(Some);
            }
            Items::Scan(scan) => ("item", scan.next(&attributes.cert_serial)?),
            Items::List(list) => ("item", list.next(&attributes.cert_serial)?),
            Items::Table(table) => ("row", table.next()?),
        };
        next.map(|(number, item)| item_at(attributes, format!("{named} {number}"), item)).transpose()
    }
}

/// The item that stands at a place, or what is wrong with it.
fn item_at(
    attributes: &InventoryAttributes,
    place: String,
    item: Result<Fields<'_>, String>,
) -> Result<ReadItem, Bad> {
    let item = match item {
        Ok(item) => item,
        Err(problem) => return Err(Bad::Record(RecordError::new(place, problem))),
    };
    attributes.read(|name| item.attribute(name)).map_err(|error| {
        let device = error.device.map(|device| format!("{} {device}", attributes.device_id));
        let certificate = error.certificate;
        Bad::Record(RecordError { certificate, ..RecordError::new(device.unwrap_or(place), error.problem) })
    })
}

fn lines<'a>(source: impl Read + 'a) -> Lines<Box<dyn BufRead + 'a>> {
    Lines::new(Box::new(BufReader::with_capacity(CHUNK, source)), LIMIT)
}

/// Whether an item ends with its line, as far as the beginning of a file shows: programs that make JSON pretty break it.
fn ends_a_line(beginning: &[u8]) -> bool {
    let line = beginning.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.len() == beginning.trim_ascii_start().len() || line.trim_ascii_end().ends_with(b"}")
}

fn of_json(line: &[u8]) -> Result<Fields<'_>, String> {
    // A text as a whole is sooner seen to be UTF-8 than each text in it.
    let item = match std::str::from_utf8(line) {
        Ok(line) => serde_json::from_str::<ItemLine<'_>>(line),
        Err(_) => serde_json::from_slice::<ItemLine<'_>>(line),
    };
    item.map(|line| line.item).map_err(|error| format!("not an item of a DynamoDB export: {error}"))
}

/// The item of a line, or what is wrong with it.
fn of_line(line: &Line, read: OfLine) -> Result<Result<Fields<'_>, String>, Bad> {
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
