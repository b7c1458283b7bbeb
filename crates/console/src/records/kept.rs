//! What a restart takes over from the file of an earlier one: the inventory and the reports as they were read, as long as the stream of the
//! inventory still tells all that was written since. The note that says so is written with what it is about: a file that was left by a kill
//! fits, or is thrown away.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::{AuthorityArn, Serial, Timestamp};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use super::database::{Database, DatabaseError};
use super::followed::Following;
use super::load::{InventoryTable, ReportTable};
use super::snapshot::Snapshot;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL)";
/// A stream tells what was written in the last 24 hours; what is older may be gone at any moment.
const TOLD: Duration = Duration::from_secs(23 * 3600);

/// An inventory and reports that were read by an earlier start.
pub(super) struct Kept {
    /// Who read them, and from what: see [`Following`].
    source: String,
    /// Until when the inventory is known.
    pub until: Timestamp,
    pub inventory: Arc<InventoryTable>,
    pub reports: Vec<Arc<ReportTable>>,
}

impl Kept {
    /// Whether it goes on from there.
    pub fn fits(&self, source: &str, now: Timestamp) -> bool {
        self.source == source && self.until <= now && now < self.until.plus(TOLD)
    }
}

#[derive(Serialize, Deserialize)]
struct Note {
    source: String,
    /// So many names were given to tables.
    tables: u64,
    inventory: String,
    authorities: BTreeMap<AuthorityArn, i64>,
    either: bool,
    as_of: Timestamp,
    unreadable: HashSet<(AuthorityArn, Serial)>,
    mostly_unreadable: bool,
    reports: Vec<NotedReport>,
}

#[derive(Serialize, Deserialize)]
struct NotedReport {
    table: String,
    authority: AuthorityArn,
    created_at: Timestamp,
    unreadable: HashSet<Serial>,
}

/// The file at `path` with what is kept in it, or a new one.
pub(super) fn open(path: Option<&Path>) -> Result<(Database, Option<Kept>), DatabaseError> {
    if let Some(path) = path.filter(|path| path.exists()) {
        match reopen(path) {
            Ok(Some((database, kept))) => return Ok((database, Some(kept))),
            Ok(None) => (),
            Err(why) => tracing::info!("the records of the last start are read anew: {why}"),
        }
    }
    let database = Database::create(path)?;
    database.write(|connection| connection.execute_batch(TABLE))?;
    Ok((database, None))
}

fn reopen(path: &Path) -> Result<Option<(Database, Kept)>, DatabaseError> {
    let mut database = Database::open(path)?;
    let read = database.write(|connection| {
        connection.execute_batch(TABLE)?;
        Ok(value(connection, "note")?.zip(value(connection, "until")?))
    })?;
    let parsed =
        |(note, until): (String, String)| Some((serde_json::from_str(&note).ok()?, until.parse().ok()?));
    let Some((note, until)) = read.and_then(parsed) else { return Ok(None) };
    let note: Note = note;
    let until = Timestamp::from_unix(until).unwrap_or(Timestamp::EPOCH);
    let tables: Vec<&String> =
        note.reports.iter().map(|report| &report.table).chain([&note.inventory]).collect();
    database.write(|connection| {
        for table in &tables {
            let check = format!("PRAGMA quick_check('{table}')");
            let said: String = connection.query_row(&check, [], |row| row.get(0))?;
            if said != "ok" {
                return Err(rusqlite::Error::InvalidQuery);
            }
        }
        sweep(connection, &tables)
    })?;
    database.given(note.tables);
    let table = |name: String| database.existing(name);
    let inventory = InventoryTable {
        table: table(note.inventory),
        authorities: note.authorities,
        either: note.either,
        as_of: note.as_of,
        unreadable: note.unreadable,
        mostly_unreadable: note.mostly_unreadable,
    };
    let report = |noted: NotedReport| {
        let NotedReport { table: name, authority, created_at, unreadable } = noted;
        Arc::new(ReportTable { table: table(name), authority, created_at, unreadable })
    };
    let reports = note.reports.into_iter().map(report).collect();
    let kept = Kept { source: note.source, until, inventory: Arc::new(inventory), reports };
    Ok(Some((database, kept)))
}

fn value(connection: &Connection, name: &str) -> Result<Option<String>, rusqlite::Error> {
    let select = "SELECT value FROM kept WHERE name = ?";
    connection.query_row(select, [name], |row| row.get(0)).optional()
}

/// Drops all tables but these.
fn sweep(connection: &Connection, kept: &[&String]) -> Result<(), rusqlite::Error> {
    // What others consist of goes with them.
    let all = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'kept' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
               ORDER BY sql LIKE 'CREATE VIRTUAL%' DESC";
    let names =
        connection.prepare(all)?.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    for name in names.iter().filter(|name| !kept.contains(name)) {
        connection.execute_batch(&format!("DROP TABLE IF EXISTS \"{name}\""))?;
    }
    Ok(())
}

/// Notes what is shown, if that and what is followed is all that was written; else nothing is kept.
pub(super) fn note(
    database: &Database,
    current: &Snapshot,
    following: Option<&Following>,
) -> Result<(), DatabaseError> {
    let known = following.zip(current.inventory.as_ref());
    let known = known.and_then(|(following, table)| Some((following, table, following.knows(table.as_of)?)));
    let note = known.map(|(following, inventory, until)| {
        let report = |report: &Arc<ReportTable>| NotedReport {
            table: report.table.name().to_owned(),
            authority: report.authority.clone(),
            created_at: report.created_at,
            unreadable: report.unreadable.clone(),
        };
        let note = Note {
            source: following.source.clone(),
            tables: database.names(),
            inventory: inventory.table.name().to_owned(),
            authorities: inventory.authorities.clone(),
            either: inventory.either,
            as_of: inventory.as_of,
            unreadable: inventory.unreadable.clone(),
            mostly_unreadable: inventory.mostly_unreadable,
            reports: current.reports.values().map(report).collect(),
        };
        (serde_json::to_string(&note), until)
    });
    database.write(|connection| match &note {
        Some((Ok(note), until)) => {
            put(connection, "note", note)?;
            reached(connection, *until)
        }
        _ => connection.execute_batch("DELETE FROM kept"),
    })
}

/// Until then all that was written is in the inventory that is noted.
pub(super) fn reached(connection: &Connection, until: Timestamp) -> Result<(), rusqlite::Error> {
    put(connection, "until", &until.unix().to_string())
}

fn put(connection: &Connection, name: &str, value: &str) -> Result<(), rusqlite::Error> {
    connection.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (name, value)).map(drop)
}
