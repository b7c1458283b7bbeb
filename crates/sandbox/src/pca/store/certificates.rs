//! Issued certificates. Issuance is done when `ready_at` has come.

use rusqlite::{Connection, OptionalExtension, params};

use super::super::call::Caller;
use super::super::stamp::Stamp;
use super::AuthorityId;

/// Octets of a serial number: 128 bits.
pub type Serial = [u8; 16];

/// What is written of a new certificate.
#[derive(Debug)]
pub struct Certificate {
    pub authority: AuthorityId,
    pub serial: Serial,
    pub der: Vec<u8>,
    /// As an audit report writes it.
    pub subject: String,
    /// The template's ARN.
    pub template: String,
    pub not_before: Stamp,
    pub not_after: Stamp,
    pub issued_at: Stamp,
    /// In progress until then.
    pub ready_at: Stamp,
}

/// What is read of one certificate.
#[derive(Debug)]
pub struct Found {
    pub id: i64,
    pub der: Vec<u8>,
    pub template: String,
    pub not_after: Stamp,
    pub ready_at: Stamp,
    pub revoked: bool,
}

impl Certificate {
    pub fn insert(&self, db: &Connection, caller: &Caller) -> rusqlite::Result<()> {
        db.prepare_cached(
            "INSERT INTO certificate (authority, serial, der, subject, template, not_before, not_after, \
             issued_at, ready_at, requested_by, request_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            self.authority,
            self.serial,
            self.der,
            self.subject,
            self.template,
            self.not_before,
            self.not_after,
            self.issued_at,
            self.ready_at,
            caller.principal,
            caller.request_id
        ])?;
        Ok(())
    }

    pub fn find(db: &Connection, authority: AuthorityId, serial: Serial) -> rusqlite::Result<Option<Found>> {
        db.prepare_cached(
            "SELECT c.id, c.der, c.template, c.not_after, c.ready_at, r.id IS NOT NULL \
             FROM certificate c LEFT JOIN revocation r ON r.certificate = c.id \
             WHERE c.authority = ? AND c.serial = ?",
        )?
        .query_row(params![authority, serial], |row| {
            Ok(Found {
                id: row.get(0)?,
                der: row.get(1)?,
                template: row.get(2)?,
                not_after: row.get(3)?,
                ready_at: row.get(4)?,
                revoked: row.get(5)?,
            })
        })
        .optional()
    }
}

/// What an audit report says of one certificate.
#[derive(Debug)]
pub struct ReportedCertificate {
    pub serial: Serial,
    pub subject: String,
    pub template: String,
    pub not_before: Stamp,
    pub not_after: Stamp,
    pub issued_at: Stamp,
    pub revoked_at: Option<Stamp>,
    pub revocation_reason: Option<String>,
    pub requested_by: String,
}

impl ReportedCertificate {
    /// Calls `each` with every certificate whose issuance was done at `now`, in the order of issuance.
    pub fn for_each(
        db: &Connection,
        authority: AuthorityId,
        now: Stamp,
        mut each: impl FnMut(Self) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut statement = db.prepare(
            "SELECT c.serial, c.subject, c.template, c.not_before, c.not_after, c.issued_at, r.revoked_at, \
             r.reason, c.requested_by FROM certificate c LEFT JOIN revocation r ON r.certificate = c.id \
             WHERE c.authority = ? AND c.ready_at <= ? ORDER BY c.id",
        )?;
        let mut rows = statement.query(params![authority, now])?;
        while let Some(row) = rows.next()? {
            each(Self {
                serial: row.get(0)?,
                subject: row.get(1)?,
                template: row.get(2)?,
                not_before: row.get(3)?,
                not_after: row.get(4)?,
                issued_at: row.get(5)?,
                revoked_at: row.get(6)?,
                revocation_reason: row.get(7)?,
                requested_by: row.get(8)?,
            })?;
        }
        Ok(())
    }
}
