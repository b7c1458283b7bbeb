//! Log files: the records about Private CA, about the trail itself and about where evidence is kept, one by one, whatever else
//! the file holds.
//!
//! Records of other calls, which are nearly all, are told by a search over their bytes and are not parsed: a record that is
//! ours holds one of a few names, or hides letters of it behind `\u` escapes. Both are looked for, and only what has neither
//! is passed over.

use std::io::{self, Read};

use aho_corasick::AhoCorasick;
use domain::Timestamp;
use domain::run::Unreadable;
use domain::trail::Event;
use memchr::memchr;
use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};

use super::LIMIT;
use super::record::{self, MARKS};
use crate::Bad;
use crate::input::is_damage;
use crate::window::{Value, Window};

/// The most that one record may have, in bytes. CloudTrail's own limit is 256 KB.
const RECORD: usize = 1024 * 1024;
/// The most that a key of the file's outermost object may have; its only one is `Records`.
const KEY: usize = 1024;

/// A record that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub event: Event,
    /// The record as it stands in the file; bytes that are not UTF-8 are replaced.
    pub raw: String,
}

/// What a file held, as far as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Lower-case hex SHA-256 of the uncompressed content. Of a damaged file: of what could be uncompressed, so that it is
    /// never the hash that a digest states.
    pub sha256: String,
    /// Length of the uncompressed content.
    pub bytes: u64,
    /// Records in all: of other services, kept and unreadable.
    pub records: u64,
    pub kept: u64,
    /// Records that may be ours and cannot be read.
    pub unreadable: Unreadable,
    /// The times of the events kept.
    pub oldest: Option<Timestamp>,
    pub newest: Option<Timestamp>,
}

/// Lower-case hex SHA-256 of the uncompressed content of a log file, which is what a digest states for it.
///
/// # Errors
/// It is damaged, too large, or reading failed.
pub fn content_sha256(source: impl Read) -> Result<String, Bad> {
    let mut window = Window::open(source, LIMIT).map_err(|error| match is_damage(&error) {
        true => Bad::CutShort(error.to_string()),
        false => Bad::Io(error),
    })?;
    window.drain()?;
    Ok(window.digest().0)
}

/// The kept records of one log file, gzip or plain, in its order. Give it to the end, then [`LogReader::finish`].
///
/// A record that cannot be read is counted in the summary and hides no other. A file that is damaged (torn, no JSON, too
/// large) gives the records before the damage and then [`Bad::CutShort`]; whether they count is for the caller to say.
pub struct LogReader<'a> {
    window: Window<'a>,
    place: Place,
    seen_records: bool,
    summary: Summary,
    marks: AhoCorasick,
    escape: Finder<'static>,
}

/// Where in the file the reader stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Beginning,
    /// Within the outermost object.
    Object,
    /// Within the list of records.
    Records,
    Over,
}

impl<'a> LogReader<'a> {
    /// # Errors
    /// Reading failed, or the source begins like gzip and is none.
    pub fn open(source: impl Read + 'a) -> io::Result<Self> {
        Ok(Self {
            window: Window::open(source, LIMIT)?,
            place: Place::Beginning,
            seen_records: false,
            summary: Summary::default(),
            marks: AhoCorasick::new(MARKS).map_err(io::Error::other)?,
            escape: Finder::new("\\u"),
        })
    }

    /// What the file held. Its hash and length are those of the whole file only if the reader was read to its end.
    pub fn finish(self) -> Summary {
        let (sha256, bytes) = self.window.digest();
        Summary { sha256, bytes, ..self.summary }
    }

    fn advance(&mut self) -> Result<Option<Record>, Bad> {
        loop {
            let next = self.window.peek()?;
            match (self.place, next) {
                (Place::Beginning, Some(b'{')) => {
                    self.window.skip();
                    self.place = Place::Object;
                }
                (Place::Beginning, _) => return Err(damaged("it is not a log file: no JSON object")),
                (Place::Object, Some(b'"')) => self.member()?,
                (Place::Object, Some(b'}')) => return self.end().map(|()| None),
                (Place::Records, Some(b']')) => {
                    self.window.skip();
                    self.place = Place::Object;
                }
                (Place::Records, Some(_)) => {
                    if let Some(record) = self.record()? {
                        return Ok(Some(record));
                    }
                }
                (Place::Object, Some(_)) => return Err(damaged("it is not well-formed JSON")),
                (Place::Object | Place::Records, None) => {
                    return Err(damaged("it ends before its closing bracket"));
                }
                (Place::Over, _) => return Ok(None),
            }
        }
    }

    /// One member of the outermost object: the list of records, or something else, which is passed over.
    fn member(&mut self) -> Result<(), Bad> {
        let is_records = match self.window.value(KEY)? {
            Value::Whole(key) => serde_json::from_slice::<String>(key).is_ok_and(|key| key == "Records"),
            Value::Overlong => false,
        };
        if self.window.peek()? != Some(b':') {
            return Err(damaged("it is not well-formed JSON"));
        }
        self.window.skip();
        match self.window.peek()? {
            Some(b'[') if is_records => {
                self.window.skip();
                self.seen_records = true;
                self.place = Place::Records;
            }
            Some(_) if is_records => return Err(damaged("its Records are no list")),
            Some(_) => {
                self.window.value(RECORD)?;
            }
            None => return Err(damaged("it ends before its closing bracket")),
        }
        Ok(())
    }

    /// The next element of the list, unless it is another service's or cannot be read.
    fn record(&mut self) -> Result<Option<Record>, Bad> {
        let value = self.window.value(RECORD)?;
        self.summary.records += 1;
        let read = match value {
            Value::Overlong => Err("it is longer than 1 MiB".to_owned()),
            Value::Whole(bytes) if bytes.first() != Some(&b'{') => Err("it is not an object".to_owned()),
            Value::Whole(bytes) if !may_be_ours(&self.marks, &self.escape, bytes) => return Ok(None),
            Value::Whole(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                record::read(&text).map(|event| event.map(|event| Record { event, raw: text.into_owned() }))
            }
        };
        match read {
            Ok(None) => Ok(None),
            Ok(Some(record)) => {
                let (summary, time) = (&mut self.summary, record.event.time);
                summary.kept += 1;
                summary.oldest = Some(summary.oldest.map_or(time, |oldest| oldest.min(time)));
                summary.newest = summary.newest.max(Some(time));
                Ok(Some(record))
            }
            Err(problem) => {
                self.summary.unreadable.add(format!("record {}", self.summary.records), problem);
                Ok(None)
            }
        }
    }

    fn end(&mut self) -> Result<(), Bad> {
        self.window.skip();
        match self.window.peek()? {
            Some(_) => Err(damaged("something follows it")),
            None if !self.seen_records => Err(damaged("it has no Records")),
            None => {
                self.place = Place::Over;
                Ok(())
            }
        }
    }
}

impl Iterator for LogReader<'_> {
    type Item = Result<Record, Bad>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.place == Place::Over {
            return None;
        }
        let next = self.advance().transpose();
        if matches!(next, Some(Err(_))) {
            self.place = Place::Over;
            // The hash is that of the whole file all the same, as far as it can be uncompressed.
            drop(self.window.drain());
        }
        next
    }
}

fn damaged(what: &str) -> Bad {
    Bad::CutShort(what.to_owned())
}

/// Whether a record can be ours. No other escape than `\u` stands for a letter of its names.
fn may_be_ours(marks: &AhoCorasick, escape: &Finder<'static>, record: &[u8]) -> bool {
    marks.is_match(record) || memchr(b'\\', record).is_some_and(|at| escape.find(&record[at..]).is_some())
}
