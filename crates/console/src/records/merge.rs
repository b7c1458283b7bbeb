//! All sides of every serial number, in one pass over a report, an inventory and the events of the trail, on all cores.

use std::sync::mpsc::SendError;

use domain::reconcile::{Context, Plain, Sides};
use domain::{AuthorityArn, InventoryItem, ReportRow, Serial};
use packed::{Range, Sorted};
use rusqlite::Connection;

use super::database::{Database, DatabaseError};
use super::in_order::{Out, in_order};
use crate::records::events::{DeedCursor, all_deeds};

/// More items than this about one serial number are left out: they say nothing that these do not.
const ITEMS: usize = 100;
/// About so many records of each side are gone through by one thread at a time.
const PART: usize = if cfg!(test) { 7 } else { 8192 };
/// What came of so many serial numbers is handed over together.
const BATCH: usize = 128;

/// Why a pass ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MergeError<E> {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// What `each` answered.
    #[error("{0}")]
    Stopped(E),
}

impl<E: Into<DatabaseError>> MergeError<E> {
    /// For callers whose own errors are the database's.
    pub fn into_inner(self) -> DatabaseError {
        match self {
            Self::Database(error) => error,
            Self::Stopped(error) => error.into(),
        }
    }
}

/// What is gone through.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub authority: &'a AuthorityArn,
    pub report: &'a Sorted<ReportRow>,
    pub inventory: &'a Sorted<InventoryItem>,
    /// The database with the events, if there is a trail.
    pub trail: Option<&'a Database>,
}

/// What is handed over: what came of some serial numbers, or why no more does.
type Batch<T> = Result<Vec<T>, DatabaseError>;

/// Calls `weigh`, on any thread, with every serial number of the authority of which the report, the inventory or an event of
/// its issuance knows. `each` is given what comes of that, in the order of the serial numbers: octets without leading zeros.
/// `plain`: whoever weighs by this context has nothing to say of what agrees plainly, and is not asked.
pub(crate) fn merge<T: Send, E>(
    sources: Sources<'_>,
    plain: Option<&Context>,
    weigh: impl Fn(Serial, Sides) -> Option<T> + Sync,
    mut each: impl FnMut(T) -> Result<(), E>,
) -> Result<(), MergeError<E>> {
    let work = |range: Range, out: &Out<Batch<T>>| {
        let mut part = Part { out, batch: Vec::new(), weigh: &weigh };
        let plain = plain.map(Plain::new);
        let gone_through = match sources.trail {
            Some(database) => {
                database.read(|connection| step(Some(connection), sources, plain, &range, &mut part))
            }
            None => step(None, sources, plain, &range, &mut part).map_err(DatabaseError::from),
        };
        match gone_through {
            Ok(handed) => handed.and_then(|()| part.hand_over()),
            Err(error) => out.send(Err(error)),
        }
    };
    in_order(Range::split(sources.report, sources.inventory, PART), work, |batch| {
        batch?.into_iter().try_for_each(&mut each).map_err(MergeError::Stopped)
    })
}

/// What comes of one part.
struct Part<'a, T, W> {
    out: &'a Out<Batch<T>>,
    batch: Vec<T>,
    weigh: W,
}

impl<T, W: Fn(Serial, Sides) -> Option<T>> Part<'_, T, W> {
    fn add(&mut self, serial: Serial, sides: Sides) -> Result<(), SendError<Batch<T>>> {
        self.batch.extend((self.weigh)(serial, sides));
        if self.batch.len() < BATCH { Ok(()) } else { self.hand_over() }
    }

    fn hand_over(&mut self) -> Result<(), SendError<Batch<T>>> {
        match self.batch.is_empty() {
            true => Ok(()),
            false => self.out.send(Ok(std::mem::take(&mut self.batch))),
        }
    }
}

/// Goes through the records and events within `range` in step. `trail`: where the events are, if there is a trail.
fn step<'a, T, W: Fn(Serial, Sides) -> Option<T>>(
    trail: Option<&Connection>,
    sources: Sources<'a>,
    mut plain: Option<Plain<'a>>,
    range: &Range,
    part: &mut Part<'_, T, W>,
) -> Result<Result<(), SendError<Batch<T>>>, rusqlite::Error> {
    let mut deeds = trail.map(|connection| connection.prepare_cached(&all_deeds())).transpose()?;
    let deeds = deeds.as_mut().map(|deeds| DeedCursor::new(deeds, sources.authority, range)).transpose();
    let mut deeds = deeds?;
    let mut report = sources.report.of(sources.authority, range).peekable();
    let mut items = sources.inventory.of(sources.authority, range).peekable();
    loop {
        let row = report.peek().map(|row| row.serial);
        let item = items.peek().map(|item| item.serial);
        let deed = deeds.as_ref().and_then(DeedCursor::next);
        let ahead = [row, item, deed].into_iter().flatten();
        let Some(next) = ahead.min_by(|a, b| a.as_bytes().cmp(b.as_bytes())) else { return Ok(Ok(())) };
        let row = report.next_if(|row| row.serial == next);
        let item = items.next_if(|item| item.serial == next);
        let is_alone = items.peek().is_none_or(|other| other.serial != next);
        if let (Some(plain), Some(row), Some(item), true) = (&mut plain, &row, &item, is_alone)
            && row.plain().is_some_and(|row| plain.agree(next, &row, &item.plain()))
        {
            continue;
        }
        let mut sides = Sides { report: row.and_then(|row| row.unpack()), ..Sides::default() };
        sides.inventory.extend(item.and_then(|item| item.unpack()));
        while let Some(item) = items.next_if(|item| item.serial == next) {
            // One that was given twice, in two files, is one: a table has no two of one key.
            if sides.inventory.len() < ITEMS {
                sides.inventory.extend(item.unpack().filter(|item| !sides.inventory.contains(item)));
            }
        }
        if let Some(deeds) = &mut deeds {
            let deeds = deeds.take(next)?;
            (sides.issuance, sides.revocation) = (deeds.issuance, deeds.revocation);
        }
        let is_known = sides.report.is_some() || !sides.inventory.is_empty() || sides.issuance.is_some();
        if is_known && let Err(gone) = part.add(next, sides) {
            return Ok(Err(gone));
        }
    }
}
