//! What CRLs list as revoked. Nothing is taken off again: what a CA has signed once as revoked stays so, though it leaves the list
//! when it has expired, and though somebody puts an older list in the place of a newer one.

use std::io::Read;

use domain::{AuthorityArn, RevocationReason, Serial, Timestamp};
use feeds::crl::{CrlError, Revoked};
use rusqlite::{Connection, OptionalExtension, Row};

use super::database::{Database, DatabaseError};
use super::rows;

/// Entries in the order in which they became known; `made`: when the list was that first had it.
pub(super) const TABLE: &str = "
CREATE TABLE crl (number INTEGER PRIMARY KEY, authority TEXT NOT NULL, address TEXT NOT NULL, UNIQUE (address, authority));
CREATE TABLE listed (number INTEGER PRIMARY KEY, crl INTEGER NOT NULL, serial BLOB NOT NULL, at INTEGER NOT NULL,
    reason INTEGER, made INTEGER NOT NULL, UNIQUE (serial, crl));";

/// How many entries one transaction writes.
const BATCH: usize = 5000;

/// An entry of a CRL that the CA signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub at: Timestamp,
    pub reason: Option<RevocationReason>,
    /// Of the first list that had it.
    pub made: Timestamp,
}

/// A list: whose it is, and where it lies.
pub(super) struct List {
    pub authority: AuthorityArn,
    /// `s3://bucket/key`
    pub address: String,
    pub key: String,
}

/// A list that was taken in.
pub(super) struct Taken {
    pub made: Timestamp,
    /// How many entries were not known before.
    pub new: usize,
}

/// Why a list is not taken in.
#[derive(Debug, thiserror::Error)]
pub(super) enum Untaken {
    #[error(transparent)]
    Crl(#[from] CrlError),
    #[error("it is the one of {}", .0.join(", "))]
    OtherPlace(Vec<String>),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Takes in a list as it is read: into a table of its own first, as nothing of it counts before its signature is read and it
/// says of itself that it is for where it lies. `issuer`: the CA's certificate, PEM.
pub(super) fn take_in(
    database: &Database,
    bytes: impl Read,
    list: &List,
    issuer: &str,
) -> Result<Taken, Untaken> {
    let unsigned = database.table("unsigned");
    let create = format!(
        "CREATE TABLE {} (number INTEGER PRIMARY KEY, serial BLOB NOT NULL, at INTEGER NOT NULL, reason INTEGER)",
        unsigned.name()
    );
    database.write(|connection| connection.execute_batch(&create))?;
    let known = database.read(|connection| number(connection, list))?;
    let (mut batch, mut new) = (Vec::with_capacity(BATCH), 0);
    let head = feeds::crl::read_all(bytes, issuer.as_bytes(), |serial, revoked| {
        batch.push((serial, revoked));
        if batch.len() == BATCH {
            new += stage(database, unsigned.name(), known, &mut batch)?;
        }
        Ok::<_, Untaken>(())
    })?;
    new += stage(database, unsigned.name(), known, &mut batch)?;
    let suffix = format!("/{}", list.key);
    let points = head.scope.points;
    if !points.is_empty() && !points.iter().any(|point| point.ends_with(&suffix)) {
        return Err(Untaken::OtherPlace(points));
    }
    let number = database.write(|connection| {
        let insert = "INSERT OR IGNORE INTO crl (authority, address) VALUES (?, ?)";
        connection.execute(insert, (list.authority.as_str(), &list.address))?;
        number(connection, list)
    })?;
    let insert = format!(
        "INSERT OR IGNORE INTO listed (crl, serial, at, reason, made) \
         SELECT ?, serial, at, reason, ? FROM {} WHERE number > ? AND number <= ? ORDER BY number",
        unsigned.name()
    );
    for from in (0..new).step_by(BATCH) {
        let values = (number, head.this_update.unix(), from, from + BATCH);
        database.write(|connection| connection.execute(&insert, values))?;
    }
    Ok(Taken { made: head.this_update, new })
}

/// `None`: no list was ever taken in from there.
fn number(connection: &Connection, list: &List) -> Result<Option<i64>, rusqlite::Error> {
    let select = "SELECT number FROM crl WHERE address = ? AND authority = ?";
    let of = (&list.address, list.authority.as_str());
    connection.query_row(select, of, |row| row.get(0)).optional()
}

/// Writes those that the list, if it is known, did not have before. Gives how many they are.
fn stage(
    database: &Database,
    table: &str,
    known: Option<i64>,
    batch: &mut Vec<(Serial, Revoked)>,
) -> Result<usize, DatabaseError> {
    let insert = format!(
        "INSERT INTO {table} (serial, at, reason) SELECT ?1, ?2, ?3 \
         WHERE NOT EXISTS (SELECT 1 FROM listed WHERE serial = ?1 AND crl = ?4)"
    );
    database.write(|connection| {
        let mut insert = connection.prepare_cached(&insert)?;
        batch.drain(..).try_fold(0, |sum, (serial, revoked)| {
            let reason = revoked.reason.map(RevocationReason::code);
            Ok(sum + insert.execute((serial.as_bytes(), revoked.at.unix(), reason, known))?)
        })
    })
}

/// What a CRL of the authority says of a certificate, the first that had it.
pub(super) fn of(
    connection: &Connection,
    authority: &AuthorityArn,
    serial: Serial,
) -> Result<Option<Listed>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT l.at, l.reason, l.made FROM listed l CROSS JOIN crl c ON c.number = l.crl \
         WHERE l.serial = ? AND c.authority = ? ORDER BY l.number LIMIT 1",
    )?;
    statement.query_row((serial.as_bytes(), authority.as_str()), listed).optional()
}

fn listed(row: &Row<'_>) -> Result<Listed, rusqlite::Error> {
    let code: Option<u8> = row.get(1)?;
    let reason =
        code.and_then(|code| RevocationReason::ALL.iter().copied().find(|reason| reason.code() == code));
    Ok(Listed { at: rows::needed(row, 0)?, reason, made: rows::needed(row, 2)? })
}
