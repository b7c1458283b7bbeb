//! Authorities: created, then given a certificate, then enabled and disabled; and how far their CRL has come.

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use super::super::stamp::Stamp;

/// An authority's row number: also the order of ListCertificateAuthorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthorityId(pub i64);

impl ToSql for AuthorityId {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(self.0.into())
    }
}

#[derive(Clone, Debug)]
pub struct Authority {
    pub id: AuthorityId,
    /// The last part of its ARN.
    pub uuid: String,
    /// ROOT or SUBORDINATE.
    pub kind: String,
    pub usage_mode: String,
    pub key_storage: String,
    /// CertificateAuthorityConfiguration, as JSON.
    pub configuration: String,
    /// RevocationConfiguration, as JSON.
    pub revocation: String,
    /// PKCS #8.
    pub key: Vec<u8>,
    /// PEM.
    pub csr: String,
    pub created_at: Stamp,
    /// CREATING until then.
    pub ready_at: Stamp,
    pub changed_at: Stamp,
    pub disabled: bool,
    pub installed: Option<Installed>,
    pub crl: CrlState,
}

/// The certificate that made the authority operational.
#[derive(Clone, Debug)]
pub struct Installed {
    /// DER.
    pub certificate: Vec<u8>,
    /// PEM of what is above it; `None` for a root.
    pub chain: Option<String>,
    /// Decimal.
    pub serial: String,
    pub not_before: Stamp,
    pub not_after: Stamp,
}

/// How far the published CRL has come.
#[derive(Clone, Debug)]
pub struct CrlState {
    /// When the first certificate was issued that names the CRL.
    pub wanted_at: Option<Stamp>,
    /// The last revocation that the published CRL was made with.
    pub seen: i64,
    pub number: i64,
    /// `None`: never published.
    pub this_update: Option<Stamp>,
    /// Set when the last attempt failed.
    pub retry_at: Option<Stamp>,
}

const COLUMNS: &str = "id, uuid, type, usage_mode, key_storage, configuration, revocation, key, csr, created_at, \
     ready_at, changed_at, disabled, certificate, chain, serial, not_before, not_after, crl_wanted_at, crl_seen, \
     crl_number, crl_this_update, crl_retry_at";

