//! Loading records in bulk into tables of their own, which nobody sees before they are complete.

use std::collections::{BTreeMap, HashSet};

use domain::report::ReportRow;
use domain::run::Unreadable;
use domain::{AuthorityArn, InventoryItem, Serial, Timestamp};

use super::database::{Database, DatabaseError, Table};
use super::rows;

/// How many records one transaction writes.
const BATCH: usize = 5000;

impl InventoryTable {
    pub fn is_unreadable(&self, authority: &AuthorityArn, serial: Serial) -> bool {
        !self.unreadable.is_empty() && self.unreadable.contains(&(authority.clone(), serial))
    }
}

/// The rows of one report, by serial number.
#[derive(Debug)]
pub(crate) struct ReportTable {
    pub(crate) table: Table,
    pub authority: AuthorityArn,
    pub created_at: Timestamp,
    /// Certificates whose rows are there, but cannot be read.
    pub unreadable: HashSet<Serial>,
}

/// The items of one scan of the inventory, by authority and serial number.
#[derive(Debug)]
pub(crate) struct InventoryTable {
    pub(crate) table: Table,
    /// The number that stands for each authority.
    pub(crate) authorities: BTreeMap<AuthorityArn, i64>,
    /// When the scan began: what was written later may be missing.
    pub as_of: Timestamp,
    /// Certificates with items that are there, but cannot be read.
    pub unreadable: HashSet<(AuthorityArn, Serial)>,
}

/// A report being loaded.
pub(crate) struct ReportLoad<'a> {
    database: &'a Database,
    table: Table,
    batch: Vec<ReportRow>,
    unreadable: HashSet<Serial>,
}

impl<'a> ReportLoad<'a> {
    pub fn begin(database: &'a Database) -> Result<Self, DatabaseError> {
        let table = database.table("report");
        let create = format!("CREATE TABLE {} ({})", table.name(), rows::REPORT);
        database.write(|connection| connection.execute_batch(&create))?;
        Ok(Self { database, table, batch: Vec::with_capacity(BATCH), unreadable: HashSet::new() })
    }

    /// A row is there, but cannot be read.
    pub fn add_unreadable(&mut self, serial: Serial) {
        self.unreadable.insert(serial);
    }

    pub fn add(&mut self, row: ReportRow) -> Result<(), DatabaseError> {
        self.batch.push(row);
        if self.batch.len() == BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), DatabaseError> {
        let insert = format!("INSERT INTO {} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", self.table.name());
        let batch = std::mem::take(&mut self.batch);
        self.database.write(|connection| {
            let mut statement = connection.prepare(&insert)?;
            batch.iter().try_for_each(|row| rows::insert_report(&mut statement, row))
        })
    }

    /// Closes the table. Of rows with the same serial number the first one counts; the others are unreadable.
    pub fn finish(
        mut self,
        authority: AuthorityArn,
        created_at: Timestamp,
        unreadable: &mut Unreadable,
    ) -> Result<ReportTable, DatabaseError> {
        self.flush()?;
        let name = self.table.name();
        let index = format!("CREATE INDEX {name}_serial ON {name} (serial)");
        let repeated = format!("SELECT serial, count(*) - 1 FROM {name} GROUP BY serial HAVING count(*) > 1");
        let repeated: Vec<(Serial, u64)> = self.database.write(|connection| {
            connection.execute_batch(&index)?;
            let mut statement = connection.prepare(&repeated)?;
            let rows = statement.query_map([], |row| Ok((rows::serial(row, 0)?, row.get(1)?)))?;
            rows.collect()
        })?;
        if !repeated.is_empty() {
            let remove = format!(
                "DELETE FROM {name} WHERE rowid NOT IN (SELECT min(rowid) FROM {name} GROUP BY serial)"
            );
            self.database.write(|connection| connection.execute_batch(&remove))?;
        }
        for (serial, times) in repeated {
            for _ in 0..times {
                unreadable
                    .add(format!("serial {}", serial.colons()), "another row has the same serial number");
            }
        }
        Ok(ReportTable { table: self.table, authority, created_at, unreadable: self.unreadable })
    }
}

/// An inventory being loaded.
pub(crate) struct InventoryLoad<'a> {
    database: &'a Database,
    table: Table,
    authorities: BTreeMap<AuthorityArn, i64>,
    batch: Vec<(i64, InventoryItem)>,
    unreadable: HashSet<(AuthorityArn, Serial)>,
}

impl<'a> InventoryLoad<'a> {
    pub fn begin(database: &'a Database) -> Result<Self, DatabaseError> {
        let table = database.table("inventory");
        let create = format!("CREATE TABLE {} ({})", table.name(), rows::INVENTORY);
        database.write(|connection| connection.execute_batch(&create))?;
        let (authorities, unreadable) = Default::default();
        Ok(Self { database, table, authorities, batch: Vec::with_capacity(BATCH), unreadable })
    }

    /// An item is there, but cannot be read.
    pub fn add_unreadable(&mut self, certificate: (AuthorityArn, Serial)) {
        self.unreadable.insert(certificate);
    }

    pub fn add(&mut self, item: InventoryItem) -> Result<(), DatabaseError> {
        let next = i64::try_from(self.authorities.len()).unwrap_or(i64::MAX);
        let authority = match self.authorities.get(&item.authority) {
            Some(number) => *number,
            None => *self.authorities.entry(item.authority.clone()).or_insert(next),
        };
        self.batch.push((authority, item));
        if self.batch.len() == BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), DatabaseError> {
        let insert = format!("INSERT INTO {} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", self.table.name());
        let batch = std::mem::take(&mut self.batch);
        self.database.write(|connection| {
            let mut statement = connection.prepare(&insert)?;
            batch.iter().try_for_each(|(authority, item)| rows::insert_item(&mut statement, *authority, item))
        })
    }

    /// Closes the table.
    pub fn finish(mut self, as_of: Timestamp) -> Result<InventoryTable, DatabaseError> {
        self.flush()?;
        let name = self.table.name();
        let index = format!("CREATE INDEX {name}_serial ON {name} (authority, serial)");
        self.database.write(|connection| connection.execute_batch(&index))?;
        let Self { table, authorities, unreadable, .. } = self;
        Ok(InventoryTable { table, authorities, as_of, unreadable })
    }
}
