//! The lines of the list of certificates: both sides of each folded into one, indexed for every way to look at them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::certificate::CertificateLine;
use domain::reconcile::Sides;
use domain::subject::common_name;
use domain::{AuthorityArn, AuthorityId, InventoryItem, ReportRow, Serial, Timestamp};
use rusqlite::Row;

use super::database::{Database, DatabaseError, Table};
use super::load::{InventoryTable, ReportTable};
use super::merge::{MergeError, Sources, merge};
use super::rows;

const BATCH: usize = 5000;

/// `no_device` puts certificates without a device behind the others; `name` is the common name where that is not the
/// device's.
const COLUMNS: &str = "authority INTEGER NOT NULL, serial BLOB NOT NULL, no_device INTEGER NOT NULL, \
     device TEXT COLLATE NOCASE, subject TEXT, issued_at INTEGER, expires_at INTEGER, revoked_at INTEGER, \
     in_report INTEGER NOT NULL, in_inventory INTEGER NOT NULL, name TEXT COLLATE NOCASE";

const INDEXES: [(&str, &str); 6] = [
    ("device", "no_device, device, serial"),
    ("expiry", "expires_at, serial"),
    ("issued", "issued_at, serial"),
    ("serial", "serial"),
    ("name", "name"),
    ("state", "authority, revoked_at, expires_at"),
];

/// All lines, made from one inventory and the newest reports.
#[derive(Debug)]
pub(crate) struct LineTable {
    pub(crate) table: Table,
    /// The authority that each number stands for.
    pub(crate) authorities: Vec<AuthorityArn>,
    /// Devices with at least one certificate in the inventory.
    pub devices: u64,
}

impl LineTable {
    pub(crate) fn build(
        database: &Database,
        inventory: &InventoryTable,
        reports: &BTreeMap<AuthorityId, Arc<ReportTable>>,
    ) -> Result<Self, DatabaseError> {
        let table = database.table("line");
        let name = table.name().to_owned();
        let create = format!("CREATE TABLE {name} ({COLUMNS})");
        database.write(|connection| connection.execute_batch(&create))?;
        let mut authorities: BTreeSet<AuthorityArn> = inventory.authorities.keys().cloned().collect();
        authorities.extend(reports.values().map(|report| report.authority.clone()));
        let authorities: Vec<AuthorityArn> = authorities.into_iter().collect();
        let mut batch = Vec::with_capacity(BATCH);
        for (number, authority) in authorities.iter().enumerate() {
            let report = reports.get(&authority.id()).map(Arc::as_ref);
            let made = report.map(|report| report.created_at);
            let sources = Sources { report, inventory: Some(inventory), trail: false };
            merge(database, authority, sources, |serial, sides| {
                fold(authority, serial, &sides, made, |line| batch.push((number, line)));
                if batch.len() >= BATCH { insert(database, &name, &mut batch) } else { Ok(()) }
            })
            .map_err(MergeError::<DatabaseError>::into_inner)?;
        }
        insert(database, &name, &mut batch)?;
        let indexes =
            INDEXES.map(|(index, columns)| format!("CREATE INDEX {name}_{index} ON {name} ({columns});"));
        let count = format!("SELECT count(DISTINCT device COLLATE BINARY) FROM {name} WHERE no_device = 0");
        let devices = database.write(|connection| {
            connection.execute_batch(&indexes.concat())?;
            connection.query_row(&count, [], |row| row.get(0))
        })?;
        Ok(Self { table, authorities, devices })
    }

    pub(crate) fn name(&self) -> &str {
        self.table.name()
    }

    /// The number that stands for an authority; `None`: it has no certificates.
    pub(crate) fn number(&self, authority: &AuthorityId) -> Option<i64> {
        let place = self.authorities.iter().position(|arn| arn.id() == *authority)?;
        i64::try_from(place).ok()
    }

    /// A line from all columns.
    pub(crate) fn line(&self, row: &Row<'_>) -> Result<CertificateLine, rusqlite::Error> {
        let number: usize = row.get(0)?;
        let device: Option<String> = row.get(3)?;
        Ok(CertificateLine {
            authority: self
                .authorities
                .get(number)
                .cloned()
                .ok_or(rusqlite::Error::IntegralValueOutOfRange(0, i64::try_from(number).unwrap_or(-1)))?,
            serial: rows::serial(row, 1)?,
            device: device.and_then(|device| device.parse().ok()),
            subject: row.get(4)?,
            issued_at: rows::moment(row, 5)?,
            expires_at: rows::moment(row, 6)?,
            revoked_at: rows::moment(row, 7)?,
            in_report: row.get(8)?,
            in_inventory: row.get(9)?,
        })
    }
}

/// When a certificate was revoked, as far as both sides say. The CA's word counts; the inventory's only for what
/// happened after the report was made, or where the report knows nothing of the certificate.
pub(crate) fn revoked_at(
    row: Option<&ReportRow>,
    item: Option<&InventoryItem>,
    report_made: Option<Timestamp>,
) -> Option<Timestamp> {
    let recorded = item.and_then(|item| item.revoked_at);
    match row {
        None => recorded,
        Some(row) => row.revoked_at.or(recorded.filter(|at| Some(*at) > report_made)),
    }
}

/// One line for each item of the inventory, or one for the report's row alone.
fn fold(
    authority: &AuthorityArn,
    serial: Serial,
    sides: &Sides,
    report_made: Option<Timestamp>,
    mut each: impl FnMut(CertificateLine),
) {
    let row = sides.report.as_ref();
    let line = |item: Option<&InventoryItem>| CertificateLine {
        authority: authority.clone(),
        serial,
        device: item.map(|item| item.device.clone()),
        subject: row
            .and_then(|row| row.subject.clone())
            .or_else(|| item.and_then(|item| item.subject.clone())),
        issued_at: row.map(|row| row.issued_at).or_else(|| item.and_then(|item| item.issued_at)),
        expires_at: row.map(|row| row.not_after).or_else(|| item.and_then(|item| item.expires_at)),
        revoked_at: revoked_at(row, item, report_made),
        in_report: row.is_some(),
        in_inventory: item.is_some(),
    };
    if sides.inventory.is_empty() {
        each(line(None));
    }
    sides.inventory.iter().for_each(|item| each(line(Some(item))));
}

fn insert(
    database: &Database,
    name: &str,
    batch: &mut Vec<(usize, CertificateLine)>,
) -> Result<(), DatabaseError> {
    let insert = format!("INSERT INTO {name} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    database.write(|connection| {
        let mut statement = connection.prepare(&insert)?;
        for (number, line) in batch.drain(..) {
            let device = line.device.as_ref().map(|device| device.as_str());
            let name = line.subject.as_deref().and_then(common_name);
            statement.execute((
                number,
                line.serial.as_bytes(),
                line.device.is_none(),
                device,
                &line.subject,
                line.issued_at.map(Timestamp::unix),
                line.expires_at.map(Timestamp::unix),
                line.revoked_at.map(Timestamp::unix),
                line.in_report,
                line.in_inventory,
                name.filter(|name| Some(name.as_str()) != device),
            ))?;
        }
        Ok(())
    })
}
