//! Loading records in bulk into tables of their own, which nobody sees before they are complete.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use countersign_aws::inventory::ItemChange;
use domain::report::ReportRow;
use domain::run::Unreadable;
use domain::{AuthorityArn, InventoryItem, Serial, Timestamp};
use packed::{Pack, Sorted};
use rusqlite::Connection;

use super::database::{Database, DatabaseError, Table};
use super::rows;

/// How many records one transaction writes, and about how many bytes: strangers choose how long they are.
const BATCH: usize = 5000;
const BYTES: usize = 4_000_000;

/// Records that are written together.
struct Batch<T> {
    records: Vec<T>,
    bytes: usize,
}

impl<T> Default for Batch<T> {
    fn default() -> Self {
        Self { records: Vec::new(), bytes: 0 }
    }
}

impl<T> Batch<T> {
    /// Whether it is full now. `bytes`: those of the record's texts.
    fn push(&mut self, record: T, bytes: usize) -> bool {
        self.records.push(record);
        self.bytes += bytes;
        self.records.len() == BATCH || self.bytes >= BYTES
    }
}

fn bytes<const N: usize>(texts: [&Option<String>; N]) -> usize {
    texts.into_iter().flatten().map(String::len).sum()
}

impl InventoryTable {
    /// Settles which certificate an item means whose serial number could be decimal as well as hexadecimal: the one that
    /// the report has. Gives both numbers of each item that stays unclear, as the report has both or neither.
    pub fn settle(
        &self,
        database: &Database,
        report: &ReportTable,
    ) -> Result<HashSet<Serial>, DatabaseError> {
        let mut unclear = HashSet::new();
        let Some(authority) = self.authorities.get(&report.authority).filter(|_| self.either) else {
            return Ok(unclear);
        };
        let (items, rows) = (self.table.name(), report.table.name());
        let known =
            |column: &str| format!("EXISTS (SELECT 1 FROM {rows} r WHERE r.serial = {items}.{column})");
        let (hex, decimal) = (known("serial"), known("decimal"));
        let select = format!(
            "SELECT rowid, serial, decimal, {hex}, {decimal} FROM {items} WHERE authority = ?1 AND decimal IS NOT NULL"
        );
        let set = format!("UPDATE {items} SET serial = ?2, decimal = NULL WHERE rowid = ?1");
        database.write(|connection| {
            let mut statement = connection.prepare(&select)?;
            let read = statement.query_map([authority], |row| {
                let serials = [rows::serial(row, 1)?, rows::serial(row, 2)?];
                let known = [row.get::<_, bool>(3)?, row.get::<_, bool>(4)?];
                Ok((row.get::<_, i64>(0)?, serials, known))
            })?;
            let mut update = connection.prepare(&set)?;
            for one in read.collect::<Result<Vec<_>, _>>()? {
                let (rowid, [hex, decimal], [is_hex, is_decimal]) = one;
                let is_hex = is_hex || report.unreadable.contains(&hex);
                let is_decimal = is_decimal || report.unreadable.contains(&decimal);
                match (is_hex, is_decimal) {
                    (true, false) => update.execute((rowid, hex.as_bytes()))?,
                    (false, true) => update.execute((rowid, decimal.as_bytes()))?,
                    _ => {
                        unclear.extend([hex, decimal]);
                        0
                    }
                };
            }
            Ok(())
        })?;
        Ok(unclear)
    }

    /// The items of each authority, or of the `only` one, in memory. They are read in the order in which they lie in the file:
    /// in that of serial numbers each one would be looked for.
    pub fn packed(
        &self,
        database: &Database,
        only: Option<&AuthorityArn>,
    ) -> Result<BTreeMap<AuthorityArn, Sorted<InventoryItem>>, DatabaseError> {
        let authorities = self.authorities.iter().filter(|(arn, _)| only.is_none_or(|only| only == *arn));
        let mut packs: BTreeMap<i64, (AuthorityArn, Pack<InventoryItem>)> =
            authorities.map(|(arn, number)| (*number, (arn.clone(), Pack::default()))).collect();
        let select = format!("SELECT * FROM {}", self.table.name());
        database.read(|connection| {
            let mut statement = connection.prepare(&select)?;
            let mut items = statement.query([])?;
            while let Some(item) = items.next()? {
                if let Some((authority, pack)) = packs.get_mut(&item.get(0)?) {
                    pack.push(&rows::item(item, authority)?);
                }
            }
            Ok(())
        })?;
        Ok(packs.into_values().map(|(authority, pack)| (authority, pack.sorted())).collect())
    }

