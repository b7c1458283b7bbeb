//! The elements of one top-level JSON array, each on its own, so that a malformed one never hides the others.
//!
//! Knows brackets, strings and where one object ends and the next begins; does not know what an element means.

use std::io::BufRead;

use memchr::{memchr2, memrchr_iter};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::Bad;
use crate::input::is_damage;

/// The most that one element may have, in bytes; also the most blank space between two.
const LIMIT: usize = 64 * 1024;
/// A row is flat; what AWS may add will hardly be deeper.
const DEPTH: usize = 16;
const CHUNK: usize = 64 * 1024;
/// How much is kept of what was skipped, to find a boundary that lies across two chunks.
const OVERLAP: usize = 1024;

/// The elements of an array whose opening bracket has been read.
pub(crate) struct Elements<R> {
    input: R,
    buffer: Vec<u8>,
    /// Where the unread part of `buffer` begins.
    at: usize,
    /// No more bytes come.
    exhausted: bool,
    /// Why no more come, unless it is the end of the source.
    damage: Option<String>,
    /// The closing bracket has been read, or the array cut short.
    over: bool,
}

/// What a scan over one element found.
enum Extent {
    /// The element has this many bytes.
    Whole(usize),
    /// It cannot be an element.
    Broken(&'static str),
    /// The source ends within it.
    Unfinished,
}

impl<R: BufRead> Elements<R> {
    /// `input` stands after the opening bracket.
    pub fn new(input: R) -> Self {
        Self { input, buffer: Vec::new(), at: 0, exhausted: false, damage: None, over: false }
    }

    /// Whether all that was taken from the source has been read, and the array is not over.
    pub fn is_between(&self) -> bool {
        !self.over && self.at == self.buffer.len()
    }

    /// The next element, `Ok(Err(why))` when it cannot be read, `None` after the closing bracket.
    pub fn next<T>(
        &mut self,
        read: impl FnOnce(&[u8]) -> serde_json::Result<T>,
    ) -> Option<Result<Result<T, String>, Bad>> {
        if self.over {
            return None;
        }
        let result = self.advance(read).transpose()?;
        self.over |= matches!(result, Err(Bad::CutShort(_) | Bad::Io(_)));
        Some(result)
    }

    fn advance<T>(
        &mut self,
        read: impl FnOnce(&[u8]) -> serde_json::Result<T>,
    ) -> Result<Option<Result<T, String>>, Bad> {
        match self.skip_blank()? {
            None => return Err(self.cut_short()),
            Some(b']') => {
                self.at += 1;
                self.over = true;
                return self.trailer();
            }
            Some(_) => (),
        }
        match self.extent()? {
            Extent::Whole(length) => {
                let element = &self.buffer[self.at..self.at + length];
                let parsed = read(element);
                // Broken JSON may have swallowed others: they begin at the first boundary within.
                let well_formed = parsed.is_ok() || serde_json::from_slice::<IgnoredAny>(element).is_ok();
                let swallowed = if well_formed { None } else { boundary(element) };
                self.at += swallowed.unwrap_or(length);
                Ok(Some(parsed.map_err(|error| error.to_string())))
            }
            Extent::Broken(why) => {
                self.find_boundary()?;
                Ok(Some(Err(why.to_owned())))
            }
            Extent::Unfinished => {
                let rest = &self.buffer[self.at..];
                match boundary(rest) {
                    Some(next) => self.at += next,
                    None if self.damage.is_none() && ends_array(rest) => {
                        (self.at, self.over) = (self.buffer.len(), true);
                    }
                    None => return Err(self.cut_short()),
                }
                Ok(Some(Err("its brackets or quotes do not close".to_owned())))
            }
        }
    }

    fn cut_short(&mut self) -> Bad {
        let why = self.damage.take();
        Bad::CutShort(why.unwrap_or_else(|| "it ends before its closing bracket".to_owned()))
    }

    /// After the closing bracket nothing may follow. Reading on also checks the checksum of a gzip stream.
    fn trailer<T>(&mut self) -> Result<Option<Result<T, String>>, Bad> {
        let mut rest = 0;
        while let Some(byte) = self.byte(0)? {
            self.at += 1;
            rest += 1;
            if !byte.is_ascii_whitespace() || rest > LIMIT {
                return Ok(Some(Err("something follows the closing bracket".to_owned())));
            }
        }
        if self.damage.is_some() { Err(self.cut_short()) } else { Ok(None) }
    }

    /// The first byte of the next element, or the closing bracket.
    fn skip_blank(&mut self) -> Result<Option<u8>, Bad> {
        for _ in 0..LIMIT {
            match self.byte(0)? {
                Some(byte) if byte.is_ascii_whitespace() || byte == b',' => self.at += 1,
                other => return Ok(other),
            }
        }
        Err(Bad::CutShort("64 KiB of blank space where a row should be".to_owned()))
    }

