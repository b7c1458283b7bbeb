//! Packed records in the order of their serial numbers: octets without leading zeros, compared as texts are.

use std::cmp::Ordering;
use std::marker::PhantomData;

use domain::{AuthorityArn, Serial};

use crate::batch::{Entry, Pack, Packed};
use crate::bytes::Reader;
use crate::records::Record;

/// All records of one side.
#[derive(Debug)]
pub struct Sorted<T> {
    batches: Vec<Packed>,
    index: Vec<Entry>,
    kind: PhantomData<T>,
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

    /// The records of one authority.
    pub fn of<'a>(&'a self, authority: &'a AuthorityArn) -> impl Iterator<Item = T> + 'a {
        self.index.iter().filter_map(move |entry| self.unpack(entry, Some(authority)))
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
            let both = self.unpack(before, None).zip(self.unpack(&entry, None));
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
            let new = self.unpack(entry, None).and_then(|record| change(&record));
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

    /// `None`: it is of another authority than the one asked for.
    fn unpack(&self, entry: &Entry, wanted: Option<&AuthorityArn>) -> Option<T> {
        let packed = packed(&self.batches, entry)?;
        let mut reader = reader(packed, entry);
        let serial = Serial::from_bytes(reader.octets()).ok()?;
        let authority = packed.authorities.get(reader.number())?;
        if wanted.is_some_and(|wanted| wanted != authority) {
            return None;
        }
        T::read(authority, serial, &mut reader)
    }
}

fn packed<'a>(batches: &'a [Packed], entry: &Entry) -> Option<&'a Packed> {
    batches.get(usize::try_from(entry.batch).ok()?)
}

fn reader<'a>(packed: &'a Packed, entry: &Entry) -> Reader<'a> {
    Reader { bytes: &packed.bytes, at: usize::try_from(entry.at).unwrap_or(usize::MAX) }
}

fn octets<'a>(batches: &'a [Packed], entry: &Entry) -> &'a [u8] {
    packed(batches, entry).map(|packed| reader(packed, entry).octets()).unwrap_or_default()
}
