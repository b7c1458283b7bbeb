//! All sides of every serial number, in one pass over a report, an inventory and the events of the trail.

use domain::reconcile::Sides;
use domain::{AuthorityArn, InventoryItem, ReportRow, Serial};
use packed::Sorted;
use rusqlite::Connection;

use super::database::{Database, DatabaseError};
use super::load::{InventoryTable, ReportTable};
use super::rows;
use crate::records::events::{DeedCursor, all_deeds};

/// More items than this about one serial number are left out: they say nothing that these do not.
const ITEMS: usize = 100;

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
    pub report: Option<&'a ReportTable>,
    pub inventory: Option<&'a InventoryTable>,
    /// The events of the trail, which are in the same database.
    pub trail: bool,
}

/// Calls `each` with every serial number of `authority` of which the report, the inventory or an event of its issuance
/// knows, in a fixed order.
pub(crate) fn merge<E>(
    database: &Database,
    authority: &AuthorityArn,
    sources: Sources<'_>,
    each: impl FnMut(Serial, Sides) -> Result<(), E>,
) -> Result<(), MergeError<E>> {
    match database.read(|connection| pass(connection, authority, sources, each))? {
        Ok(()) => Ok(()),
        Err(stopped) => Err(MergeError::Stopped(stopped)),
    }
}

/// [`merge`], of records in memory. `trail`: the database with the events, if there is a trail.
pub(crate) fn merge_packed<E>(
    trail: Option<&Database>,
    authority: &AuthorityArn,
    report: &Sorted<ReportRow>,
    inventory: &Sorted<InventoryItem>,
    each: impl FnMut(Serial, Sides) -> Result<(), E>,
) -> Result<(), MergeError<E>> {
    let (report, items) = (report.of(authority).map(Ok), inventory.of(authority).map(Ok));
    let result = match trail {
        Some(database) => {
            database.read(|connection| step(Some(connection), authority, report, items, each))?
        }
        None => step(None, authority, report, items, each).map_err(DatabaseError::from)?,
    };
    result.map_err(MergeError::Stopped)
}

fn pass<E>(
    connection: &Connection,
    authority: &AuthorityArn,
    sources: Sources<'_>,
    each: impl FnMut(Serial, Sides) -> Result<(), E>,
) -> Result<Result<(), E>, rusqlite::Error> {
    // Without a table there is nothing to select from, and nothing to be found.
    const NOTHING: &str = "SELECT 0 WHERE ?1 IS NULL AND FALSE";
    let Sources { report, inventory, trail } = sources;
    let report = report.map(|report| format!("SELECT *, ?1 FROM {} ORDER BY serial", report.table.name()));
    let number = inventory.and_then(|inventory| inventory.authorities.get(authority));
    let items = inventory.zip(number).map(|(inventory, _)| {
        format!("SELECT * FROM {} WHERE authority = ?1 ORDER BY serial", inventory.table.name())
    });
    let mut report = connection.prepare(report.as_deref().unwrap_or(NOTHING))?;
    let mut items = connection.prepare(items.as_deref().unwrap_or(NOTHING))?;
    let report = report.query_map([number], |row| rows::report(row, authority))?;
    let items = items.query_map([number], |row| rows::item(row, authority))?;
    step(trail.then_some(connection), authority, report, items, each)
}

/// Goes through rows and items in step, which are in the order of the database: octets without leading
/// zeros. `trail`: where the events are, if there is a trail.
fn step<E>(
    trail: Option<&Connection>,
    authority: &AuthorityArn,
    report: impl Iterator<Item = Result<ReportRow, rusqlite::Error>>,
    items: impl Iterator<Item = Result<InventoryItem, rusqlite::Error>>,
    mut each: impl FnMut(Serial, Sides) -> Result<(), E>,
) -> Result<Result<(), E>, rusqlite::Error> {
    let mut deeds = trail.map(|connection| connection.prepare(&all_deeds())).transpose()?;
    let (mut report, mut items) = (Cursor::new(report)?, Cursor::new(items)?);
    let deeds = deeds.as_mut().map(|deeds| deeds.query([authority.as_str()])).transpose()?;
    let mut deeds = deeds.map(DeedCursor::new).transpose()?;
    loop {
        let row = report.ahead.as_ref().map(|row| row.serial);
        let item = items.ahead.as_ref().map(|item| item.serial);
        let deed = deeds.as_ref().and_then(DeedCursor::next);
        let ahead = [row, item, deed].into_iter().flatten();
        let Some(next) = ahead.min_by(|a, b| a.as_bytes().cmp(b.as_bytes())) else { return Ok(Ok(())) };
        let mut sides = Sides::default();
        if row == Some(next) {
            sides.report = report.take()?;
        }
        while items.ahead.as_ref().is_some_and(|item| item.serial == next) {
            let item = items.take()?;
            // One that was given twice, in two files, is one: a table has no two of one key.
            if sides.inventory.len() < ITEMS {
                sides.inventory.extend(item.filter(|item| !sides.inventory.contains(item)));
            }
        }
        if let Some(deeds) = &mut deeds {
            let deeds = deeds.take(next)?;
            (sides.issuance, sides.revocation) = (deeds.issuance, deeds.revocation);
        }
        let is_known = sides.report.is_some() || !sides.inventory.is_empty() || sides.issuance.is_some();
        if !is_known {
            continue;
        }
        if let Err(stopped) = each(next, sides) {
            return Ok(Err(stopped));
        }
    }
}

/// Records with the next one at hand.
struct Cursor<I, T> {
    records: I,
    ahead: Option<T>,
}

impl<T, I: Iterator<Item = Result<T, rusqlite::Error>>> Cursor<I, T> {
    fn new(records: I) -> Result<Self, rusqlite::Error> {
        let mut cursor = Self { records, ahead: None };
        cursor.take()?;
        Ok(cursor)
    }

    fn take(&mut self) -> Result<Option<T>, rusqlite::Error> {
        let next = self.records.next().transpose()?;
        Ok(std::mem::replace(&mut self.ahead, next))
    }
}