    /// How far the element goes that begins here. Gives up at the first thing that no JSON has, so that looking for the
    /// end of broken elements takes time in proportion to their length.
    fn extent(&mut self) -> Result<Extent, Bad> {
        let (mut quoted, mut escaped, mut after_comma) = (false, false, false);
        // The brackets open here, innermost last.
        let mut open: Vec<u8> = Vec::new();
        for offset in 0..LIMIT {
            let Some(byte) = self.byte(offset)? else {
                return Ok(Extent::Unfinished);
            };
            if quoted {
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'"' => quoted = false,
                    // RFC 8259 §7: control characters must be escaped.
                    0..0x20 => return Ok(Extent::Broken("a text in it does not end")),
                    _ => (),
                }
                continue;
            }
            match byte {
                b',' | b']' | b'{' | b'[' if open.is_empty() && offset > 0 => {
                    return Ok(Extent::Whole(offset));
                }
                b'}' if open.is_empty() => return Ok(Extent::Whole(offset + 1)),
                b'{' if after_comma && open.last() == Some(&b'{') => {
                    return Ok(Extent::Broken("its closing bracket is missing"));
                }
                b'{' | b'[' if open.len() == DEPTH => return Ok(Extent::Broken("it is nested too deep")),
                b'{' | b'[' => open.push(byte),
                b'}' | b']' => {
                    open.pop();
                    if open.is_empty() {
                        return Ok(Extent::Whole(offset + 1));
                    }
                }
                b'"' => quoted = true,
                b'\\' => return Ok(Extent::Broken("it has a backslash outside of a text")),
                _ => (),
            }
            after_comma = byte == b',' || (after_comma && byte.is_ascii_whitespace());
        }
        Ok(Extent::Broken("it is longer than 64 KiB, or its brackets or quotes do not close"))
    }

    /// Goes on to the next place where an object may begin, or to the end of the array.
    fn find_boundary(&mut self) -> Result<(), Bad> {
        self.at += 1;
        loop {
            let rest = &self.buffer[self.at..];
            if let Some(next) = boundary(rest) {
                self.at += next;
                return Ok(());
            }
            if self.exhausted {
                self.over = self.damage.is_none() && ends_array(rest);
                self.at = self.buffer.len();
                return Ok(());
            }
            self.at = self.buffer.len() - rest.len().min(OVERLAP);
            self.fill()?;
        }
    }

    /// The byte that lies `offset` after the next one; `None`: the source ends before it.
    fn byte(&mut self, offset: usize) -> Result<Option<u8>, Bad> {
        while self.at + offset >= self.buffer.len() {
            if self.exhausted {
                return Ok(None);
            }
            self.fill()?;
        }
        Ok(self.buffer.get(self.at + offset).copied())
    }

    fn fill(&mut self) -> Result<(), Bad> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let old = self.buffer.len();
        self.buffer.resize(old + CHUNK, 0);
        let read = self.input.read(&mut self.buffer[old..]);
        self.buffer.truncate(old + read.as_ref().map_or(0, |count| *count));
        match read {
            Ok(count) => self.exhausted = count == 0,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => (),
            Err(error) if is_damage(&error) => {
                (self.exhausted, self.damage) = (true, Some(error.to_string()));
            }
            Err(error) => return Err(Bad::Io(error)),
        }
        Ok(())
    }
}

/// Where the next object begins in a broken text: at `{` after a comma.
fn boundary(text: &[u8]) -> Option<usize> {
    let mut after_comma = false;
    for (at, byte) in text.iter().enumerate() {
        if after_comma && *byte == b'{' {
            return Some(at);
        }
        after_comma = *byte == b',' || (after_comma && byte.is_ascii_whitespace());
    }
    None
}

/// Whether a text ends as an array of objects does.
fn ends_array(text: &[u8]) -> bool {
    let inner = text.trim_ascii_end().strip_suffix(b"]").map(<[u8]>::trim_ascii_end);
    inner.is_some_and(|inner| inner.ends_with(b"}"))
}

/// Where the last object of a piece of an array seems to end: at `}` before a comma and `{`.
pub(super) fn last_end(piece: &[u8]) -> Option<usize> {
    memrchr_iter(b'{', piece).find_map(|at| {
        let before = piece[..at].trim_ascii_end().strip_suffix(b",")?.trim_ascii_end();
        before.ends_with(b"}").then_some(before.len())
    })
}

/// Hands each object of a piece of an array to `each`, and says how many there are. `None`: the piece has something else, or
/// an object that [`Elements`] might not take as it is.
pub(super) fn plain<'a, T: Deserialize<'a>>(
    piece: &'a [u8],
    mut each: impl FnMut(T) -> Option<()>,
) -> Option<u64> {
    // Once for all of them, and not for each text alone.
    let (mut rest, mut count) = (std::str::from_utf8(piece).ok()?, 0);
    loop {
        let blank = rest.bytes().position(|byte| byte != b',' && !byte.is_ascii_whitespace());
        let Some(blank) = blank else { return (rest.len() < LIMIT).then_some(count) };
        rest = rest.get(blank..).filter(|rest| blank < LIMIT && rest.starts_with('{'))?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<T>();
        let value = values.next()?.ok()?;
        let (object, after) = rest.split_at_checked(values.byte_offset())?;
        // Brackets within are for those who know how deep they may be.
        if object.len() >= LIMIT || memchr2(b'{', b'[', &object.as_bytes()[1..]).is_some() {
            return None;
        }
        each(value)?;
        (rest, count) = (after, count + 1);
    }
}
