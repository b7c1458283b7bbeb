//! Records as they come, packed.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use domain::AuthorityArn;

use crate::bytes::{Reader, Writer};
use crate::records::Record;
use crate::sorted::Sorted;

/// A batch has about so many bytes.
const BATCH: usize = 1024 * 1024;

/// Records that were packed together, by one thread.
#[derive(Debug)]
pub struct Batch<T> {
    writer: Writer,
    index: Vec<Entry>,
    numbers: BTreeMap<AuthorityArn, usize>,
    /// By their numbers, and how many records each has.
    authorities: Vec<(AuthorityArn, u64)>,
    /// That of the record before.
    last: usize,
    kind: PhantomData<T>,
}

/// Where a record is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// The first octets of the serial number, without leading zeros.
    pub prefix: u64,
    pub batch: u32,
    pub at: u32,
}

/// Packed records of a batch that is complete.
#[derive(Debug)]
pub(crate) struct Packed {
    pub bytes: Vec<u8>,
    pub texts: Vec<u8>,
    pub authorities: Vec<AuthorityArn>,
}

impl<T> Default for Batch<T> {
    fn default() -> Self {
        let (writer, index, numbers, authorities, last) = Default::default();
        Self { writer, index, numbers, authorities, last, kind: PhantomData }
    }
}

impl<T: Record> Batch<T> {
    pub fn push(&mut self, record: &T) {
        let authority = record.authority();
        if self.authorities.get(self.last).is_none_or(|(last, _)| last != authority) {
            self.last = self.numbers.get(authority).copied().unwrap_or_else(|| {
                let next = self.authorities.len();
                self.numbers.insert(authority.clone(), next);
                self.authorities.push((authority.clone(), 0));
                next
            });
        }
        self.authorities[self.last].1 += 1;
        let serial = record.serial();
        let mut prefix = [0; 8];
        prefix.iter_mut().zip(serial.as_bytes()).for_each(|(to, from)| *to = *from);
        let at = u32::try_from(self.writer.bytes.len()).unwrap_or(u32::MAX);
        self.index.push(Entry { prefix: u64::from_be_bytes(prefix), batch: 0, at });
        self.writer.serial(serial);
        self.writer.number(self.last);
        record.write(&mut self.writer);
    }

    /// How many records of each authority there are.
    pub fn counts(&self) -> impl Iterator<Item = (&AuthorityArn, u64)> {
        self.authorities.iter().map(|(authority, count)| (authority, *count))
    }
}

/// All records of one side, in the order in which they came.
#[derive(Debug)]
pub struct Pack<T> {
    pub(crate) batches: Vec<Packed>,
    pub(crate) index: Vec<Entry>,
    /// The batch that single records go into.
    open: Batch<T>,
}

impl<T> Default for Pack<T> {
    fn default() -> Self {
        Self { batches: Vec::new(), index: Vec::new(), open: Batch::default() }
    }
}

impl<T: Record> Pack<T> {
    pub fn push(&mut self, record: &T) {
        self.open.push(record);
        if self.open.writer.bytes.len() >= BATCH {
            self.close();
        }
    }

    /// Adds the records of a batch behind those that are there.
    pub fn append(&mut self, batch: Batch<T>) {
        self.close();
        self.take(batch);
    }

    fn close(&mut self) {
        let open = std::mem::take(&mut self.open);
        if !open.index.is_empty() {
            self.take(open);
        }
    }

    /// Lays the records of a batch in the order of their serial numbers: whoever then goes through all batches at once in that
    /// order goes through each one from its beginning to its end, and waits for memory far less.
    fn take(&mut self, batch: Batch<T>) {
        let Batch { writer, mut index, authorities, .. } = batch;
        let number = u32::try_from(self.batches.len()).unwrap_or(u32::MAX);
        let ends = index.iter().skip(1).map(|next| next.at).chain([u32::MAX]).collect::<Vec<_>>();
        // Until they are laid, a record's number stands for its batch.
        index.iter_mut().zip(0..).for_each(|(entry, number)| entry.batch = number);
        let octets = |entry: &Entry| reader(&writer.bytes, &[], entry.at).octets();
        index.sort_by(|a, b| a.prefix.cmp(&b.prefix).then_with(|| octets(a).cmp(octets(b))));
        let mut bytes = Vec::with_capacity(writer.bytes.len());
        for entry in index {
            let number_within = usize::try_from(entry.batch).unwrap_or(usize::MAX);
            let end = place(ends.get(number_within).copied().unwrap_or(u32::MAX)).min(writer.bytes.len());
            let at = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(writer.bytes.get(place(entry.at)..end).unwrap_or_default());
            self.index.push(Entry { batch: number, at, ..entry });
        }
        let texts = writer.texts;
        let authorities = authorities.into_iter().map(|(authority, _)| authority).collect();
        self.batches.push(Packed { bytes, texts, authorities });
    }

    /// All of them by serial number; those of one serial number stay as they came.
    pub fn sorted(mut self) -> Sorted<T> {
        self.close();
        Sorted::new(self.batches, self.index)
    }
}

pub(crate) fn reader<'a>(bytes: &'a [u8], texts: &'a [u8], at: u32) -> Reader<'a> {
    Reader { bytes, texts, at: place(at) }
}

fn place(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