    /// Takes in what became of one item: gives the certificates, by the number of their authority, that have other items now.
    /// `None`: only a scan can say what it means.
    pub(super) fn change(
        &self,
        connection: &Connection,
        change: &ItemChange,
    ) -> Result<Option<BTreeSet<(i64, Serial)>>, rusqlite::Error> {
        let item = match &change.item {
            None => None,
            Some(Ok(read)) => Some(&read.item),
            Some(Err(_)) => return Ok(None),
        };
        let authority = item.map(|item| self.authorities.get(&item.authority));
        if item.is_some_and(|item| item.decimal.is_some()) || authority == Some(None) {
            return Ok(None);
        }
        let mut touched = BTreeSet::new();
        let delete = format!(
            "DELETE FROM {} WHERE authority = ? AND serial = ? AND device = ? AND serial_key = ?",
            self.table.name()
        );
        let mut delete = connection.prepare_cached(&delete)?;
        if let Ok((serial, decimal)) = Serial::read(&change.serial_key) {
            for serial in std::iter::once(serial).chain(decimal) {
                for number in self.authorities.values() {
                    let key = (number, serial.as_bytes(), &change.device, &change.serial_key);
                    if delete.execute(key)? > 0 {
                        touched.insert((*number, serial));
                    }
                }
            }
        }
        if let Some((item, number)) = item.zip(authority.flatten()) {
            let mut insert = connection.prepare_cached(&insert_item(self.table.name()))?;
            rows::insert_item(&mut insert, *number, item)?;
            touched.insert((*number, item.serial));
        }
        Ok(Some(touched))
    }

    /// Whether there may be an item of the certificate that cannot be read; where most cannot be read, of any.
    pub fn is_unreadable(&self, authority: &AuthorityArn, serial: Serial) -> bool {
        self.mostly_unreadable
            || !self.unreadable.is_empty() && self.unreadable.contains(&(authority.clone(), serial))
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

impl ReportTable {
    /// All rows, in memory.
    pub fn packed(&self, database: &Database) -> Result<Sorted<ReportRow>, DatabaseError> {
        let select = format!("SELECT * FROM {}", self.table.name());
        database.read(|connection| {
            let mut statement = connection.prepare(&select)?;
            let mut pack = Pack::default();
            for row in statement.query_map([], |row| rows::report(row, &self.authority))? {
                pack.push(&row?);
            }
            Ok(pack.sorted())
        })
    }
}

/// The items of one scan of the inventory, by authority and serial number.
#[derive(Debug)]
pub(crate) struct InventoryTable {
    pub(crate) table: Table,
    /// The number that stands for each authority.
    pub(crate) authorities: BTreeMap<AuthorityArn, i64>,
    /// Whether it has items whose serial number could be decimal as well as hexadecimal.
    pub(super) either: bool,
    /// When the scan began: what was written later may be missing.
    pub as_of: Timestamp,
    /// Certificates with items that are there, but cannot be read.
    pub unreadable: HashSet<(AuthorityArn, Serial)>,
    /// More items cannot be read than can: that one is not among them proves nothing.
    pub mostly_unreadable: bool,
}

/// A report being loaded.
pub(crate) struct ReportLoad<'a> {
    database: &'a Database,
    table: Table,
    batch: Batch<ReportRow>,
}

impl<'a> ReportLoad<'a> {
    pub fn begin(database: &'a Database) -> Result<Self, DatabaseError> {
        let table = database.table("report");
        let create = format!("CREATE TABLE {} ({})", table.name(), rows::REPORT);
        database.write(|connection| connection.execute_batch(&create))?;
        Ok(Self { database, table, batch: Batch::default() })
    }

