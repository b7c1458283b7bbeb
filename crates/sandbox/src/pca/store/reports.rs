//! Audit reports: asked for, then written once their time has come.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use super::super::call::Caller;
use super::super::stamp::Stamp;
use super::AuthorityId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    Json,
    Csv,
}

impl ReportFormat {
    /// From the API's name of it.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "JSON" => Some(Self::Json),
            "CSV" => Some(Self::Csv),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Csv => "CSV",
        }
    }

    /// How the object's key ends.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
}

impl FromSql for ReportFormat {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

impl ToSql for ReportFormat {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportStatus {
    Creating,
    Success,
    Failed,
}

impl ReportStatus {
    pub fn name(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
        }
    }
}

impl FromSql for ReportStatus {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "CREATING" => Ok(Self::Creating),
            "SUCCESS" => Ok(Self::Success),
            "FAILED" => Ok(Self::Failed),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

impl ToSql for ReportStatus {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

#[derive(Clone, Debug)]
pub struct Report {
    pub uuid: String,
    pub authority: AuthorityId,
    /// The authority's id in its ARN and in the key.
    pub authority_uuid: String,
    pub bucket: String,
    pub format: ReportFormat,
    pub status: ReportStatus,
    pub created_at: Stamp,
    /// CREATING at least until then.
    pub ready_at: Stamp,
}

const SELECT: &str = "SELECT r.uuid, r.authority, a.uuid AS authority_uuid, r.bucket, r.format, r.status, \
     r.created_at, r.ready_at FROM report r JOIN authority a ON a.id = r.authority";

impl Report {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            uuid: row.get("uuid")?,
            authority: AuthorityId(row.get("authority")?),
            authority_uuid: row.get("authority_uuid")?,
            bucket: row.get("bucket")?,
            format: row.get("format")?,
            status: row.get("status")?,
            created_at: row.get("created_at")?,
            ready_at: row.get("ready_at")?,
        })
    }

    /// The object's key: `audit-report/<CA_ID>/<report id>.json`.
    pub fn key(&self) -> String {
        format!("audit-report/{}/{}.{}", self.authority_uuid, self.uuid, self.format.extension())
    }

    pub fn insert(&self, db: &Connection, caller: &Caller) -> rusqlite::Result<()> {
        db.execute(
            "INSERT INTO report (uuid, authority, bucket, format, status, created_at, ready_at, requested_by, \
             request_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                self.uuid,
                self.authority,
                self.bucket,
                self.format,
                self.status,
                self.created_at,
                self.ready_at,
                caller.principal,
                caller.request_id
            ],
        )?;
        Ok(())
    }

    pub fn find(db: &Connection, authority: AuthorityId, uuid: &str) -> rusqlite::Result<Option<Self>> {
        db.query_row(
            &format!("{SELECT} WHERE r.authority = ? AND r.uuid = ?"),
            params![authority, uuid],
            Self::read,
        )
        .optional()
    }

    /// The authority's last report that did not fail.
    pub fn latest(db: &Connection, authority: AuthorityId) -> rusqlite::Result<Option<Self>> {
        db.query_row(
            &format!(
                "{SELECT} WHERE r.authority = ? AND r.status <> 'FAILED' ORDER BY r.created_at DESC LIMIT 1"
            ),
            [authority],
            Self::read,
        )
        .optional()
    }

    /// The reports whose time to be written has come.
    pub fn due(db: &Connection, now: Stamp) -> rusqlite::Result<Vec<Self>> {
        db.prepare_cached(&format!(
            "{SELECT} WHERE r.status = 'CREATING' AND r.ready_at <= ? ORDER BY r.ready_at"
        ))?
        .query_map([now], Self::read)?
        .collect()
    }

    pub fn finish(&self, db: &Connection, status: ReportStatus) -> rusqlite::Result<()> {
        db.execute("UPDATE report SET status = ? WHERE uuid = ?", params![status, self.uuid])?;
        Ok(())
    }
}
