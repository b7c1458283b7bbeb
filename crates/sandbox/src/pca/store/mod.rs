//! The state in SQLite: what was created, issued, revoked and reported, and by whom.
//!
//! It knows rows and nothing of the API or of X.509. What is pending (an issuance, a report, a CRL) is derived
//! from stored times, so that a restart loses nothing.

mod authorities;
mod certificates;
mod idempotency;
mod reports;
mod revocations;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OpenFlags};

pub use authorities::{Authority, AuthorityId, CrlState, Installed};
pub use certificates::{Certificate, Found, Loaded, ReportedCertificate, Serial};
pub use idempotency::Scope;
pub use reports::{Report, ReportFormat, ReportStatus};
pub use revocations::{Revocation, RevokedEntry};

/// One connection that writes, behind a lock; readers of many rows open their own.
pub struct Store {
    path: PathBuf,
    writer: Mutex<Connection>,
}

impl Store {
    /// Opens `pca.sqlite` in the directory, making both if needed.
    pub fn open(directory: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let path = directory.join("pca.sqlite");
        let writer = Connection::open(&path)?;
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "synchronous", "NORMAL")?;
        writer.pragma_update(None, "foreign_keys", true)?;
        // KiB: the index of serial numbers is random, and grows past the default of two megabytes.
        writer.pragma_update(None, "cache_size", -65_536)?;
        writer.execute_batch(include_str!("schema.sql"))?;
        writer.set_prepared_statement_cache_capacity(64);
        Ok(Self { path, writer: Mutex::new(writer) })
    }

    /// The connection; what is changed through one guard of a transaction is written together.
    pub fn lock(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection of its own for reading many rows: it sees one state while a statement runs, and holds
    /// nobody up.
    pub fn reader(&self) -> rusqlite::Result<Connection> {
        Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }
}
