//! The rows of a report in CSV: columns by name in any order.

use std::collections::VecDeque;
use std::io::BufRead;

use super::ReportError;
use super::row::RawRow;
use crate::Bad;
use crate::lines::{Line, Lines};

/// The most that one row may have, in bytes.
const LIMIT: usize = 64 * 1024;

type Setter = fn(&mut RawRow, String);

/// The columns we read, whether a report without them is one, and where they go.
const COLUMNS: [(&str, bool, Setter); 10] = [
    ("certificateArn", true, |row, cell| row.certificate_arn = Some(cell)),
    ("serial", false, |row, cell| row.serial = Some(cell)),
    ("subject", false, |row, cell| row.subject = Some(cell.into())),
    ("notBefore", true, |row, cell| row.not_before = Some(cell)),
    ("notAfter", true, |row, cell| row.not_after = Some(cell)),
    ("issuedAt", true, |row, cell| row.issued_at = Some(cell)),
    ("revokedAt", true, |row, cell| row.revoked_at = Some(cell)),
    ("revocationReason", false, |row, cell| row.revocation_reason = Some(cell.into())),
    ("templateArn", false, |row, cell| row.template_arn = Some(cell.into())),
    ("requestedByServicePrincipal", false, |row, cell| {
        row.requested_by_service_principal = Some(cell.into())
    }),
];

/// The rows of a CSV report.
pub(crate) struct CsvRows<R> {
    lines: Lines<R>,
    /// Lines to be read before those in `lines`.
    ahead: VecDeque<Line>,
    /// What comes after the last line, unless it is the end of the source.
    failure: Option<Bad>,
    /// For each column of the file, where its cells go.
    columns: Vec<Option<Setter>>,
}

impl<R: BufRead> CsvRows<R> {
    /// Reads the header.
    pub fn new(input: R) -> Result<Self, ReportError> {
        let lines = Lines::new(input, LIMIT);
        let mut rows = Self { lines, ahead: VecDeque::new(), failure: None, columns: Vec::new() };
        let header = rows.lines.next().map_err(ReportError::from)?.ok_or(ReportError::Empty)?;
        let names = cells(&header.bytes).map_err(|_| ReportError::Unrecognised)?;
        let named =
            |wanted: &str| names.iter().filter(|name| name.trim().eq_ignore_ascii_case(wanted)).count();
        if named("certificateArn") == 0 && named("serial") == 0 {
            return Err(ReportError::Unrecognised);
        }
        for (column, essential, _) in COLUMNS {
            match named(column) {
                0 if essential => return Err(ReportError::MissingColumn(column)),
                0 | 1 => (),
                _ => return Err(ReportError::RepeatedColumn(column)),
            }
        }
        rows.columns = names
            .iter()
            .map(|name| COLUMNS.iter().find(|(column, ..)| name.trim().eq_ignore_ascii_case(column)))
            .map(|column| column.map(|(.., setter)| *setter))
            .collect();
        Ok(rows)
    }

    /// The next row, `Ok(Err(why))` when it cannot be read, `None` at the end.
    pub fn next(&mut self) -> Option<Result<Result<RawRow, String>, Bad>> {
        self.advance().transpose()
    }

    fn advance(&mut self) -> Result<Option<Result<RawRow, String>>, Bad> {
        let first = loop {
            match self.line() {
                None => return self.failure.take().map_or(Ok(None), Err),
                Some(line) if line.bytes.trim_ascii().is_empty() => (),
                Some(line) => break line,
            }
        };
        if first.overlong {
            return Ok(Some(Err("it is longer than 64 KiB".to_owned())));
        }
        // A quoted cell may go on over several lines. When that makes no row, only the first line was bad.
        let (mut text, mut more) = (first.bytes.clone(), Vec::new());
        let mut ended = first.ended;
        while in_quotes(&text) && text.len() < LIMIT {
            let Some(line) = self.line() else { break };
            text.push(b'\n');
            text.extend(&line.bytes);
            ended = line.ended;
            more.push(line);
        }
        let row =
            if in_quotes(&text) { Err("a quoted cell does not end".to_owned()) } else { self.row(&text) };
        if row.is_err() {
            if more.is_empty() && !ended {
                return Err(Bad::CutShort("it ends within a row".to_owned()));
            }
            more.into_iter().rev().for_each(|line| self.ahead.push_front(line));
        }
        Ok(Some(row))
    }

    fn line(&mut self) -> Option<Line> {
        if let Some(line) = self.ahead.pop_front() {
            return Some(line);
        }
        if self.failure.is_some() {
            return None;
        }
        self.lines.next().unwrap_or_else(|failure| {
            self.failure = Some(failure);
            None
        })
    }

    fn row(&self, text: &[u8]) -> Result<RawRow, String> {
        let cells = cells(text)?;
        if cells.len() != self.columns.len() {
            return Err(format!("it has {} cells, the header has {}", cells.len(), self.columns.len()));
        }
        let mut row = RawRow::default();
        for (setter, cell) in self.columns.iter().zip(cells) {
            if let Some(set) = setter {
                set(&mut row, cell);
            }
        }
        Ok(row)
    }
}

/// Whether a quote is open at the end of a text: doubled quotes cancel each other out.
fn in_quotes(text: &[u8]) -> bool {
    text.iter().filter(|byte| **byte == b'"').count() % 2 == 1
}

/// The cells of one row.
fn cells(text: &[u8]) -> Result<Vec<String>, String> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).buffer_capacity(text.len() + 1).from_reader(text);
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(true) => Ok(record.iter().map(str::to_owned).collect()),
        Ok(false) => Err("it is empty".to_owned()),
        Err(_) => Err("it is not UTF-8".to_owned()),
    }
}
