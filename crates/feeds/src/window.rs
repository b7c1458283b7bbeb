//! The uncompressed bytes of a file as they pass by: hashed, counted and limited, with one JSON value in sight at a time.
//!
//! Knows strings and brackets, and nothing of what a value means. Commas count as blank: a file that lacks one, or has
//! one too many, hides nothing by it.

use std::io::{self, BufRead, Read};

use memchr::memchr2;
use sha2::{Digest as _, Sha256};

use crate::Bad;
use crate::input::{Plain, is_damage, open};

/// How much is read at a time.
const CHUNK: usize = 128 * 1024;

/// A file, and the part of it that is in sight.
pub(crate) struct Window<'a> {
    input: Box<dyn BufRead + 'a>,
    buffer: Vec<u8>,
    /// How much of `buffer` has been read from the file.
    filled: usize,
    /// What lies before is no longer needed.
    start: usize,
    /// The next byte.
    at: usize,
    /// The file has ended.
    exhausted: bool,
    hash: Sha256,
    bytes: u64,
    limit: u64,
}

/// One JSON value, by its brackets and quotes; it need not be well-formed within.
pub(crate) enum Value<'w> {
    Whole(&'w [u8]),
    /// It is longer than the limit.
    Overlong,
}

impl<'a> Window<'a> {
    /// Of no more than `limit` bytes uncompressed.
    pub fn open(source: impl Read + 'a, limit: u64) -> io::Result<Self> {
        let Plain { text, recoded } = open(source)?;
        let mut hash = Sha256::new();
        if recoded {
            // It is not what was delivered, whatever it says: no digest states this hash.
            hash.update("recoded");
        }
        Ok(Self {
            input: text,
            buffer: vec![0; 2 * CHUNK],
            filled: 0,
            start: 0,
            at: 0,
            exhausted: false,
            hash,
            bytes: 0,
            limit,
        })
    }

    /// The next byte that is neither blank nor a comma; it stays. `None`: the file has ended.
    pub fn peek(&mut self) -> Result<Option<u8>, Bad> {
        loop {
            let rest = &self.buffer[self.at..self.filled];
            let next = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b','));
            self.at += next.unwrap_or(rest.len());
            self.start = self.at;
            if next.is_some() {
                return Ok(Some(self.buffer[self.at]));
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Goes past the byte that [`Self::peek`] showed.
    pub fn skip(&mut self) {
        self.at = (self.at + 1).min(self.filled);
    }

    /// The value that begins with the byte that [`Self::peek`] showed; of no more than `limit` bytes.
    pub fn value(&mut self, limit: usize) -> Result<Value<'_>, Bad> {
        let mut extent = Extent::default();
        let mut overlong = false;
        loop {
            let end = extent.find(&self.buffer[self.at..self.filled]);
            self.at = end.map_or(self.filled, |end| self.at + end);
            if self.at - self.start > limit {
                overlong = true;
            }
            if overlong {
                self.start = self.at;
            }
            if end.is_some() {
                break;
            }
            if !self.fill()? {
                if extent.is_scalar() {
                    break;
                }
                return Err(Bad::CutShort("it ends within a record".to_owned()));
            }
        }
        match overlong {
            true => Ok(Value::Overlong),
            false if self.at == self.start => Err(Bad::CutShort("it is not well-formed JSON".to_owned())),
            false => Ok(Value::Whole(&self.buffer[self.start..self.at])),
        }
    }

    /// Reads on to the end, for the hash.
    pub fn drain(&mut self) -> Result<(), Bad> {
        loop {
            self.at = self.filled;
            self.start = self.filled;
            if !self.fill()? {
                return Ok(());
            }
        }
    }

    /// Lower-case hex SHA-256 of what was read, and its length in bytes.
    pub fn digest(self) -> (String, u64) {
        (hex::encode(self.hash.finalize()), self.bytes)
    }

    /// Reads more; `false` at the end.
    fn fill(&mut self) -> Result<bool, Bad> {
        if self.exhausted {
            return Ok(false);
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.at -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.filled < CHUNK {
            self.buffer.resize(self.filled + CHUNK, 0);
        }
        let room = &mut self.buffer[self.filled..];
        let read = loop {
            match self.input.read(room) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
                Err(error) if is_damage(&error) => return Err(Bad::CutShort(error.to_string())),
                other => break other?,
            }
        };
        self.bytes += read as u64;
        if self.bytes > self.limit {
            let most = self.limit / 1024 / 1024;
            return Err(Bad::CutShort(format!(
                "it has more than {most} MiB uncompressed, which no such file has"
            )));
        }
        self.hash.update(&room[..read]);
        self.filled += read;
        self.exhausted = read == 0;
        Ok(read > 0)
    }
}

/// Where a value ends, found piece by piece.
#[derive(Default)]
struct Extent {
    begun: bool,
    depth: u64,
    quoted: bool,
    /// A backslash was the last byte of the piece before.
    escaped: bool,
}

impl Extent {
    /// How much of the next piece belongs to the value; `None`: all of it, and more may follow.
    fn find(&mut self, piece: &[u8]) -> Option<usize> {
        let mut at = usize::from(self.escaped && !piece.is_empty());
        self.escaped &= piece.is_empty();
        loop {
            if self.quoted {
                at += memchr2(b'"', b'\\', &piece[at..])?;
                if piece[at] == b'\\' {
                    at += 2;
                    if at > piece.len() {
                        self.escaped = true;
                        return None;
                    }
                    continue;
                }
                at += 1;
                self.quoted = false;
                if self.depth == 0 {
                    return Some(at);
                }
            }
            let byte = *piece.get(at)?;
            match byte {
                b'"' if self.depth > 0 || !self.begun => self.quoted = true,
                b'{' | b'[' if self.depth > 0 || !self.begun => self.depth += 1,
                b'}' | b']' if self.depth > 1 => self.depth -= 1,
                b'}' | b']' if self.depth == 1 => return Some(at + 1),
                b'"' | b'{' | b'[' | b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\n' | b'\r'
                    if self.depth == 0 =>
                {
                    return Some(at);
                }
                _ => (),
            }
            self.begun = true;
            at += 1;
        }
    }

    /// A number, `true`, `null` or the like: the end of the file may end it.
    fn is_scalar(&self) -> bool {
        self.depth == 0 && !self.quoted
    }
}
