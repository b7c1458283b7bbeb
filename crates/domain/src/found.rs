//! What a run found, kept so that runs can be compared: each finding by its kind and serial number, in order, in chunks of bytes.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::finding_kind::FindingKind;
use crate::ids::RunId;
use crate::serial::Serial;

/// The most bytes of a chunk, so that it fits into an item of DynamoDB.
const CHUNK: usize = 300_000;

/// A finding of one authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Found {
    /// What disagrees.
    pub kind: FindingKind,
    /// The serial number of its certificate.
    pub serial: Serial,
}

/// Where what a run found is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundList {
    /// How many findings there are in all chunks.
    pub count: u64,
    /// The SHA-256 of each chunk, in hexadecimal.
    pub chunks: Vec<String>,
}

/// What two runs found, held against each other.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Difference {
    /// The later run found it, the earlier one did not.
    New,
    /// The earlier run found it, the later one did not.
    Gone,
    /// Both found it.
    Still,
}

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differences {
    /// Found by the later run alone.
    pub new: u64,
    /// Found by the earlier run alone.
    pub gone: u64,
    /// Found by both.
    pub still: u64,
}

/// A run held against the run before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// The earlier of the two: the finished run before.
    pub with: RunId,
    /// How many findings are new, gone, and still there.
    pub counts: Differences,
}

/// Bytes are not what a run found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what a run found is damaged, or was kept by a newer version")]
pub struct FoundError;

impl Ord for Found {
    /// By the kind's name, which no version changes.
    fn cmp(&self, other: &Self) -> Ordering {
        let kinds = self.kind.name().cmp(other.kind.name());
        kinds.then_with(|| self.serial.as_bytes().cmp(other.serial.as_bytes()))
    }
}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Difference {
    /// Every difference, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in URLs and files.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Gone => "Gone",
            Self::Still => "Still there",
        }
    }

    /// Of the next one of either run, each in order: what it is, and which. `None`: there is none.
    pub fn of(earlier: Option<Found>, later: Option<Found>) -> Option<(Self, Found)> {
        Some(match (earlier, later) {
            (None, None) => return None,
            (Some(gone), None) => (Self::Gone, gone),
            (None, Some(new)) => (Self::New, new),
            (Some(earlier), Some(later)) => match earlier.cmp(&later) {
                Ordering::Less => (Self::Gone, earlier),
                Ordering::Equal => (Self::Still, later),
                Ordering::Greater => (Self::New, later),
            },
        })
    }
}

impl Differences {
    /// Counts one more.
    pub fn add(&mut self, difference: Difference) {
        match difference {
            Difference::New => self.new += 1,
            Difference::Gone => self.gone += 1,
            Difference::Still => self.still += 1,
        }
    }

    /// How many there are of one of them.
    pub fn of(&self, difference: Difference) -> u64 {
        match difference {
            Difference::New => self.new,
            Difference::Gone => self.gone,
            Difference::Still => self.still,
        }
    }
}

/// The chunks of what a run found; each once, in whatever order it is given.
pub fn chunks(mut found: Vec<Found>) -> Vec<Vec<u8>> {
    found.sort_unstable();
    found.dedup();
    let mut chunks: Vec<Vec<u8>> = Vec::new();
    let mut last = None;
    for Found { kind, serial } in found {
        let (name, bytes) = (kind.name().as_bytes(), serial.as_bytes());
        let is_full = chunks.last().is_none_or(|chunk| chunk.len() + name.len() + bytes.len() + 3 > CHUNK);
        if is_full {
            chunks.push(Vec::new());
        }
        let Some(chunk) = chunks.last_mut() else { continue };
        if is_full || last != Some(kind) {
            // No serial number has no bytes: a kind's name follows.
            chunk.extend([0, length(name)]);
            chunk.extend(name);
        }
        chunk.push(length(bytes));
        chunk.extend(bytes);
        last = Some(kind);
    }
    chunks
}

/// Of names and serial numbers, which have some dozens of bytes at most.
fn length(bytes: &[u8]) -> u8 {
    u8::try_from(bytes.len()).unwrap_or(u8::MAX)
}

