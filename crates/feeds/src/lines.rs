//! Lines of bounded length.

use std::io::{self, BufRead, Read};

use crate::Bad;
use crate::input::is_damage;

/// One line without its end.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// From 1.
    pub number: u64,
    pub bytes: Vec<u8>,
    /// The line has its newline; the last one of a source may not.
    pub ended: bool,
    /// The line is longer than the limit: `bytes` is its beginning.
    pub overlong: bool,
}

/// The lines of a source.
pub(crate) struct Lines<R> {
    input: R,
    limit: usize,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    /// `limit` in bytes, without the newline.
    pub fn new(input: R, limit: usize) -> Self {
        Self { input, limit, number: 0 }
    }

    /// As if lines up to this number had been read.
    pub fn after(self, number: u64) -> Self {
        Self { number, ..self }
    }

    /// The number of the last line that was read.
    pub fn number(&self) -> u64 {
        self.number
    }

    pub fn into_input(self) -> R {
        self.input
    }

    /// The next line; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Line>, Bad> {
        self.read().map_err(|error| match is_damage(&error) {
            true => Bad::CutShort(error.to_string()),
            false => Bad::Io(error),
        })
    }

    fn read(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        let most = u64::try_from(self.limit).unwrap_or(u64::MAX).saturating_add(1);
        if self.input.by_ref().take(most).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let mut ended = bytes.last() == Some(&b'\n');
        let overlong = !ended && bytes.len() > self.limit;
        if overlong {
            ended = self.skip_rest()?;
        } else if ended {
            bytes.pop();
            if bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
        }
        Ok(Some(Line { number: self.number, bytes, ended, overlong }))
    }

    fn skip_rest(&mut self) -> io::Result<bool> {
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(false);
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(buffer.len(), |at| at + 1);
            self.input.consume(used);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}
