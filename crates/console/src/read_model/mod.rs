//! The read model: what lists, searches and counts are made from. Each replica builds its own from a scan of the
//! inventory and the newest reports, and throws it away at its end (design §6). It says how fresh it is.
//!
//! Knows no AWS: whoever reads the sources loads them here. All work is done on threads that may block.

mod database;
mod lines;
mod list;
mod load;
mod look_up;
mod merge;
mod read_report;
pub(crate) mod rows;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use domain::certificate::CertificateStatus;
use domain::views::{CertificatePage, CertificateQuery};
use domain::{AuthorityArn, AuthorityId, Serial, Timestamp};

pub use database::DatabaseError;
pub(crate) use database::{Database, lock};
pub(crate) use lines::revoked_at;
pub(crate) use list::Filter;
pub(crate) use load::{InventoryLoad, InventoryTable, ReportTable};
pub(crate) use look_up::{Found, Knowledge};
pub(crate) use merge::{MergeError, Sources, merge};
pub(crate) use read_report::{ReadReport, ReadReportError, read_report};

use crate::Error;
use lines::LineTable;

/// The read model of this replica. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ReadModel {
    inner: Arc<Inner>,
}

struct Inner {
    path: Option<PathBuf>,
    database: OnceLock<Database>,
    /// Held while the database is made, and while lines are built: one at a time.
    building: Mutex<()>,
    current: Mutex<Snapshot>,
}

/// What readers see: complete tables that stay as they are while somebody holds on to them.
#[derive(Clone, Default)]
pub(crate) struct Snapshot {
    inventory: Option<Arc<InventoryTable>>,
    reports: BTreeMap<AuthorityId, Arc<ReportTable>>,
    lines: Option<Arc<LineTable>>,
    /// What kept the records from being read the last time.
    problem: Option<String>,
}

/// How many certificates there are, and of how many devices.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub certificates: BTreeMap<(AuthorityArn, CertificateStatus), u64>,
    pub devices: u64,
    pub as_of: Option<Timestamp>,
}

impl Snapshot {
    /// When the scan of the inventory began; `None`: it was never read.
    fn as_of(&self) -> Option<Timestamp> {
        self.inventory.as_ref().map(|inventory| inventory.as_of)
    }

    fn report_as_of(&self, authority: &AuthorityId) -> Option<Timestamp> {
        self.reports.get(authority).map(|report| report.created_at)
    }
}

impl ReadModel {
    /// A read model whose file will be made at `path` (over an earlier one), or in the directory for temporary files.
    pub fn new(path: Option<PathBuf>) -> Self {
        let (database, building, current) = Default::default();
        Self { inner: Arc::new(Inner { path, database, building, current }) }
    }

