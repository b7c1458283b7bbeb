//! Text in rows and cells (RFC 4180), with a separator of one byte. Knows nothing of what a column means.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::BufRead;

use memchr::memchr;

use crate::Bad;
use crate::lines::{Line, Lines};

/// The most that one row may have, in bytes.
const LIMIT: usize = 64 * 1024;

/// What a header says of rows.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub separator: u8,
    /// How many cells a row has.
    pub columns: usize,
}

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

    /// Rows of the same columns, the header of which was read elsewhere.
    pub fn headless(input: R, form: Form) -> Self {
        let Form { separator, columns } = form;
        let lines = Lines::new(input, LIMIT);
        Self { lines, separator, columns, ahead: VecDeque::new(), failure: None }
    }

    pub fn form(&self) -> Form {
        Form { separator: self.separator, columns: self.columns }
    }

    /// What follows the header, if no row has been read.
    pub fn into_input(self) -> R {
        self.lines.into_input()
    }

    /// Whether no line waits that was taken from the source.
    pub fn is_between(&self) -> bool {
        self.ahead.is_empty() && self.failure.is_none()
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

impl Form {
    /// Hands the cells of each row of a piece to `each`, and says how many rows there are. `None`: the piece has a row that is
    /// none, or that is not on one line.
    pub fn plain<'a>(
        self,
        piece: &'a [u8],
        mut each: impl FnMut(&[Cow<'a, str>]) -> Option<()>,
    ) -> Option<u64> {
        let (mut count, mut row) = (0, Vec::with_capacity(self.columns));
        for line in piece.strip_suffix(b"\n")?.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.len() >= LIMIT || in_quotes(line) {
                return None;
            }
            if line.iter().all(|byte| byte.is_ascii_whitespace() || *byte == self.separator) {
                continue;
            }
            row.clear();
            if !self.split(line, &mut row)? {
                row.clear();
                row.extend(cells(line, self.separator).ok()?.into_iter().map(Cow::Owned));
            }
            if row.len() != self.columns {
                return None;
            }
            each(&row)?;
            count += 1;
        }
        Some(count)
    }

    /// The cells of a line, where quotes are around whole cells and nowhere else. `false`: they are not.
    fn split<'a>(self, line: &'a [u8], row: &mut Vec<Cow<'a, str>>) -> Option<bool> {
        let mut rest = std::str::from_utf8(line).ok()?;
        let separator = char::from(self.separator);
        loop {
            let quoted = rest.strip_prefix('"');
            let end = match quoted {
                Some(inner) => memchr(b'"', inner.as_bytes())? + 2,
                None => memchr(self.separator, rest.as_bytes()).unwrap_or(rest.len()),
            };
            let (cell, after) = rest.split_at_checked(end)?;
            let cell = if quoted.is_some() { cell.get(1..end - 1)? } else { cell };
            if cell.contains(['"', '\r']) {
                return Some(false);
            }
            row.push(Cow::Borrowed(cell));
            match after.strip_prefix(separator) {
                Some(next) => rest = next,
                None => return Some(after.is_empty()),
            }
        }
    }
}
