//! The events kept of one log file: JSON lines, compressed as they come.

use std::io::{BufRead, BufReader, Write};

use domain::Timestamp;
use domain::trail::Event;
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::{Error, Thing};

/// An event, and the record that it was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub event: Event,
    /// The JSON of the record as the file had it.
    pub record: String,
}

/// Events on their way into the table; holds them compressed.
#[derive(Debug)]
pub struct KeptEvents {
    encoder: GzEncoder<Vec<u8>>,
    count: u64,
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
}

impl Default for KeptEvents {
    fn default() -> Self {
        let encoder = GzEncoder::new(Vec::new(), Compression::default());
        Self { encoder, count: 0, oldest: None, newest: None }
    }
}

impl KeptEvents {
    pub fn push(&mut self, event: &Event, record: &str) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Line<'a> {
            event: &'a Event,
            record: &'a str,
        }
        let failed = |error: &dyn std::fmt::Display| Error::invalid("writing", "an event", error.to_string());
        serde_json::to_writer(&mut self.encoder, &Line { event, record }).map_err(|error| failed(&error))?;
        self.encoder.write_all(b"\n").map_err(|error| failed(&error))?;
        self.count += 1;
        self.oldest = Some(self.oldest.map_or(event.time, |oldest| oldest.min(event.time)));
        self.newest = self.newest.max(Some(event.time));
        Ok(())
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// The times of the first and the last of them.
    pub fn span(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.oldest, self.newest)
    }

    /// Empty: there are none.
    pub(super) fn finish(self) -> Result<Vec<u8>, Error> {
        if self.count == 0 {
            return Ok(Vec::new());
        }
        self.encoder.finish().map_err(|error| Error::invalid("compressing", "the events of a file", error))
    }
}

/// What [`KeptEvents`] wrote, and what kept some of it from being read.
pub(super) fn read(compressed: &[u8]) -> (Vec<Kept>, Option<Error>) {
    let (mut kept, mut damage) = (Vec::new(), None);
    if compressed.is_empty() {
        return (kept, damage);
    }
    let unreadable = |error: &dyn std::fmt::Display| {
        Error::invalid("reading", format!("the stored {}", Thing::TrailFile), error.to_string())
    };
    for line in BufReader::new(GzDecoder::new(compressed)).lines() {
        let line = match line {
            Ok(line) => line,
            // Nothing comes after it.
            Err(error) => return (kept, Some(unreadable(&error))),
        };
        match serde_json::from_str(&line) {
            Ok(event) => kept.push(event),
            Err(error) => damage = Some(unreadable(&error)),
        }
    }
    (kept, damage)
}
