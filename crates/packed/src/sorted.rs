//! Packed records in the order of their serial numbers: octets without leading zeros, compared as texts are.

use std::cmp::Ordering;
use std::marker::PhantomData;

use domain::{AuthorityArn, Serial};

use crate::batch::{self, Entry, Pack, Packed};
use crate::bytes::Reader;
use crate::records::{Laid, Record};

/// For how many records memory is asked at once.
const AHEAD: usize = 32;
/// How much comes from memory at once, in bytes; most records have one or two of these.
const LINE: usize = 64;

/// Serial numbers from one on up to another, without that one. `None`: there is no such bound.
#[derive(Clone, Copy, Debug, Default)]
pub struct Range {
    pub from: Option<Serial>,
    pub before: Option<Serial>,
}

impl Range {
    /// Ranges that together are all serial numbers, one after the other. None of them has many more than `most` records of
    /// either side, unless they are of one serial number.
    pub fn split<A: Record, B: Record>(a: &Sorted<A>, b: &Sorted<B>, most: usize) -> Vec<Self> {
        let mut cuts: Vec<Serial> = a.cuts(most).chain(b.cuts(most)).collect();
        cuts.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
        cuts.dedup();
        let from = std::iter::once(None).chain(cuts.iter().copied().map(Some));
        let before = cuts.iter().copied().map(Some).chain([None]);
        from.zip(before).map(|(from, before)| Self { from, before }).collect()
    }
}

/// All records of one side.
#[derive(Debug)]
pub struct Sorted<T> {
    batches: Vec<Packed>,
    index: Vec<Entry>,
    kind: PhantomData<T>,
}

impl<T> Default for Sorted<T> {
    fn default() -> Self {
        Self { batches: Vec::new(), index: Vec::new(), kind: PhantomData }
    }
}

impl<T: Record> Sorted<T> {
    pub(crate) fn new(batches: Vec<Packed>, index: Vec<Entry>) -> Self {
        let mut sorted = Self { batches, index, kind: PhantomData };
        sorted.sort();
        sorted
    }

    fn sort(&mut self) {
        let batches = &self.batches;
        self.index.sort_unstable_by(|a, b| {
            let full = || octets(batches, a).cmp(octets(batches, b));
            a.prefix.cmp(&b.prefix).then_with(full).then((a.batch, a.at).cmp(&(b.batch, b.at)))
        });
    }

    pub fn contains(&self, serial: Serial) -> bool {
        let found = self.index.binary_search_by(|entry| octets(&self.batches, entry).cmp(serial.as_bytes()));
        found.is_ok()
    }

    /// The records of one authority that are within `range`.
    pub fn of<'a>(&'a self, authority: &'a AuthorityArn, range: &Range) -> impl Iterator<Item = Laid<'a, T>> {
        let mut entries = self.within(range);
        let mut warm: &[Entry] = &[];
        std::iter::from_fn(move || {
            loop {
                if warm.is_empty() {
                    (warm, entries) = entries.split_at(entries.len().min(AHEAD));
                    self.warm(warm);
                }
                let (entry, rest) = warm.split_first()?;
                warm = rest;
                if let Some(laid) = self.laid(entry).filter(|laid| laid.authority == authority) {
                    return Some(laid);
                }
            }
        })
    }

    /// Serial numbers between which about `every` records lie.
    fn cuts(&self, every: usize) -> impl Iterator<Item = Serial> {
        let cuts = self.index.iter().step_by(every.max(1)).skip(1);
        cuts.filter_map(|entry| Serial::from_bytes(octets(&self.batches, entry)).ok())
    }

    fn within(&self, range: &Range) -> &[Entry] {
        let place = |serial: Option<Serial>, none| {
            serial.map_or(none, |serial| {
                let serial = serial.as_bytes();
                self.index.partition_point(|entry| octets(&self.batches, entry) < serial)
            })
        };
        let (from, to) = (place(range.from, 0), place(range.before, self.index.len()));
        self.index.get(from..to).unwrap_or_default()
    }

    /// Touches the records of some entries, all at once: they lie in the order in which they came, each somewhere else, and
    /// whoever waits for memory one by one waits for most of the time.
    fn warm(&self, entries: &[Entry]) {
        let first = |entry: &Entry| {
            let packed = packed(&self.batches, entry)?;
            let at = usize::try_from(entry.at).ok()?;
            let last = packed.bytes.get(at + LINE).copied().unwrap_or_default();
            Some(packed.bytes.get(at)?.wrapping_add(last))
        };
        std::hint::black_box(entries.iter().filter_map(first).fold(0, u8::wrapping_add));
    }

    /// Leaves one record of each serial number. `fold` is told the one that is kept so far, and each of the others; it
    /// says whether the other is kept instead.
    pub fn fold(&mut self, mut fold: impl FnMut(&T, &T) -> bool) {
        let index = std::mem::take(&mut self.index);
        let mut kept: Vec<Entry> = Vec::with_capacity(index.len());
        for entry in index {
            let before = kept.last_mut().filter(|before| self.compare(before, &entry) == Ordering::Equal);
            let Some(before) = before else {
                kept.push(entry);
                continue;
            };
            let both = self.unpack(before).zip(self.unpack(&entry));
            if both.is_some_and(|(first, other)| fold(&first, &other)) {
                *before = entry;
            }
        }
        self.index = kept;
    }

    /// Replaces records: `change` gives what a record becomes, or `None` where it stays.
    pub fn change(&mut self, mut change: impl FnMut(&T) -> Option<T>) {
        let mut changed = Pack::default();
        let mut index = std::mem::take(&mut self.index);
        index.retain(|entry| {
            let new = self.unpack(entry).and_then(|record| change(&record));
            new.iter().for_each(|new| changed.push(new));
            new.is_none()
        });
        let Sorted { batches, index: more, .. } = changed.sorted();
        let first = u32::try_from(self.batches.len()).unwrap_or(u32::MAX);
        self.batches.extend(batches);
        index.extend(
            more.into_iter().map(|entry| Entry { batch: first.saturating_add(entry.batch), ..entry }),
        );
        self.index = index;
        self.sort();
    }

    fn compare(&self, a: &Entry, b: &Entry) -> Ordering {
        a.prefix.cmp(&b.prefix).then_with(|| octets(&self.batches, a).cmp(octets(&self.batches, b)))
    }

    fn unpack(&self, entry: &Entry) -> Option<T> {
        self.laid(entry)?.unpack()
    }

    fn laid(&self, entry: &Entry) -> Option<Laid<'_, T>> {
        let packed = packed(&self.batches, entry)?;
        let mut reader = reader(packed, entry);
        let serial = Serial::from_bytes(reader.octets()).ok()?;
        let authority = packed.authorities.get(reader.number())?;
        Some(Laid { serial, authority, reader, kind: PhantomData })
    }
}

fn packed<'a>(batches: &'a [Packed], entry: &Entry) -> Option<&'a Packed> {
    batches.get(usize::try_from(entry.batch).ok()?)
}

fn reader<'a>(packed: &'a Packed, entry: &Entry) -> Reader<'a> {
    batch::reader(&packed.bytes, &packed.texts, entry.at)
}

fn octets<'a>(batches: &'a [Packed], entry: &Entry) -> &'a [u8] {
    packed(batches, entry).map(|packed| reader(packed, entry).octets()).unwrap_or_default()
}
