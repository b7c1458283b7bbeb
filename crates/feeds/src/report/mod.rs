//! Audit reports: the rows of one file, JSON or CSV by its content, plain or gzip.
//!
//! Each row is checked on its own. Knows nothing about what a row means for a certificate.

mod columns;
mod elements;
mod row;

use std::io::{self, BufRead, BufReader, Read};

use domain::{AuthorityArn, ReportRow};

use self::columns::Columns;
use self::elements::Elements;
use self::row::RawRow;
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
    expected: Option<AuthorityArn>,
    number: u64,
    over: bool,
}

enum Rows<'a> {
    Json(Elements<Box<dyn BufRead + 'a>>),
    Csv(Columns<Box<dyn BufRead + 'a>>),
}

impl<'a> ReportReader<'a> {
    /// Opens a report. A row of another authority than the one `expected` is no row of this report.
    pub fn open(source: impl Read + 'a, expected: Option<AuthorityArn>) -> Result<Self, ReportError> {
        let (beginning, whole) = head(open(source)?.text, HEAD);
        let mut input: Box<dyn BufRead + 'a> = Box::new(BufReader::with_capacity(CHUNK, whole));
        let rows = match (Kind::of(&beginning), first_byte(&mut input)?) {
            (Kind::Report | Kind::List | Kind::Empty, b'[') => {
                input.consume(1);
                Rows::Json(Elements::new(input))
            }
            (Kind::Csv | Kind::Empty, _) => Rows::Csv(Columns::open(input)?),
            (Kind::Unknown, _) => return Err(ReportError::Unrecognised),
            (other, _) => return Err(ReportError::Other(other)),
        };
        Ok(Self { rows, expected, number: 0, over: false })
    }

    fn check(&self, row: RawRow) -> Result<ReportRow, RecordError> {
        let certificate = row.certificate();
        let foreign = certificate.as_ref().map(|(authority, _)| authority);
        let foreign =
            foreign.zip(self.expected.as_ref()).and_then(|(arn, own)| (arn != own).then(|| arn.clone()));
        let read = match &foreign {
            Some(authority) => Err(format!("it is of another authority, {authority}")),
            None => row.read(),
        };
        read.map_err(|problem| RecordError {
            certificate,
            of_another_authority: foreign.is_some(),
            ..RecordError::new(format!("row {}", self.number), problem)
        })
    }
}

impl Iterator for ReportReader<'_> {
    type Item = Result<ReportRow, Bad>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let row = match &mut self.rows {
            Rows::Json(elements) => elements.next(),
            Rows::Csv(rows) => rows.next(),
        }?;
        self.number += 1;
        Some(match row {
            Ok(Ok(row)) => self.check(row).map_err(Bad::Record),
            Ok(Err(problem)) => Err(Bad::Record(RecordError::new(format!("row {}", self.number), problem))),
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