    pub fn add(&mut self, row: ReportRow) -> Result<(), DatabaseError> {
        let ReportRow { subject, revocation_reason, template, requested_by_service, .. } = &row;
        let bytes = bytes([subject, revocation_reason, template, requested_by_service]);
        if self.batch.push(row, bytes) { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), DatabaseError> {
        let insert = insert_report(self.table.name());
        let batch = std::mem::take(&mut self.batch).records;
        self.database.write(|connection| {
            let mut statement = connection.prepare(&insert)?;
            batch.iter().try_for_each(|row| rows::insert_report(&mut statement, row))
        })
    }

    /// Closes the table. Of rows of one serial number one stays ([`replaces`]). `certificates`: those with rows that cannot be
    /// read.
    pub fn finish(
        mut self,
        authority: AuthorityArn,
        created_at: Timestamp,
        certificates: HashSet<Serial>,
        unreadable: &mut Unreadable,
    ) -> Result<ReportTable, DatabaseError> {
        self.flush()?;
        let name = self.table.name();
        let index = format!("CREATE INDEX {name}_serial ON {name} (serial)");
        let repeated = format!("SELECT serial FROM {name} GROUP BY serial HAVING count(*) > 1");
        let repeated: Vec<Serial> = self.database.write(|connection| {
            connection.execute_batch(&index)?;
            let mut statement = connection.prepare(&repeated)?;
            statement.query_map([], |row| rows::serial(row, 0))?.collect()
        })?;
        if !repeated.is_empty() {
            let select = format!("SELECT * FROM {name} WHERE serial = ?1 ORDER BY rowid");
            let delete = format!("DELETE FROM {name} WHERE serial = ?1");
            self.database.write(|connection| {
                let (mut select, mut delete) = (connection.prepare(&select)?, connection.prepare(&delete)?);
                let mut insert = connection.prepare(&insert_report(name))?;
                for serial in &repeated {
                    let rows = select.query_map([serial.as_bytes()], |row| rows::report(row, &authority))?;
                    let row = fold(rows, unreadable)?;
                    delete.execute([serial.as_bytes()])?;
                    row.iter().try_for_each(|row| rows::insert_report(&mut insert, row))?;
                }
                Ok(())
            })?;
        }
        Ok(ReportTable { table: self.table, authority, created_at, unreadable: certificates })
    }
}

fn insert_item(table: &str) -> String {
    format!("INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
}

fn insert_report(table: &str) -> String {
    format!("INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
}

/// The row that rows of one serial number amount to.
fn fold(
    rows: impl Iterator<Item = Result<ReportRow, rusqlite::Error>>,
    unreadable: &mut Unreadable,
) -> Result<Option<ReportRow>, rusqlite::Error> {
    let mut first = None::<ReportRow>;
    for row in rows {
        let row = row?;
        if first.as_ref().is_none_or(|first| replaces(first, &row, unreadable)) {
            first = Some(row);
        }
    }
    Ok(first)
}

/// Whether `row` stays instead of the one before it of the same serial number. Rows that differ in their revocation only
/// are one certificate, revoked if one of them is. Of others the first one counts, and the rest are unreadable.
pub(crate) fn replaces(first: &ReportRow, row: &ReportRow, unreadable: &mut Unreadable) -> bool {
    let ReportRow { revoked_at, revocation_reason, .. } = first.clone();
    if (ReportRow { revoked_at, revocation_reason, ..row.clone() }) != *first {
        let place = format!("serial {}", row.serial.colons());
        unreadable.add(place, "another row has the same serial number and says something else");
        return false;
    }
    row.revoked_at.is_some_and(|at| first.revoked_at.is_none_or(|earlier| at < earlier))
}

/// An inventory being loaded.
pub(crate) struct InventoryLoad<'a> {
    database: &'a Database,
    table: Table,
    authorities: BTreeMap<AuthorityArn, i64>,
    batch: Batch<(i64, InventoryItem)>,
    either: bool,
    unreadable: HashSet<(AuthorityArn, Serial)>,
    /// Items that can be read, and that cannot.
    counts: (u64, u64),
}

impl<'a> InventoryLoad<'a> {
    pub fn begin(database: &'a Database) -> Result<Self, DatabaseError> {
        let table = database.table("inventory");
        let create = format!("CREATE TABLE {} ({})", table.name(), rows::INVENTORY);
        database.write(|connection| connection.execute_batch(&create))?;
        let (authorities, unreadable, either, counts) = Default::default();
        Ok(Self { database, table, authorities, batch: Batch::default(), either, unreadable, counts })
    }

    /// An item is there, but cannot be read; maybe it can be told of which certificate it is.
    pub fn add_unreadable(&mut self, certificate: Option<(AuthorityArn, Serial)>) {
        self.counts.1 += 1;
        self.unreadable.extend(certificate);
    }

    pub fn add(&mut self, item: InventoryItem) -> Result<(), DatabaseError> {
        let next = i64::try_from(self.authorities.len()).unwrap_or(i64::MAX);
        let authority = match self.authorities.get(&item.authority) {
            Some(number) => *number,
            None => *self.authorities.entry(item.authority.clone()).or_insert(next),
        };
        self.counts.0 += 1;
        self.either |= item.decimal.is_some();
        let InventoryItem { device, serial_key, subject, revocation_reason, .. } = &item;
        let bytes = device.as_str().len() + serial_key.len() + bytes([subject, revocation_reason]);
        if self.batch.push((authority, item), bytes) { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), DatabaseError> {
        let insert = insert_item(self.table.name());
        let batch = std::mem::take(&mut self.batch).records;
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
        let Self { table, authorities, unreadable, either, counts, .. } = self;
        let mostly_unreadable = counts.1 > counts.0;
        Ok(InventoryTable { table, authorities, either, as_of, unreadable, mostly_unreadable })
    }
}