    /// Does `work`, which may block, on a thread that may.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let inner = self.inner.clone();
        let task = tokio::task::spawn_blocking(move || work(inner.database()?));
        task.await.map_err(Error::internal)?
    }

    /// Reads the records that are shown now, and whatever else the database has.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Snapshot, &rusqlite::Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let snapshot = self.snapshot();
        self.blocking(move |database| Ok(database.read(|connection| work(&snapshot, connection))?)).await
    }

    fn snapshot(&self) -> Snapshot {
        lock(&self.inner.current).clone()
    }

    /// Shows these records to readers from now on, unless newer ones are shown already.
    pub async fn show(
        &self,
        inventory: Option<Arc<InventoryTable>>,
        reports: Vec<Arc<ReportTable>>,
    ) -> Result<(), Error> {
        let inner = self.inner.clone();
        let task = tokio::task::spawn_blocking(move || inner.show(inventory, reports));
        task.await.map_err(Error::internal)?
    }

    /// Says why the records could not be read; `None`: they could.
    pub fn set_problem(&self, problem: Option<String>) {
        lock(&self.inner.current).problem = problem;
    }

    /// When the inventory was read that is shown now; `None`: it never was.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.snapshot().as_of()
    }

    /// When the report of the authority was made that is shown now.
    pub fn report_as_of(&self, authority: &AuthorityId) -> Option<Timestamp> {
        self.snapshot().report_as_of(authority)
    }

    pub async fn certificates(
        &self,
        query: &CertificateQuery,
        now: Timestamp,
    ) -> Result<CertificatePage, Error> {
        let query = query.clone();
        self.read(move |snapshot, connection| {
            let (as_of, problem, page) = (snapshot.as_of(), snapshot.problem.clone(), query.page);
            let (lines, total) = match &snapshot.lines {
                None => (Vec::new(), 0),
                Some(lines) => lines.page(connection, &query, now)?,
            };
            Ok(CertificatePage { lines, total, page, as_of, problem })
        })
        .await
    }

    pub async fn counts(&self, now: Timestamp) -> Result<Counts, Error> {
        self.read(move |snapshot, connection| {
            let as_of = snapshot.as_of();
            let Some(lines) = &snapshot.lines else { return Ok(Counts { as_of, ..Counts::default() }) };
            Ok(Counts { certificates: lines.counts(connection, now)?, devices: lines.devices, as_of })
        })
        .await
    }

    /// Both sides of one certificate.
    pub async fn found(&self, authority: &AuthorityArn, serial: Serial) -> Result<Found, Error> {
        let authority = authority.clone();
        self.read(move |snapshot, connection| snapshot.found(connection, &authority, serial)).await
    }

    /// What is known of these certificates and their devices, for a dry run.
    pub async fn knowledge(
        &self,
        authority: &AuthorityArn,
        serials: Vec<Serial>,
        now: Timestamp,
    ) -> Result<Knowledge, Error> {
        let authority = authority.clone();
        self.read(move |snapshot, connection| snapshot.knowledge(connection, &authority, &serials, now)).await
    }

    /// Of `serials`, those that the newest report shows as revoked, with the time it says.
    pub async fn revoked_in_report(
        &self,
        authority: &AuthorityId,
        serials: Vec<Serial>,
    ) -> Result<BTreeMap<Serial, Timestamp>, Error> {
        let authority = authority.clone();
        self.read(move |snapshot, connection| snapshot.revoked_in_report(connection, &authority, &serials))
            .await
    }
}

impl Inner {
    fn database(&self) -> Result<&Database, DatabaseError> {
        if let Some(database) = self.database.get() {
            return Ok(database);
        }
        let _turn = lock(&self.building);
        if self.database.get().is_none() {
            let database = Database::create(self.path.as_deref())?;
            return Ok(self.database.get_or_init(|| database));
        }
        self.database()
    }

    fn show(
        &self,
        inventory: Option<Arc<InventoryTable>>,
        reports: Vec<Arc<ReportTable>>,
    ) -> Result<(), Error> {
        let database = self.database()?;
        let _turn = lock(&self.building);
        let mut next = lock(&self.current).clone();
        let mut is_newer = false;
        if let Some(inventory) = inventory.filter(|new| next.as_of().is_none_or(|old| old < new.as_of)) {
            next.inventory = Some(inventory);
            is_newer = true;
        }
        for report in reports {
            let id = report.authority.id();
            if next.report_as_of(&id).is_none_or(|old| old < report.created_at) {
                next.reports.insert(id, report);
                is_newer = true;
            }
        }
        if let Some(inventory) = next.inventory.as_ref().filter(|_| is_newer) {
            for report in next.reports.values() {
                inventory.settle(database, report)?;
            }
            next.lines = Some(Arc::new(LineTable::build(database, inventory, &next.reports)?));
        }
        let mut current = lock(&self.current);
        next.problem = current.problem.take();
        *current = next;
        Ok(())
    }
}

impl From<DatabaseError> for Error {
    fn from(error: DatabaseError) -> Self {
        Self::internal(error)
    }
}

#[cfg(test)]
mod tests;
