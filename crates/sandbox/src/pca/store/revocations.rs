//! Revocations, in the order in which they were made.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::call::Caller;
use super::super::stamp::Stamp;
use super::AuthorityId;
use super::certificates::Serial;

/// What is written of a new revocation.
#[derive(Debug)]
pub struct Revocation {
    pub authority: AuthorityId,
    /// Row of the certificate.
    pub certificate: i64,
    /// As the API names it: `KEY_COMPROMISE`.
    pub reason: String,
    pub revoked_at: Stamp,
}

/// What a CRL says of one revocation.
#[derive(Debug)]
pub struct RevokedEntry {
    /// Grows with each revocation.
    pub id: i64,
    pub serial: Serial,
    pub reason: String,
    pub revoked_at: Stamp,
    pub not_after: Stamp,
}

impl Revocation {
    pub fn insert(&self, db: &Connection, caller: &Caller) -> rusqlite::Result<()> {
        db.prepare_cached(
            "INSERT INTO revocation (certificate, authority, reason, revoked_at, requested_by, request_id) \
             VALUES (?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            self.certificate,
            self.authority,
            self.reason,
            self.revoked_at,
            caller.principal,
            caller.request_id
        ])?;
        Ok(())
    }

    /// When the oldest revocation was made that comes after `seen`.
    pub fn oldest_after(
        db: &Connection,
        authority: AuthorityId,
        seen: i64,
    ) -> rusqlite::Result<Option<Stamp>> {
        db.prepare_cached(
            "SELECT revoked_at FROM revocation WHERE authority = ? AND id > ? ORDER BY id LIMIT 1",
        )?
        .query_row(params![authority, seen], |row| row.get(0))
        .optional()
    }
}

impl RevokedEntry {
    /// All revocations of the authority.
    pub fn all(db: &Connection, authority: AuthorityId) -> rusqlite::Result<Vec<Self>> {
        db.prepare(
            "SELECT r.id, c.serial, r.reason, r.revoked_at, c.not_after FROM revocation r \
             JOIN certificate c ON c.id = r.certificate WHERE r.authority = ? ORDER BY r.id",
        )?
        .query_map([authority], Self::read)?
        .collect()
    }

    /// That of one certificate.
    pub fn of(db: &Connection, authority: AuthorityId, serial: Serial) -> rusqlite::Result<Option<Self>> {
        db.prepare_cached(
            "SELECT r.id, c.serial, r.reason, r.revoked_at, c.not_after FROM revocation r \
             JOIN certificate c ON c.id = r.certificate WHERE c.authority = ? AND c.serial = ?",
        )?
        .query_row(params![authority, serial], Self::read)
        .optional()
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            serial: row.get(1)?,
            reason: row.get(2)?,
            revoked_at: row.get(3)?,
            not_after: row.get(4)?,
        })
    }
}
