//! The read model: what lists, searches and counts of certificates are made from.
//!
//! Knows no AWS: whoever reads the sources loads them here. All work is done on threads that may block.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use countersign_aws::inventory::ItemChange;
use domain::views::{Authority, CrlsRead, Token};
use domain::{AuthorityArn, AuthorityId, Serial, Timestamp};

use super::database::{Database, DatabaseError};
use super::followed::Following;
use super::kept::{self, Kept};
use super::lines::LineTable;
use super::load::{InventoryTable, ReportTable};
use super::snapshot::Snapshot;
use super::{alarms, events, findings, listed, requests, revoked, told};
use crate::Error;
use crate::lock::lock;

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
    /// What an earlier start has left, until it is known whether it fits.
    kept: Mutex<Option<Kept>>,
    /// `None`: the inventory has no stream that is followed.
    following: Mutex<Option<Following>>,
    /// By the names of their authorities.
    crls: Mutex<BTreeMap<String, (AuthorityId, CrlsRead)>>,
}

impl ReadModel {
    /// A read model whose file is at `path`, or in the directory for temporary files.
    pub fn new(path: Option<PathBuf>) -> Self {
        let (database, building, current, kept, following, crls) = Default::default();
        Self { inner: Arc::new(Inner { path, database, building, current, kept, following, crls }) }
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

    /// Whether somebody was told an old count of this filter, and nobody makes it anew yet.
    pub(super) fn is_wanted(&self, filter: &[Token]) -> bool {
        self.snapshot().lines.is_some_and(|lines| lines.counted.take_wanted(filter))
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

    /// Shows these certificates as revoked from now on, whatever older records say.
    pub async fn note_revoked(
        &self,
        authority: AuthorityArn,
        revoked: Vec<(Serial, Timestamp)>,
    ) -> Result<(), Error> {
        let add = move |connection: &rusqlite::Connection| revoked::add(connection, &authority, &revoked);
        self.blocking(move |database| Ok(database.write(add)?)).await?;
        self.mark_revoked().await
    }

    /// Shows what has become known as revoked.
    pub async fn mark_revoked(&self) -> Result<(), Error> {
        let inner = self.inner.clone();
        self.blocking(move |database| inner.mark_revoked(database)).await
    }

    /// Whether an earlier start has left records that go on with what `source` tells.
    pub fn has_kept(&self, source: &str, now: Timestamp) -> bool {
        lock(&self.inner.kept).as_ref().is_some_and(|kept| kept.fits(source, now))
    }

    /// From now on [`ReadModel::take_in`] is told all that is written to the inventory.
    pub fn begin_following(&self, source: String, now: Timestamp) {
        *lock(&self.inner.kept) = None;
        *lock(&self.inner.following) = Some(Following::new(source, now));
    }

    /// The same, and all that was written since the records that an earlier start has left; they are shown once that is in.
    pub fn go_on_following(&self, source: String) {
        let Some(kept) = lock(&self.inner.kept).take() else { return };
        *lock(&self.inner.following) = Some(Following::resumed(source, kept.inventory.as_of, kept.until));
        let mut current = lock(&self.inner.current);
        current.reports = kept.reports.into_iter().map(|report| (report.authority.id(), report)).collect();
        current.inventory = Some(kept.inventory);
    }

    pub async fn stop_following(&self) -> Result<(), Error> {
        let inner = self.inner.clone();
        *lock(&inner.following) = None;
        lock(&inner.current).followed = None;
        self.blocking(move |database| inner.note(database)).await
    }

    /// When the scan of the inventory began that is shown, or will be.
    pub fn scanned(&self) -> Option<Timestamp> {
        self.snapshot().scanned()
    }

    /// Whether the inventory that is shown, with what its stream told since, is all that was written.
    pub fn is_followed(&self) -> bool {
        self.snapshot().followed.is_some()
    }

    /// Takes in what the inventory's stream told until `now`.
    pub async fn take_in(&self, changes: Vec<ItemChange>, now: Timestamp) -> Result<(), Error> {
        let inner = self.inner.clone();
        self.blocking(move |database| inner.take_in(database, changes, now)).await
    }

    /// Says why the records could not be read; `None`: they could.
    pub fn set_problem(&self, problem: Option<String>) {
        lock(&self.inner.current).problem = problem;
    }

    /// Says how far the CRLs of an authority were read.
    pub fn set_crls(&self, authority: &Authority, crls: CrlsRead) {
        lock(&self.inner.crls).insert(authority.name.clone(), (authority.arn.id(), crls));
    }

    /// How far they were.
    pub fn crls_of(&self, authority: &AuthorityId) -> CrlsRead {
        let crls = lock(&self.inner.crls);
        crls.values().find(|(id, _)| id == authority).map(|(_, crls)| crls.clone()).unwrap_or_default()
    }

    /// What keeps CRLs from being read, and from counting, authority by authority.
    pub fn crl_problem(&self) -> Option<String> {
        let crls = lock(&self.inner.crls);
        let told =
            crls.iter().filter_map(|(name, (_, crls))| Some(format!("{name}: {}.", crls.problem.as_ref()?)));
        Some(told.collect::<Vec<_>>().join(" ")).filter(|told| !told.is_empty())
    }

    /// When the inventory was read that is shown now; `None`: it never was.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.snapshot().as_of()
    }

    /// When the report of the authority was made that is shown now.
    pub fn report_as_of(&self, authority: &AuthorityId) -> Option<Timestamp> {
        self.snapshot().report_as_of(authority)
    }
}

impl Inner {
    fn database(&self) -> Result<&Database, DatabaseError> {
        if let Some(database) = self.database.get() {
            return Ok(database);
        }
        let _turn = lock(&self.building);
        if self.database.get().is_none() {
            let (database, kept) = kept::open(self.path.as_deref())?;
            *lock(&self.kept) = kept;
            events::create(&database)?;
            database.write(|connection| connection.execute_batch(findings::TABLES))?;
            database.write(|connection| connection.execute_batch(alarms::TABLES))?;
            database.write(|connection| connection.execute_batch(revoked::TABLE))?;
            database.write(|connection| connection.execute_batch(listed::TABLE))?;
            database.write(|connection| connection.execute_batch(requests::TABLE))?;
            database.write(|connection| connection.execute_batch(told::TABLE))?;
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
        let mut is_newer = next.lines.is_none();
        if let Some(inventory) = inventory.filter(|new| next.scanned().is_none_or(|old| old < new.as_of)) {
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
            self.catch_up(database, &next, inventory.as_of)?;
            for report in next.reports.values() {
                inventory.settle(database, report)?;
            }
            next.lines = Some(Arc::new(LineTable::build(database, inventory, &next.reports)?));
            next.measure(database)?;
        }
        let scanned = next.scanned();
        let mut current = lock(&self.current);
        next.problem = current.problem.take();
        let following = lock(&self.following);
        next.followed = following.as_ref().zip(scanned).and_then(|(following, at)| following.knows(at));
        drop(following);
        *current = next;
        drop(current);
        self.note(database)?;
        // What became known while they were built was marked in those that were shown then.
        self.mark_revoked(database)
    }

    /// A scan that began then gets what the stream told meanwhile.
    fn catch_up(&self, database: &Database, next: &Snapshot, scanned: Timestamp) -> Result<(), Error> {
        let Some(changes) = lock(&self.following).as_mut().map(|following| following.since(scanned)) else {
            return Ok(());
        };
        let scan = Snapshot { inventory: next.inventory.clone(), ..Snapshot::default() };
        database.write(|connection| scan.take_in(connection, &changes))?;
        Ok(())
    }

    fn take_in(&self, database: &Database, changes: Vec<ItemChange>, now: Timestamp) -> Result<(), Error> {
        // Not while lines are built: they would not have it.
        let _turn = lock(&self.building);
        let snapshot = lock(&self.current).clone();
        let has_changes = !changes.is_empty();
        let taken = match has_changes {
            true => database.write(|connection| snapshot.take_in(connection, &changes)),
            false => Ok(true),
        };
        // Not before they are there: who counted meanwhile would keep what was.
        if let Some(lines) = snapshot.lines.as_ref().filter(|_| has_changes) {
            lines.counted.forget();
        }
        let is_due = {
            let mut following = lock(&self.following);
            let Some(following) = following.as_mut() else { return Ok(()) };
            following.add(changes, now);
            if !matches!(taken, Ok(true)) {
                following.lose(now);
            }
            let followed = snapshot.scanned().and_then(|at| following.knows(at));
            lock(&self.current).followed = followed;
            followed.is_some() && following.is_due(now, has_changes)
        };
        match taken {
            Ok(true) if is_due => Ok(database.write(|connection| kept::reached(connection, now))?),
            Ok(true) => Ok(()),
            taken => self.note(database).and(Ok(taken.map(drop)?)),
        }
    }

    fn note(&self, database: &Database) -> Result<(), Error> {
        let current = lock(&self.current).clone();
        let following = lock(&self.following);
        Ok(kept::note(database, &current, following.as_ref())?)
    }

    fn mark_revoked(&self, database: &Database) -> Result<(), Error> {
        let lines = lock(&self.current).lines.clone();
        Ok(lines.map_or(Ok(()), |lines| lines.mark_revoked(database))?)
    }
}

impl From<DatabaseError> for Error {
    fn from(error: DatabaseError) -> Self {
        Self::internal(error)
    }
}

#[cfg(test)]
mod tests;
