//! A table of items as a spreadsheet or the console of DynamoDB saves it: a column for each attribute.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

use domain::inventory::InventoryAttributes;

use super::{ExportError, Fields, Numbered, Value};
use crate::Bad;
use crate::csv::{CsvRows, Form};
use crate::input::CHUNK;
use crate::kind::Kind;

pub(super) struct Table<'a> {
    rows: CsvRows<Box<dyn BufRead + 'a>>,
    columns: Arc<Columns>,
    number: u64,
}

/// What the header says.
pub(super) struct Columns {
    pub form: Form,
    /// For each column, the attribute, and whether its header says that it is a number.
    names: Vec<(String, bool)>,
}

impl Columns {
    pub fn item<'a>(&'a self, cells: impl IntoIterator<Item = Cow<'a, str>>) -> Fields<'a> {
        let cells = self.names.iter().zip(cells);
        Fields(
            cells.map(|((name, is_number), cell)| (name.as_str().into(), value(*is_number, cell))).collect(),
        )
    }
}

impl<'a> Table<'a> {
    /// Reads the header: names of attributes, in any case, maybe with their type as in `expires_at (N)`.
    pub fn open(
        source: impl Read + 'a,
        separator: u8,
        attributes: &InventoryAttributes,
    ) -> Result<Self, ExportError> {
        let input: Box<dyn BufRead + 'a> = Box::new(BufReader::with_capacity(CHUNK, source));
        let header = CsvRows::new(input, separator).map_err(|error| match error {
            Bad::Io(error) => error.into(),
            other => ExportError::Damaged(other.to_string()),
        })?;
        let (rows, names) =
            header.ok_or_else(|| ExportError::Damaged("its header cannot be read".to_owned()))?;
        let a = attributes;
        let known = [&a.device_id, &a.cert_serial, &a.ca_arn, &a.subject, &a.issued_at, &a.expires_at];
        let known = known.into_iter().chain([&a.revoked_at, &a.revocation_reason]);
        let known: Vec<&String> = known.collect();
        let column = |name: &String| {
            let name = name.trim();
            let (name, is_number) = match name.strip_suffix(" (N)") {
                Some(name) => (name, true),
                None => (name.strip_suffix(" (S)").unwrap_or(name), false),
            };
            let meant = known.iter().find(|known| known.eq_ignore_ascii_case(name));
            (meant.map_or(name, |known| known.as_str()).to_owned(), is_number)
        };
        let columns: Vec<(String, bool)> = names.iter().map(column).collect();
        let count = |wanted: &String| columns.iter().filter(|(name, _)| name == wanted).count();
        if let Some(missing) = known[..3].iter().find(|name| count(name) == 0) {
            return Err(ExportError::MissingColumn((*missing).clone()));
        }
        match known.iter().find(|name| count(name) > 1) {
            Some(repeated) => Err(ExportError::RepeatedColumn((*repeated).clone())),
            None => {
                let columns = Arc::new(Columns { form: rows.form(), names: columns });
                Ok(Self { rows, columns, number: 0 })
            }
        }
    }

    /// Rows behind the one with this number, the header of which was read elsewhere.
    pub fn headless(input: Box<dyn BufRead + 'a>, columns: Arc<Columns>, number: u64) -> Self {
        Self { rows: CsvRows::headless(input, columns.form), columns, number }
    }

    /// What the header says, and what follows it, if no row has been read.
    pub fn into_parts(self) -> (Arc<Columns>, Box<dyn BufRead + 'a>) {
        (self.columns, self.rows.into_input())
    }

    /// Whether all that was taken from the source has been read.
    pub fn is_between(&self) -> bool {
        self.rows.is_between()
    }

    /// That of the last row.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The next row's item, or what is wrong with it.
    pub fn next(&mut self) -> Result<Option<Numbered<'_>>, Bad> {
        let Some(row) = self.rows.next().transpose()? else { return Ok(None) };
        self.number += 1;
        let item = row.map(|cells| self.columns.item(cells.into_iter().map(Cow::Owned)));
        Ok(Some((self.number, item)))
    }
}

/// An empty cell is an absent attribute.
fn value(is_number: bool, cell: Cow<'_, str>) -> Value<'_> {
    match is_number && !cell.trim().is_empty() {
        true => Value::number(cell.trim().to_owned()),
        false => Value::text(cell),
    }
}

/// What a file's separator is as a byte; `None`: it is no such text.
pub(super) fn separator(kind: Kind) -> Option<u8> {
    match kind {
        Kind::Csv => Some(b','),
        Kind::Separated(other) => u8::try_from(other).ok().filter(u8::is_ascii),
        _ => None,
    }
}
