//! The alternative names that certificates were issued with, found whole or by any part of them.

use domain::Serial;
use rusqlite::{Connection, Row};

use crate::records::words;

/// The index of their parts: its rows are those of the names. Of a name that is gone it keeps the runs, which leads to one more
/// candidate and to no certificate.
pub(crate) const WORDS: &str = "trail_san_words";

pub(super) fn table() -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS trail_san (number INTEGER PRIMARY KEY AUTOINCREMENT, authority INTEGER NOT NULL, \
         serial BLOB NOT NULL, name TEXT NOT NULL COLLATE NOCASE); \
         CREATE INDEX IF NOT EXISTS trail_san_serial ON trail_san (authority, serial); \
         CREATE INDEX IF NOT EXISTS trail_san_name ON trail_san (name); {}",
        words::create(WORDS)
    )
}

/// Keeps these names of a certificate, and no others.
pub(super) fn keep(
    connection: &Connection,
    authority: i64,
    serial: Serial,
    names: &[String],
) -> Result<(), rusqlite::Error> {
    let of = "authority = ? AND serial = ?";
    let mut known =
        connection.prepare_cached(&format!("SELECT name FROM trail_san WHERE {of} ORDER BY number"))?;
    let read = |row: &Row<'_>| row.get::<_, String>(0);
    let known: Vec<String> =
        known.query_map((authority, serial.as_bytes()), read)?.collect::<Result<_, _>>()?;
    if known == names {
        return Ok(());
    }
    let mut delete = connection.prepare_cached(&format!("DELETE FROM trail_san WHERE {of}"))?;
    delete.execute((authority, serial.as_bytes()))?;
    let mut insert =
        connection.prepare_cached("INSERT INTO trail_san (authority, serial, name) VALUES (?, ?, ?)")?;
    let mut add = words::adding(connection, WORDS)?;
    for name in names {
        insert.execute((authority, serial.as_bytes(), name))?;
        add.add(connection.last_insert_rowid(), name, [])?;
    }
    Ok(())
}