impl Authority {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let certificate: Option<Vec<u8>> = row.get("certificate")?;
        let installed = match certificate {
            None => None,
            Some(certificate) => Some(Installed {
                certificate,
                chain: row.get("chain")?,
                serial: row.get("serial")?,
                not_before: row.get("not_before")?,
                not_after: row.get("not_after")?,
            }),
        };
        Ok(Self {
            id: AuthorityId(row.get("id")?),
            uuid: row.get("uuid")?,
            kind: row.get("type")?,
            usage_mode: row.get("usage_mode")?,
            key_storage: row.get("key_storage")?,
            configuration: row.get("configuration")?,
            revocation: row.get("revocation")?,
            key: row.get("key")?,
            csr: row.get("csr")?,
            created_at: row.get("created_at")?,
            ready_at: row.get("ready_at")?,
            changed_at: row.get("changed_at")?,
            disabled: row.get("disabled")?,
            installed,
            crl: CrlState {
                wanted_at: row.get("crl_wanted_at")?,
                seen: row.get("crl_seen")?,
                number: row.get("crl_number")?,
                this_update: row.get("crl_this_update")?,
                retry_at: row.get("crl_retry_at")?,
            },
        })
    }

    pub fn find(db: &Connection, uuid: &str) -> rusqlite::Result<Option<Self>> {
        db.prepare_cached(&format!("SELECT {COLUMNS} FROM authority WHERE uuid = ?"))?
            .query_row([uuid], Self::read)
            .optional()
    }

    pub fn by_id(db: &Connection, id: AuthorityId) -> rusqlite::Result<Self> {
        db.prepare_cached(&format!("SELECT {COLUMNS} FROM authority WHERE id = ?"))?
            .query_row([id], Self::read)
    }

    /// At most `limit` authorities after `after`, in the order of their creation.
    pub fn page(db: &Connection, after: AuthorityId, limit: usize) -> rusqlite::Result<Vec<Self>> {
        db.prepare_cached(&format!("SELECT {COLUMNS} FROM authority WHERE id > ? ORDER BY id LIMIT ?"))?
            .query_map(params![after, limit], Self::read)?
            .collect()
    }

    pub fn count(db: &Connection) -> rusqlite::Result<u32> {
        db.query_row("SELECT count(*) FROM authority", [], |row| row.get(0))
    }

    /// Writes a new authority; its `id`, certificate and CRL state are not read.
    pub fn insert(&self, db: &Connection) -> rusqlite::Result<()> {
        db.execute(
            "INSERT INTO authority (uuid, type, usage_mode, key_storage, configuration, revocation, key, csr, \
             created_at, ready_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                self.uuid,
                self.kind,
                self.usage_mode,
                self.key_storage,
                self.configuration,
                self.revocation,
                self.key,
                self.csr,
                self.created_at,
                self.ready_at,
                self.changed_at
            ],
        )?;
        Ok(())
    }

    /// As DescribeCertificateAuthority says it. Expiry comes before being disabled.
    pub fn status(&self, now: Stamp) -> &'static str {
        match &self.installed {
            _ if now < self.ready_at => "CREATING",
            None => "PENDING_CERTIFICATE",
            Some(installed) if installed.not_after < now => "EXPIRED",
            Some(_) if self.disabled => "DISABLED",
            Some(_) => "ACTIVE",
        }
    }

    pub fn is_root(&self) -> bool {
        self.kind == "ROOT"
    }

    /// Installs a certificate. What was disabled stays so.
    pub fn install(&self, db: &Connection, installed: &Installed, now: Stamp) -> rusqlite::Result<()> {
        db.execute(
            "UPDATE authority SET certificate = ?, chain = ?, serial = ?, not_before = ?, not_after = ?, \
             changed_at = ? WHERE id = ?",
            params![
                installed.certificate,
                installed.chain,
                installed.serial,
                installed.not_before,
                installed.not_after,
                now,
                self.id
            ],
        )?;
        Ok(())
    }

    pub fn set_disabled(&self, db: &Connection, disabled: bool, now: Stamp) -> rusqlite::Result<()> {
        db.execute(
            "UPDATE authority SET disabled = ?, changed_at = ? WHERE id = ?",
            params![disabled, now, self.id],
        )?;
        Ok(())
    }

    pub fn set_revocation(&self, db: &Connection, revocation: &str) -> rusqlite::Result<()> {
        db.execute(
            "UPDATE authority SET revocation = ?, crl_retry_at = NULL WHERE id = ?",
            params![revocation, self.id],
        )?;
        Ok(())
    }

    /// Remembers the first certificate that names the CRL.
    pub fn want_crl(&self, db: &Connection, now: Stamp) -> rusqlite::Result<()> {
        db.prepare_cached("UPDATE authority SET crl_wanted_at = ? WHERE id = ? AND crl_wanted_at IS NULL")?
            .execute(params![now, self.id])?;
        Ok(())
    }

    /// A CRL of this number is in its bucket and knows every revocation up to `seen`.
    pub fn crl_published(
        &self,
        db: &Connection,
        number: i64,
        seen: i64,
        this_update: Stamp,
    ) -> rusqlite::Result<()> {
        db.execute(
            "UPDATE authority SET crl_number = ?, crl_seen = ?, crl_this_update = ?, crl_retry_at = NULL \
             WHERE id = ?",
            params![number, seen, this_update, self.id],
        )?;
        Ok(())
    }

    pub fn crl_failed(&self, db: &Connection, retry_at: Stamp) -> rusqlite::Result<()> {
        db.execute("UPDATE authority SET crl_retry_at = ? WHERE id = ?", params![retry_at, self.id])?;
        Ok(())
    }
}
