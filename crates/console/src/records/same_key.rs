//! Certificates that have the same public key, as far as intact events say of each: no other record holds keys.

use std::collections::{BTreeSet, HashSet};

use domain::dry_run::SameKey;
use domain::revocation::MAX_TARGETS;
use domain::{AuthorityArn, KeyHash, Serial, Timestamp};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};

use super::lines::REVOKED;
use super::revoked::revoked_since;
use super::rows;
use super::snapshot::Snapshot;

/// So many others are told: more than that are too many for a request, whatever was chosen.
const MOST: usize = MAX_TARGETS;

impl Snapshot {
    /// The public key of each of these, in their order.
    pub(crate) fn keys(
        &self,
        connection: &Connection,
        authority: &AuthorityArn,
        serials: &[Serial],
    ) -> Result<Vec<Option<KeyHash>>, rusqlite::Error> {
        let mut statement = connection.prepare_cached(
            "SELECT key FROM trail_issuance WHERE authority = (SELECT number FROM trail_authority WHERE arn = ?1) \
             AND serial = ?2 AND key IS NOT NULL",
        )?;
        let key = |serial: &Serial| {
            statement.query_row((authority.as_str(), serial.as_bytes()), |row| key(row, 0)).optional()
        };
        serials.iter().map(key).collect()
    }

    /// Other certificates in force of the authority that have one of `keys`. One that no report shows yet counts as in force,
    /// until an event shows its revocation.
    pub(crate) fn same_key(
        &self,
        connection: &Connection,
        authority: &AuthorityArn,
        chosen: &[Serial],
        keys: &[Option<KeyHash>],
        now: Timestamp,
    ) -> Result<Vec<SameKey>, rusqlite::Error> {
        let Some(lines) = &self.lines else { return Ok(Vec::new()) };
        let number = lines.number(&authority.id()).unwrap_or(-1);
        let mut statement = connection.prepare_cached(&format!(
            "SELECT i.serial, l.standing, CASE l.in_inventory WHEN 1 THEN l.device END \
             FROM trail_issuance i INDEXED BY trail_issuance_key \
             LEFT JOIN {0} l INDEXED BY {0}_serial ON l.serial = i.serial AND l.authority = ?3 \
             WHERE i.key = ?1 AND i.authority = (SELECT number FROM trail_authority WHERE arn = ?2)",
            lines.name()
        ))?;
        let mut seen: HashSet<Serial> = chosen.iter().copied().collect();
        let mut others = Vec::new();
        for key in keys.iter().flatten().collect::<BTreeSet<_>>() {
            let mut found = statement.query((key.as_bytes(), authority.as_str(), number))?;
            while let Some(row) = found.next()? {
                let serial = rows::serial(row, 0)?;
                let is_in_force = match row.get::<_, Option<i64>>(1)? {
                    Some(standing) => standing > now.unix() && standing < REVOKED,
                    None => revoked_since(connection, authority, serial, None)?.is_none(),
                };
                if !is_in_force || !seen.insert(serial) {
                    continue;
                }
                if others.len() == MOST {
                    return Ok(others);
                }
                let device: Option<String> = row.get(2)?;
                let device = device.and_then(|device| device.parse().ok());
                others.push(SameKey { serial, key: *key, device });
            }
        }
        Ok(others)
    }
}

fn key(row: &Row<'_>, column: usize) -> Result<KeyHash, rusqlite::Error> {
    let hash = row.get_ref(column)?.as_blob()?;
    KeyHash::try_from(hash).map_err(|error| rows::foreign(column, Type::Blob, error))
}
