//! Between records and the columns of the read model's tables. Serial numbers are blobs without leading zero octets,
//! times seconds since 1970.

use domain::{AuthorityArn, InventoryItem, ReportRow, Serial, Severity, Timestamp};
use rusqlite::types::{Type, Value};
use rusqlite::{Row, Statement};

/// A column holds what this program does not write.
pub(crate) fn foreign(
    column: usize,
    kind: Type,
    error: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, kind, Box::new(error))
}

pub(crate) fn serial(row: &Row<'_>, column: usize) -> Result<Serial, rusqlite::Error> {
    let bytes = row.get_ref(column)?.as_blob().map_err(|error| foreign(column, Type::Blob, error))?;
    Serial::from_bytes(bytes).map_err(|error| foreign(column, Type::Blob, error))
}

pub(crate) fn moment(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>, rusqlite::Error> {
    let seconds: Option<i64> = row.get(column)?;
    let moment = seconds.map(Timestamp::from_unix).transpose();
    moment.map_err(|error| foreign(column, Type::Integer, error))
}

pub(super) fn needed(row: &Row<'_>, column: usize) -> Result<Timestamp, rusqlite::Error> {
    moment(row, column)?.ok_or(rusqlite::Error::InvalidColumnType(column, "time".to_owned(), Type::Null))
}

fn seconds(moment: Option<Timestamp>) -> Option<i64> {
    moment.map(Timestamp::unix)
}

pub(super) const REPORT: &str = "serial BLOB NOT NULL, subject TEXT, not_before INTEGER NOT NULL, \
     not_after INTEGER NOT NULL, issued_at INTEGER NOT NULL, revoked_at INTEGER, revocation_reason TEXT, \
     template TEXT, requested_by TEXT";

pub(super) fn insert_report(statement: &mut Statement<'_>, row: &ReportRow) -> Result<(), rusqlite::Error> {
    statement.execute((
        row.serial.as_bytes(),
        &row.subject,
        row.not_before.unix(),
        row.not_after.unix(),
        row.issued_at.unix(),
        seconds(row.revoked_at),
        &row.revocation_reason,
        &row.template,
        &row.requested_by_service,
    ))?;
    Ok(())
}

/// A row of a report of `authority`, from all columns of its table.
pub(crate) fn report(row: &Row<'_>, authority: &AuthorityArn) -> Result<ReportRow, rusqlite::Error> {
    Ok(ReportRow {
        authority: authority.clone(),
        serial: serial(row, 0)?,
        subject: row.get(1)?,
        not_before: needed(row, 2)?,
        not_after: needed(row, 3)?,
        issued_at: needed(row, 4)?,
        revoked_at: moment(row, 5)?,
        revocation_reason: row.get(6)?,
        template: row.get(7)?,
        requested_by_service: row.get(8)?,
    })
}

pub(super) const INVENTORY: &str = "authority INTEGER NOT NULL, serial BLOB NOT NULL, device TEXT NOT NULL, \
     serial_key TEXT NOT NULL, subject TEXT, issued_at INTEGER, expires_at INTEGER, revoked_at INTEGER, \
     revocation_reason TEXT, decimal BLOB, revocation_unread INTEGER NOT NULL";

/// `authority` is the item's authority by its number.
pub(super) fn insert_item(
    statement: &mut Statement<'_>,
    authority: i64,
    item: &InventoryItem,
) -> Result<(), rusqlite::Error> {
    statement.execute((
        authority,
        item.serial.as_bytes(),
        item.device.as_str(),
        &item.serial_key,
        &item.subject,
        seconds(item.issued_at),
        seconds(item.expires_at),
        seconds(item.revoked_at),
        &item.revocation_reason,
        item.decimal.as_ref().map(Serial::as_bytes),
        item.revocation_unread,
    ))?;
    Ok(())
}

/// An item of `authority`, from all columns of its table.
pub(crate) fn item(row: &Row<'_>, authority: &AuthorityArn) -> Result<InventoryItem, rusqlite::Error> {
    Ok(InventoryItem {
        authority: authority.clone(),
        serial: serial(row, 1)?,
        device: row.get::<_, String>(2)?.parse().map_err(|error| foreign(2, Type::Text, error))?,
        serial_key: row.get(3)?,
        subject: row.get(4)?,
        issued_at: moment(row, 5)?,
        expires_at: moment(row, 6)?,
        revoked_at: moment(row, 7)?,
        revocation_reason: row.get(8)?,
        decimal: (row.get_ref(9)?.data_type() == Type::Blob).then(|| serial(row, 9)).transpose()?,
        revocation_unread: row.get(10)?,
    })
}

/// Severities in their order, the worst first.
pub(super) fn rank(severity: Severity) -> Value {
    Value::Integer(match severity {
        Severity::Critical => 1,
        Severity::High => 2,
        Severity::Medium => 3,
        Severity::Low => 4,
    })
}

/// The first column, parsed.
pub(super) fn parsed<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    row: &Row<'_>,
) -> Result<T, rusqlite::Error> {
    row.get::<_, String>(0)?.parse().map_err(|error| foreign(0, Type::Text, error))
}
