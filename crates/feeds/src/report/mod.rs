//! Audit reports: the rows of one file, JSON or CSV by its content, plain or gzip.
//!
//! Each row is checked on its own. Knows nothing about what a row means for a certificate.

mod columns;
mod elements;
mod row;

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

use domain::{AuthorityArn, ReportRow};
use memchr::memrchr;

use self::columns::Columns;
use self::elements::Elements;
use self::row::RawRow;
use crate::blocks::{self, Format, Part};
use crate::csv::CsvRows;
use crate::input::{CHUNK, head, is_damage, open};
use crate::kind::{HEAD, Kind};
use crate::{Bad, RecordError};

/// Blank space that may stand before a report, in bytes.
const BLANK: usize = 64 * 1024;

/// Why a file is not read as an audit report at all.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("the report is empty")]
    Empty,
    #[error("this is not an audit report, but {}. {}", .0.label(), .0.remedy_for_report())]
    Other(Kind),
    #[error("this is not an audit report: neither a JSON array nor CSV with the header of one")]
    Unrecognised,
    #[error("this CSV is not an audit report: the column {0} is missing")]
    MissingColumn(&'static str),
    #[error("this CSV is not an audit report: the column {0} is there more than once")]
    RepeatedColumn(&'static str),
    #[error("the report is damaged: {0}")]
    Damaged(String),
    #[error("reading the report failed: {0}")]
    Io(io::Error),
}

impl From<io::Error> for ReportError {
    fn from(error: io::Error) -> Self {
        if is_damage(&error) { Self::Damaged(error.to_string()) } else { Self::Io(error) }
    }
}

impl From<Bad> for ReportError {
    fn from(bad: Bad) -> Self {
        match bad {
            Bad::Io(error) => Self::Io(error),
            other => Self::Damaged(other.to_string()),
        }
    }
}

/// The rows of a report, in its order. Ends after [`Bad::CutShort`] or [`Bad::Io`].
pub struct ReportReader<'a> {
    rows: Rows<'a>,
    shape: Shape,
    number: u64,
    /// The authority of the row before.
    before: Option<AuthorityArn>,
    over: bool,
}

enum Rows<'a> {
    Json(Elements<Box<dyn BufRead + 'a>>),
    Csv(CsvRows<Box<dyn BufRead + 'a>>, Arc<Columns>),
}

/// How a report is written, and whose rows are its own.
#[derive(Clone)]
struct Shape {
    /// `None`: it is JSON.
    columns: Option<Arc<Columns>>,
    expected: Option<AuthorityArn>,
}

/// Reads the rows of a report on all cores: `add` puts each into a batch; `each` is given the batches in the report's order,
/// with what could not be read between them, which is what [`ReportReader`] gives for it. A row of another authority than
/// the one `expected` is no row of this report.
///
/// # Errors
/// It is no report; or, within, those of `each`.
pub fn read<B: Default + Send, E>(
    source: impl Read,
    expected: Option<AuthorityArn>,
    add: impl Fn(&mut B, ReportRow) + Sync,
    each: impl FnMut(Part<B>) -> Result<(), E>,
) -> Result<Result<(), E>, ReportError> {
    let (shape, input) = Shape::open(source, expected)?;
    Ok(blocks::read(&shape, input, add, each))
}

impl Shape {
    fn open<'a>(
        source: impl Read + 'a,
        expected: Option<AuthorityArn>,
    ) -> Result<(Self, Box<dyn BufRead + 'a>), ReportError> {
        let (beginning, whole) = head(open(source)?.text, HEAD);
        let mut input: Box<dyn BufRead + 'a> = Box::new(BufReader::with_capacity(CHUNK, whole));
        match (Kind::of(&beginning), first_byte(&mut input)?) {
            (Kind::Report | Kind::List | Kind::Empty, b'[') => {
                input.consume(1);
                Ok((Self { columns: None, expected }, input))
            }
            (Kind::Csv | Kind::Empty, _) => {
                let (columns, input) = Columns::open(input)?;
                Ok((Self { columns: Some(Arc::new(columns)), expected }, input))
            }
            (Kind::Unknown, _) => Err(ReportError::Unrecognised),
            (other, _) => Err(ReportError::Other(other)),
        }
    }

    fn reader<'a>(&self, input: Box<dyn BufRead + 'a>, number: u64) -> ReportReader<'a> {
        let rows = match &self.columns {
            None => Rows::Json(Elements::new(input)),
            Some(columns) => Rows::Csv(CsvRows::headless(input, columns.form), columns.clone()),
        };
        ReportReader { rows, shape: self.clone(), number, before: None, over: false }
    }

    /// `before`: the authority of the row before.
    fn check(
        &self,
        row: &RawRow<'_>,
        number: u64,
        before: &mut Option<AuthorityArn>,
    ) -> Result<ReportRow, RecordError> {
        let certificate = row.certificate(before);
        let foreign = certificate.as_ref().map(|(authority, _)| authority);
        let foreign = foreign.zip(self.expected.as_ref()).and_then(|(arn, own)| (arn != own).then_some(arn));
        let read = match foreign {
            Some(authority) => Err(format!("it is of another authority, {authority}")),
            None => row.read(certificate.as_ref()),
        };
        let of_another_authority = foreign.is_some();
        read.map_err(|problem| RecordError {
            of_another_authority,
            certificate,
            ..RecordError::new(format!("row {number}"), problem)
        })
    }
}

