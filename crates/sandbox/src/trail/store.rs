//! The outbox in SQLite: records that are in no file yet, files that are in no digest, objects that S3 does not have,
//! and the end of the chain. What is delivered is forgotten.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use time::OffsetDateTime;

use super::digest::{Previous, Signed};
use super::file::{Entry, LogFile};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS record (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,            -- milliseconds since 1970
  content TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS record_at ON record (at);
CREATE TABLE IF NOT EXISTS file (
  id INTEGER PRIMARY KEY,
  entry TEXT NOT NULL             -- its element of a digest
);
CREATE TABLE IF NOT EXISTS object (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  signature TEXT,                 -- of digests
  body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS chain (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  ended_at INTEGER NOT NULL,      -- seconds since 1970
  key TEXT NOT NULL,
  hash TEXT NOT NULL,
  signature TEXT NOT NULL
);";

/// A record that waits.
pub(super) struct Waiting {
    pub(super) id: i64,
    pub(super) at: OffsetDateTime,
    pub(super) content: Value,
}

/// An object on its way to S3.
pub(super) struct Object {
    pub(super) id: i64,
    pub(super) key: String,
    /// Of a digest.
    pub(super) signature: Option<String>,
    /// Compressed.
    pub(super) body: Vec<u8>,
}

/// How far the digests go.
pub(super) struct Chain {
    pub(super) ended_at: OffsetDateTime,
    pub(super) last: Previous,
}

/// What is written together: all of it, or nothing.
#[derive(Default)]
pub(super) struct Batch<'a> {
    /// Records that are in a file now, or never will be.
    pub(super) done: Vec<i64>,
    /// Files, and whether S3 is to get them.
    pub(super) files: Vec<&'a LogFile>,
    pub(super) digests: Vec<&'a Signed>,
    /// Every file so far is in one of the digests.
    pub(super) digested: bool,
}

pub(super) struct Store(Mutex<Connection>);

impl Store {
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let db = Connection::open(path)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "NORMAL")?;
        db.execute_batch(SCHEMA)?;
        Ok(Self(Mutex::new(db)))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a record until it is delivered.
    pub(super) fn keep(&self, at: OffsetDateTime, record: &Value) -> rusqlite::Result<()> {
        let db = self.lock();
        let mut insert = db.prepare_cached("INSERT INTO record (at, content) VALUES (?, ?)")?;
        insert.execute(params![millis(at), record.to_string()])?;
        Ok(())
    }

    /// The records of the time before `until`, oldest first.
    pub(super) fn waiting(&self, until: OffsetDateTime) -> anyhow::Result<Vec<Waiting>> {
        let db = self.lock();
        let mut select =
            db.prepare_cached("SELECT id, at, content FROM record WHERE at < ? ORDER BY at, id")?;
        let mut rows = select.query([millis(until)])?;
        let mut waiting = Vec::new();
        while let Some(row) = rows.next()? {
            let at =
                OffsetDateTime::from_unix_timestamp_nanos(i128::from(row.get::<_, i64>(1)?) * 1_000_000)?;
            let content = serde_json::from_str(&row.get::<_, String>(2)?)?;
            waiting.push(Waiting { id: row.get(0)?, at, content });
        }
        Ok(waiting)
    }

    /// The files that no digest has, in the order of their delivery.
    pub(super) fn undigested(&self) -> anyhow::Result<Vec<Entry>> {
        let db = self.lock();
        let mut select = db.prepare_cached("SELECT entry FROM file ORDER BY id")?;
        let entries = select.query_map([], |row| row.get::<_, String>(0))?;
        entries.map(|entry| Ok(serde_json::from_str(&entry?)?)).collect()
    }

    /// The last digest, if there is one.
    pub(super) fn chain(&self) -> anyhow::Result<Option<Chain>> {
        let db = self.lock();
        let read = |row: &rusqlite::Row<'_>| {
            let last = Previous { key: row.get(1)?, hash: row.get(2)?, signature: row.get(3)? };
            Ok((row.get::<_, i64>(0)?, last))
        };
        let found = db.query_row("SELECT ended_at, key, hash, signature FROM chain", [], read).optional()?;
        found
            .map(|(seconds, last)| {
                Ok(Chain { ended_at: OffsetDateTime::from_unix_timestamp(seconds)?, last })
            })
            .transpose()
    }

    /// Writes the batch.
    pub(super) fn write(&self, batch: &Batch<'_>) -> anyhow::Result<()> {
        let mut db = self.lock();
        let change = db.transaction()?;
        for id in &batch.done {
            change.prepare_cached("DELETE FROM record WHERE id = ?")?.execute([id])?;
        }
        let put = "INSERT INTO object (key, signature, body) VALUES (?, ?, ?)";
        for file in &batch.files {
            if let Some(body) = &file.body {
                change.prepare_cached(put)?.execute(params![file.entry.key, None::<&str>, body])?;
            }
            let entry = serde_json::to_string(&file.entry)?;
            change.prepare_cached("INSERT INTO file (entry) VALUES (?)")?.execute([entry])?;
        }
        for digest in &batch.digests {
            let Previous { key, hash, signature } = &digest.this;
            change.prepare_cached(put)?.execute(params![key, signature, digest.body])?;
            change
                .prepare_cached(
                    "INSERT OR REPLACE INTO chain (id, ended_at, key, hash, signature) VALUES (1, ?, ?, ?, ?)",
                )?
                .execute(params![digest.ended_at.unix_timestamp(), key, hash, signature])?;
        }
        if batch.digested {
            change.execute("DELETE FROM file", [])?;
        }
        Ok(change.commit()?)
    }

    /// The objects that S3 does not have yet, oldest first.
    pub(super) fn undelivered(&self) -> rusqlite::Result<Vec<Object>> {
        let db = self.lock();
        let mut select = db.prepare_cached("SELECT id, key, signature, body FROM object ORDER BY id")?;
        let object = |row: &rusqlite::Row<'_>| {
            Ok(Object { id: row.get(0)?, key: row.get(1)?, signature: row.get(2)?, body: row.get(3)? })
        };
        select.query_map([], object)?.collect()
    }

    /// S3 has these.
    pub(super) fn delivered(&self, ids: &[i64]) -> rusqlite::Result<()> {
        let mut db = self.lock();
        let change = db.transaction()?;
        for id in ids {
            change.prepare_cached("DELETE FROM object WHERE id = ?")?.execute([id])?;
        }
        change.commit()
    }
}

fn millis(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}