/// What a chunk holds.
///
/// # Errors
/// It is damaged, not in order, or names a kind that this version does not know.
pub fn read(mut chunk: &[u8]) -> Result<Vec<Found>, FoundError> {
    let mut take = |count: usize| {
        let (taken, rest) = chunk.split_at_checked(count)?;
        chunk = rest;
        Some(taken)
    };
    let (mut found, mut kind) = (Vec::<Found>::new(), None);
    while let Some(&[count]) = take(1) {
        if count == 0 {
            let name = take(1).and_then(|count| take(count[0].into())).ok_or(FoundError)?;
            let name = std::str::from_utf8(name).map_err(|_| FoundError)?;
            kind = Some(name.parse().map_err(|_| FoundError)?);
            continue;
        }
        let serial = Serial::from_bytes(take(count.into()).ok_or(FoundError)?).map_err(|_| FoundError)?;
        let next = Found { kind: kind.ok_or(FoundError)?, serial };
        if found.last().is_some_and(|last| *last >= next) {
            return Err(FoundError);
        }
        found.push(next);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_found() -> impl Strategy<Value = Found> {
        let serial = prop::collection::vec(any::<u8>(), 1..20);
        let serial = serial.prop_filter_map("no serial number", |bytes| Serial::from_bytes(&bytes).ok());
        (prop::sample::select(FindingKind::ALL), serial).prop_map(|(kind, serial)| Found { kind, serial })
    }

    fn merged(earlier: &[Found], later: &[Found]) -> Vec<(Difference, Found)> {
        let (mut earlier, mut later) = (earlier.iter().copied().peekable(), later.iter().copied().peekable());
        std::iter::from_fn(|| {
            let next = Difference::of(earlier.peek().copied(), later.peek().copied())?;
            earlier.next_if_eq(&next.1);
            later.next_if_eq(&next.1);
            Some(next)
        })
        .collect()
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(mut found in prop::collection::vec(any_found(), 0..300)) {
            let read: Result<Vec<_>, _> = chunks(found.clone()).iter().map(|chunk| read(chunk)).collect();
            found.sort();
            found.dedup();
            prop_assert_eq!(read.unwrap().concat(), found);
        }

        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }

        #[test]
        fn each_one_is_new_or_gone_or_still_there(
            earlier in prop::collection::btree_set(any_found(), 0..50),
            later in prop::collection::btree_set(any_found(), 0..50),
            both in prop::collection::btree_set(any_found(), 0..50),
        ) {
            let earlier: std::collections::BTreeSet<_> = earlier.union(&both).copied().collect();
            let later: std::collections::BTreeSet<_> = later.union(&both).copied().collect();
            let lists = [&earlier, &later].map(|set| set.iter().copied().collect::<Vec<_>>());
            let merged = merged(&lists[0], &lists[1]);
            prop_assert!(merged.iter().map(|(_, found)| found).is_sorted());
            prop_assert_eq!(merged.len(), earlier.union(&later).count());
            for (difference, found) in merged {
                let expected = match (earlier.contains(&found), later.contains(&found)) {
                    (true, true) => Difference::Still,
                    (true, false) => Difference::Gone,
                    (false, _) => Difference::New,
                };
                prop_assert_eq!(difference, expected);
            }
        }
    }

    #[test]
    fn many_are_in_chunks_that_fit_into_items() {
        let serial =
            |number: u32| Serial::from_bytes(&[&[7; 12][..], &number.to_be_bytes()].concat()).unwrap();
        let all = |number| Found { kind: FindingKind::ALL[(number % 7) as usize], serial: serial(number) };
        let chunks = chunks((0..100_000).map(all).collect());
        assert_eq!(chunks.len(), 6, "1.7 MB");
        assert!(chunks.iter().all(|chunk| chunk.len() <= CHUNK));
        assert_eq!(chunks.iter().map(|chunk| read(chunk).unwrap().len()).sum::<usize>(), 100_000);
        assert!(read(&chunks[0][..chunks[0].len() - 1]).is_err(), "cut off");
    }
}