impl Format for Shape {
    type Record = ReportRow;

    fn cut(&self, piece: &[u8]) -> Option<usize> {
        match self.columns {
            None => elements::last_end(piece),
            Some(_) => memrchr(b'\n', piece).map(|at| at + 1),
        }
    }

    fn quick(&self, block: &[u8], mut each: impl FnMut(ReportRow)) -> Option<u64> {
        let mut before = None;
        let mut row = |row: &RawRow<'_>| self.check(row, 0, &mut before).ok().map(&mut each);
        match &self.columns {
            None => elements::plain(block, |raw: RawRow<'_>| row(&raw)),
            Some(columns) => columns.form.plain(block, |cells| row(&columns.row(cells.iter().cloned()))),
        }
    }

    fn careful<'a, E>(
        &self,
        input: Box<dyn BufRead + 'a>,
        ended: impl Fn() -> bool + 'a,
        number: u64,
        mut each: impl FnMut(Result<ReportRow, Bad>) -> Result<(), E>,
    ) -> Result<Option<u64>, E> {
        let mut reader = self.reader(input, number);
        while !(reader.is_between() && ended()) {
            let Some(row) = reader.next() else { return Ok(None) };
            each(row)?;
        }
        Ok(Some(reader.number))
    }
}

impl<'a> ReportReader<'a> {
    /// Opens a report. A row of another authority than the one `expected` is no row of this report.
    pub fn open(source: impl Read + 'a, expected: Option<AuthorityArn>) -> Result<Self, ReportError> {
        let (shape, input) = Shape::open(source, expected)?;
        Ok(shape.reader(input, 0))
    }

    /// Whether all that was taken from the source has been read.
    fn is_between(&self) -> bool {
        match &self.rows {
            Rows::Json(elements) => elements.is_between(),
            Rows::Csv(rows, _) => rows.is_between(),
        }
    }
}

impl Iterator for ReportReader<'_> {
    type Item = Result<ReportRow, Bad>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let (shape, number, before) = (&self.shape, self.number + 1, &mut self.before);
        let row = match &mut self.rows {
            Rows::Json(elements) => elements.next(|element| {
                serde_json::from_slice::<RawRow<'_>>(element).map(|row| shape.check(&row, number, before))
            }),
            Rows::Csv(rows, columns) => rows.next().map(|row| {
                let check = |cells: Vec<String>| {
                    shape.check(&columns.row(cells.into_iter().map(Cow::Owned)), number, before)
                };
                row.map(|row| row.map(check))
            }),
        }?;
        self.number = number;
        Some(match row {
            Ok(Ok(row)) => row.map_err(Bad::Record),
            Ok(Err(problem)) => Err(Bad::Record(RecordError::new(format!("row {number}"), problem))),
            Err(end) => {
                self.over = true;
                Err(end)
            }
        })
    }
}

/// Skips blanks; the first other byte stays.
fn first_byte(input: &mut impl BufRead) -> Result<u8, ReportError> {
    let mut blank = 0;
    while blank < BLANK {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Err(ReportError::Empty);
        }
        match buffer.iter().position(|byte| !byte.is_ascii_whitespace()) {
            Some(at) => {
                let byte = buffer[at];
                input.consume(at);
                return Ok(byte);
            }
            None => {
                let length = buffer.len();
                blank += length;
                input.consume(length);
            }
        }
    }
    Err(ReportError::Unrecognised)
}
