//! Idempotency tokens: for five minutes, the same token means the same resource.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::super::stamp::Stamp;

/// "Idempotency tokens for IssueCertificate time out after five minutes" (API reference), and those for
/// CreateCertificateAuthority too.
const WINDOW: Duration = Duration::from_secs(300);

/// What a token is unique in.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    Authorities,
    CertificatesOf(&'a str),
}

impl Scope<'_> {
    fn name(self) -> String {
        match self {
            Self::Authorities => "authorities".to_owned(),
            Self::CertificatesOf(authority) => format!("certificates of {authority}"),
        }
    }

    /// The ARN made with this token within the window.
    pub fn seen(self, db: &Connection, token: Option<&str>, now: Stamp) -> rusqlite::Result<Option<String>> {
        let Some(token) = token else { return Ok(None) };
        db.prepare_cached("SELECT arn FROM idempotency WHERE scope = ? AND token = ? AND used_at > ?")?
            .query_row(params![self.name(), token, now.minus(WINDOW)], |row| row.get(0))
            .optional()
    }

    /// Remembers the token, and forgets those that are out of the window.
    pub fn remember(
        self,
        db: &Connection,
        token: Option<&str>,
        arn: &str,
        now: Stamp,
    ) -> rusqlite::Result<()> {
        let Some(token) = token else { return Ok(()) };
        db.prepare_cached("DELETE FROM idempotency WHERE used_at <= ?")?.execute([now.minus(WINDOW)])?;
        db.prepare_cached("INSERT INTO idempotency (scope, token, arn, used_at) VALUES (?, ?, ?, ?)")?
            .execute(params![self.name(), token, arn, now])?;
        Ok(())
    }
}
