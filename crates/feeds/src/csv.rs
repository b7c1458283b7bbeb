//! Text in rows and cells (RFC 4180), with a separator of one byte. Knows nothing of what a column means.

use std::collections::VecDeque;
use std::io::BufRead;

use crate::Bad;
use crate::lines::{Line, Lines};

/// The most that one row may have, in bytes.
const LIMIT: usize = 64 * 1024;

/// The rows of a text with separators.
pub(crate) struct CsvRows<R> {
    lines: Lines<R>,
    separator: u8,
    /// How many cells the header has.
    columns: usize,
    /// Lines to be read before those in `lines`.
    ahead: VecDeque<Line>,
    /// What comes after the last line, unless it is the end of the source.
    failure: Option<Bad>,
}

impl<R: BufRead> CsvRows<R> {
    /// Reads the header, after the `sep=;` that spreadsheets write in front of it. `None`: there is nothing, or it is not
    /// UTF-8.
    pub fn new(input: R, separator: u8) -> Result<Option<(Self, Vec<String>)>, Bad> {
        let lines = Lines::new(input, LIMIT);
        let mut rows = Self { lines, separator, columns: 0, ahead: VecDeque::new(), failure: None };
        let mut header = rows.lines.next()?;
        if header.as_ref().is_some_and(|line| line.bytes.starts_with(b"sep=")) {
            header = rows.lines.next()?;
        }
        let Some(names) = header.and_then(|header| cells(&header.bytes, separator).ok()) else {
            return Ok(None);
        };
        rows.columns = names.len();
        Ok(Some((rows, names)))
    }

    /// The next row, `Ok(Err(why))` when it cannot be read, `None` at the end.
    pub fn next(&mut self) -> Option<Result<Result<Vec<String>, String>, Bad>> {
        self.advance().transpose()
    }

    fn advance(&mut self) -> Result<Option<Result<Vec<String>, String>>, Bad> {
        let first = loop {
            match self.line() {
                None => return self.failure.take().map_or(Ok(None), Err),
                Some(line) if self.is_blank(&line) => (),
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

    /// Whether it says nothing: spreadsheets write rows of separators alone.
    fn is_blank(&self, line: &Line) -> bool {
        let says = |byte: &u8| !byte.is_ascii_whitespace() && *byte != self.separator;
        !line.overlong && !line.bytes.iter().any(says)
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

    fn row(&self, text: &[u8]) -> Result<Vec<String>, String> {
        let cells = cells(text, self.separator)?;
        match cells.len() == self.columns {
            true => Ok(cells),
            false => Err(format!("it has {} cells, the header has {}", cells.len(), self.columns)),
        }
    }
}

/// Whether a quote is open at the end of a text: doubled quotes cancel each other out.
fn in_quotes(text: &[u8]) -> bool {
    text.iter().filter(|byte| **byte == b'"').count() % 2 == 1
}

/// The cells of one row.
pub(crate) fn cells(text: &[u8], separator: u8) -> Result<Vec<String>, String> {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).delimiter(separator).buffer_capacity(text.len() + 1);
    let mut reader = builder.from_reader(text);
    let (mut record, mut more) = (csv::StringRecord::new(), csv::ByteRecord::new());
    match reader.read_record(&mut record) {
        // A carriage return ends a row for the library, and what follows would be lost.
        Ok(true) if reader.read_byte_record(&mut more).unwrap_or(true) => {
            Err("it has a carriage return outside of quotes".to_owned())
        }
        Ok(true) => Ok(record.iter().map(str::to_owned).collect()),
        Ok(false) => Err("it is empty".to_owned()),
        Err(_) => Err("it is not UTF-8".to_owned()),
    }
}
