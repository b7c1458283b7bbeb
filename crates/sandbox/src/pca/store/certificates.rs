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
    /// `None`: it was loaded, and nobody has asked for it yet.
    pub der: Option<Vec<u8>>,
    pub subject: String,
    pub dns_name: Option<String>,
    pub template: String,
    pub not_before: Stamp,
    pub not_after: Stamp,
    pub ready_at: Stamp,
    pub revoked: bool,
}

/// A certificate without its X.509, which is made when somebody asks.
#[derive(Debug)]
pub struct Loaded<'a> {
    pub serial: &'a Serial,
    /// As an audit report writes it.
    pub subject: &'a str,
    pub dns_name: &'a str,
    pub not_before: Stamp,
    pub not_after: Stamp,
    pub issued_at: Stamp,
}

impl Loaded<'_> {
    /// Writes it as issued under `template` at the request of `principal`.
    pub fn insert(
        &self,
        db: &Connection,
        authority: AuthorityId,
        template: &str,
        principal: &str,
    ) -> rusqlite::Result<()> {
        db.prepare_cached(
            "INSERT INTO certificate (authority, serial, dns_name, subject, template, not_before, not_after, \
             issued_at, ready_at, requested_by, request_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, 'loaded')",
        )?
        .execute(params![
            authority,
            self.serial,
            self.dns_name,
            self.subject,
            template,
            self.not_before,
            self.not_after,
            self.issued_at,
            principal
        ])?;
        Ok(())
    }
}

impl Found {
    /// Keeps the X.509 that was made, for everybody who asks later.
    pub fn keep(&self, db: &Connection, der: &[u8]) -> rusqlite::Result<()> {
        db.prepare_cached("UPDATE certificate SET der = ? WHERE id = ?")?.execute(params![der, self.id])?;
        Ok(())
    }
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
            "SELECT c.id, c.der, c.subject, c.dns_name, c.template, c.not_before, c.not_after, c.ready_at, \
             r.id IS NOT NULL FROM certificate c LEFT JOIN revocation r ON r.certificate = c.id \
             WHERE c.authority = ? AND c.serial = ?",
        )?
        .query_row(params![authority, serial], |row| {
            Ok(Found {
                id: row.get(0)?,
                der: row.get(1)?,
                subject: row.get(2)?,
                dns_name: row.get(3)?,
                template: row.get(4)?,
                not_before: row.get(5)?,
                not_after: row.get(6)?,
                ready_at: row.get(7)?,
                revoked: row.get(8)?,
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
    /// Calls `each` with every certificate whose issuance was done at `now`, in the order in which they were written.
    pub fn for_each(
        db: &Connection,
        authority: AuthorityId,
        now: Stamp,
        mut each: impl FnMut(Self) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        // The index would give them in the order of their serial numbers, all of them to be sorted before the first is there.
        let mut statement = db.prepare(
            "SELECT c.serial, c.subject, c.template, c.not_before, c.not_after, c.issued_at, r.revoked_at, \
             r.reason, c.requested_by FROM certificate c NOT INDEXED LEFT JOIN revocation r ON r.certificate = c.id \
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
