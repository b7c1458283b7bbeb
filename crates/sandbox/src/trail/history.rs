//! The past of a new sandbox's trail: a file for each hour with events, a digest for every hour, and the damage.
//!
//! Pure, apart from random names: from records and times to files and digests, each as if it had been written then.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::digest::{Digest, Signed};
use super::evidence::{Damage, Evidence, Fate, hour, issued};
use super::file::{Entry, LogFile};
use super::key::SigningKey;
use super::noise;

/// How long after logging has stopped the last file and digest come.
const LAST_FILE: Duration = Duration::minutes(4);
const LAST_DIGEST: Duration = Duration::minutes(5);
/// Every so many files repeat an event of the one before.
const REPEAT_EVERY: usize = 5;

/// A record and its time.
pub(super) type Timed = (OffsetDateTime, Value);

/// What the past is made of.
pub(super) struct Past<'a> {
    pub(super) bucket: &'a str,
    /// When the trail was switched on: a full hour.
    pub(super) from: OffsetDateTime,
    pub(super) to: OffsetDateTime,
    pub(super) damage: &'a Damage,
}

/// The past, written.
pub(super) struct History {
    pub(super) files: Vec<LogFile>,
    pub(super) digests: Vec<Signed>,
    pub(super) evidence: Evidence,
}

/// A span of time that a digest covers.
struct Span {
    from: OffsetDateTime,
    to: OffsetDateTime,
    /// The first of a chain.
    begins: bool,
}

/// How many records of an hour come in one file: CloudTrail begins another long before a file is too large to be read.
const MOST_RECORDS: usize = 5000;

/// The records of an hour, file by file.
fn in_files(of: OffsetDateTime, records: Vec<Timed>) -> impl Iterator<Item = (OffsetDateTime, Vec<Timed>)> {
    let mut rest = records.into_iter();
    std::iter::from_fn(move || {
        let file: Vec<Timed> = rest.by_ref().take(MOST_RECORDS).collect();
        (!file.is_empty()).then_some((of, file))
    })
}

impl Past<'_> {
    /// Writes the past of these records, of any time.
    pub(super) fn write(&self, records: Vec<Timed>, key: &SigningKey) -> anyhow::Result<History> {
        let (stop, start) = self.damage.stopped;
        let mut evidence = Evidence::default();
        evidence.stopped.insert(hour(stop));
        let mut attributed = BTreeSet::new();
        let mut hours: BTreeMap<OffsetDateTime, Vec<Timed>> = BTreeMap::new();
        let mut log =
            |at: OffsetDateTime, record| hours.entry(at.truncate_to_hour()).or_default().push((at, record));
        for (at, record) in records {
            if at < self.from || at >= self.to {
                continue;
            }
            if (stop..start).contains(&at) {
                evidence.unattributed.extend(issued(&record));
            } else {
                log(at, record);
            }
        }
        for (at, operation) in [(self.from, "StartLogging"), (stop, "StopLogging"), (start, "StartLogging")] {
            log(at, noise::trail_call(at, operation));
        }

        let mut files: Vec<(OffsetDateTime, LogFile)> = Vec::new();
        let mut repeated: Option<Value> = None;
        for (of, records) in hours.into_iter().flat_map(|(of, records)| in_files(of, records)) {
            let fate = self.damage.fate(records.iter().map(|(_, record)| record));
            let known = match fate {
                Fate::Whole => &mut attributed,
                Fate::Deleted | Fate::Edited => {
                    evidence.altered.insert(hour(of));
                    &mut evidence.unattributed
                }
            };
            known.extend(records.iter().filter_map(|(_, record)| issued(record)));
            let times = records.iter().map(|(at, _)| *at);
            let (oldest, newest) = (times.clone().min().unwrap_or(of), times.max().unwrap_or(of));
            let mut records: Vec<Value> = records.into_iter().map(|(_, record)| record).collect();
            if fate == Fate::Whole {
                let repeat = records.choose(&mut rand::rng()).cloned();
                let repeat = std::mem::replace(&mut repeated, repeat);
                records.extend(repeat.filter(|_| files.len().is_multiple_of(REPEAT_EVERY)));
            }
            records.extend(noise::between(oldest, newest));
            let delivered = self.delivered(newest);
            let mut file = LogFile::new(self.bucket, records.clone(), delivered)?;
            match fate {
                Fate::Whole => {}
                Fate::Deleted => file.body = None,
                Fate::Edited => {
                    records.iter_mut().for_each(|record| self.damage.edit(record));
                    file.replace(records)?;
                }
            }
            files.push((delivered, file));
        }
        evidence.unattributed.retain(|serial| !attributed.contains(serial));

        let digests = self.digests(&files, key)?;
        let files = files.into_iter().map(|(_, file)| file).collect();
        Ok(History { files, digests, evidence })
    }

    /// When a file comes whose last event was then.
    fn delivered(&self, newest: OffsetDateTime) -> OffsetDateTime {
        let (stop, _) = self.damage.stopped;
        let late = newest + Duration::seconds(rand::rng().random_range(150..330));
        let late = late.truncate_to_second().min(self.to);
        if newest <= stop { late.min(stop + LAST_FILE) } else { late }
    }

    fn digests(&self, files: &[(OffsetDateTime, LogFile)], key: &SigningKey) -> anyhow::Result<Vec<Signed>> {
        let mut digests: Vec<Signed> = Vec::new();
        for Span { from, to, begins } in self.spans() {
            let within = |at: OffsetDateTime| from < at && at <= to;
            let entries: Vec<Entry> = files
                .iter()
                .filter(|(delivered, _)| within(*delivered))
                .map(|(_, file)| file.entry.clone())
                .collect();
            let previous = digests.last().filter(|_| !begins).map(|digest| &digest.this);
            let digest = Digest { bucket: self.bucket, from, to, previous, files: &entries };
            digests.push(digest.sign(key)?);
        }
        Ok(digests)
    }

    /// Hour after hour, but for the time without logging.
    fn spans(&self) -> Vec<Span> {
        let (stop, start) = self.damage.stopped;
        let mut spans = Vec::new();
        let (mut from, mut begins) = (self.from, true);
        while from < self.to {
            let to = (from.truncate_to_hour() + Duration::HOUR).min(self.to);
            if from <= stop && stop < to {
                spans.push(Span { from, to: stop + LAST_DIGEST, begins });
                (from, begins) = (start, true);
            } else {
                spans.push(Span { from, to, begins });
                (from, begins) = (to, false);
            }
        }
        spans
    }
}
