//! The events in the read model's SQLite: for lists, for one identity, and as the third side of a comparison.
//!
//! An event that was delivered more than once is there once for each file that has it, and one of them is shown: one
//! from a file that was not altered, if there is one. Thrown away with the read model; the table has all of it.

mod add;
mod deeds;
mod identity;
mod issuances;
mod levers;
mod list;
mod names;
mod strip;

use std::str::FromStr;

use domain::trail::{Coverage, Event, EventId, Proof};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};

pub(crate) use add::{EventFile, add, is_deed, mark_bad, without_path};
pub(crate) use deeds::{DeedCursor, Deeds, all_deeds, caller_of, deeds_of};
pub(crate) use identity::{Seen, identity};
pub(crate) use issuances::{
    IssuedOne, issued_by, issued_by_authority, issued_page, issuers, issuers_total, judge, judged, rank,
};
pub(crate) use levers::{iam_is_seen, is_by, issuing, levers};
pub use list::EventPlace;
pub(crate) use list::{list, piece};
pub(crate) use names::WORDS;

use crate::records::database::{Database, DatabaseError};
use crate::records::rows::{foreign, needed};

/// `deed`: what an intact event can say of a certificate; 1 IssueCertificate, 2 IssueCertificateDetails,
/// 3 RevokeCertificate, all successful. `outcome`: 0 succeeded, 1 failed, 2 denied. `quiet`: only read, and was not denied. `who`: the principal of a user or
/// service, and that of a role without its path, which some records do not have. The bodies have a table of their own to
/// keep the rows of the other one short.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS trail_file (number INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL,
    seq INTEGER NOT NULL, bucket TEXT NOT NULL, key TEXT NOT NULL, sha256 TEXT NOT NULL,
    delivered_at INTEGER NOT NULL, read_at INTEGER NOT NULL, bad TEXT, UNIQUE (account, region, seq));
CREATE TABLE IF NOT EXISTS trail_name (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trail_authority (number INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS trail_identity (number INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, who TEXT NOT NULL,
    principal TEXT NOT NULL, pathless INTEGER NOT NULL, session TEXT, access_key TEXT);
CREATE TABLE IF NOT EXISTS trail_event (number INTEGER PRIMARY KEY, id TEXT NOT NULL, file INTEGER NOT NULL,
    time INTEGER NOT NULL, name TEXT NOT NULL, identity INTEGER NOT NULL, address TEXT, outcome INTEGER NOT NULL,
    authority INTEGER, serial BLOB, deed INTEGER, template TEXT, altered INTEGER NOT NULL, shown INTEGER NOT NULL,
    quiet INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS trail_body (number INTEGER PRIMARY KEY, event TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS trail_file_key ON trail_file (key);
CREATE INDEX IF NOT EXISTS trail_identity_who ON trail_identity (who);
CREATE INDEX IF NOT EXISTS trail_identity_access_key ON trail_identity (access_key);
CREATE INDEX IF NOT EXISTS trail_event_id ON trail_event (id);
CREATE INDEX IF NOT EXISTS trail_event_file ON trail_event (file);
CREATE INDEX IF NOT EXISTS trail_event_deed ON trail_event (authority, serial, deed, time)
    WHERE shown = 1 AND altered = 0 AND deed IS NOT NULL;";

/// What the lists of events go by; a comparison does without.
const LISTS: &str = "
CREATE INDEX IF NOT EXISTS trail_event_time ON trail_event (time) WHERE shown = 1;
CREATE INDEX IF NOT EXISTS trail_event_told ON trail_event (time) WHERE shown = 1 AND quiet = 0;
CREATE INDEX IF NOT EXISTS trail_event_name ON trail_event (name, time) WHERE shown = 1;
CREATE INDEX IF NOT EXISTS trail_event_identity ON trail_event (identity, time) WHERE shown = 1;
CREATE INDEX IF NOT EXISTS trail_event_address ON trail_event (address, time) WHERE shown = 1;
CREATE INDEX IF NOT EXISTS trail_event_authority ON trail_event (authority, time) WHERE shown = 1;
CREATE INDEX IF NOT EXISTS trail_event_outcome ON trail_event (outcome, time) WHERE shown = 1 AND outcome > 0;";

/// What counts as evidence, in the words of the index of deeds.
pub(super) const EVIDENCE: &str = "shown = 1 AND altered = 0 AND deed IS NOT NULL";

/// Makes the tables, unless they are there.
pub(crate) fn create(database: &Database) -> Result<(), DatabaseError> {
    create_to_compare(database)?;
    database.write(|connection| {
        connection.execute_batch(LISTS)?;
        connection.execute_batch(issuances::TABLE)?;
        connection.execute_batch(&names::table())
    })
}

/// Makes what a comparison needs of them, and no list.
pub(crate) fn create_to_compare(database: &Database) -> Result<(), DatabaseError> {
    database.write(|connection| connection.execute_batch(TABLES))
}

/// An event with the file that it is shown from.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub event: Event,
    pub file: EventFile,
    /// Its place among those of the same time.
    number: i64,
}

impl Shown {
    /// How far the file can be trusted, by `coverage` of its trail. A file that is not bad itself is proven by the digests
    /// that cover its delivery; beside a bad one, nothing is said about it.
    pub fn proof(&self, coverage: &Coverage) -> Proof {
        let by_digests = || match coverage.at(self.file.delivered_at) {
            Some(Proof::Proven) => Proof::Proven,
            _ => Proof::Unproven,
        };
        self.file.bad.unwrap_or_else(by_digests)
    }
}

/// The columns from which [`shown`] reads, of `trail_event e`, `trail_body b` and `trail_file f`.
const SHOWN: &str = "SELECT b.event, f.account, f.region, f.seq, f.bucket, f.key, f.sha256, f.delivered_at, \
     f.read_at, f.bad, e.number FROM trail_event e JOIN trail_body b ON b.number = e.number \
     JOIN trail_file f ON f.number = e.file";

fn shown(row: &Row<'_>) -> Result<Shown, rusqlite::Error> {
    let bad: Option<String> = row.get(9)?;
    let file = EventFile {
        account: row.get(1)?,
        region: row.get(2)?,
        seq: row.get(3)?,
        bucket: row.get(4)?,
        key: row.get(5)?,
        sha256: row.get(6)?,
        delivered_at: needed(row, 7)?,
        read_at: needed(row, 8)?,
        bad: bad.and_then(|bad| Proof::ALL.iter().copied().find(|proof| proof.name() == bad)),
    };
    Ok(Shown { event: json(row, 0)?, file, number: row.get(10)? })
}

/// The event with this id.
pub(crate) fn event(connection: &Connection, id: &EventId) -> Result<Option<Shown>, rusqlite::Error> {
    let select = format!("{SHOWN} WHERE e.id = ? AND e.shown = 1");
    connection.prepare_cached(&select)?.query_row([id.as_str()], shown).optional()
}

/// A text that is parsed as the program wrote it.
fn parsed<T>(row: &Row<'_>, column: usize) -> Result<T, rusqlite::Error>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    row.get_ref(column)?.as_str()?.parse().map_err(|error| foreign(column, Type::Text, error))
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, rusqlite::Error> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|error| foreign(column, Type::Text, error))
}

#[cfg(test)]
pub(crate) mod tests;
