//! How many certificates were issued and revoked on each day, and how many that are not revoked expire on it: counted once after
//! each change of the lines, and kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, Row, params};

use super::revoked::REVOKED;
use crate::lock::lock;

pub(super) const DAY: i64 = 86_400;

/// By day, counted from 1970.
#[derive(Clone, Debug)]
pub(super) struct ByDay {
    /// And by the number of the authority.
    pub(super) expiring: BTreeMap<(i64, usize), u64>,
    pub(super) issued: BTreeMap<i64, u64>,
    pub(super) revoked: BTreeMap<i64, u64>,
}

/// What was counted, until the lines change.
#[derive(Debug, Default)]
pub(super) struct KeptByDay(Mutex<Option<Arc<ByDay>>>);

impl KeptByDay {
    pub fn forget(&self) {
        *lock(&self.0) = None;
    }

    /// What was counted, if anything was, is other by so much.
    pub fn change(&self, change: impl FnOnce(&mut ByDay)) {
        if let Some(days) = lock(&self.0).as_mut() {
            change(Arc::make_mut(days));
        }
    }

    /// Of the lines of this table, whose times from `unknown` on are none.
    pub fn of(
        &self,
        connection: &Connection,
        lines: &str,
        unknown: i64,
    ) -> Result<Arc<ByDay>, rusqlite::Error> {
        // Held while it is counted: whoever comes meanwhile waits for the same.
        let mut kept = lock(&self.0);
        if let Some(days) = kept.as_ref() {
            return Ok(days.clone());
        }
        // What is revoked, and what nobody knows, stands behind all times.
        let expiring = format!(
            "SELECT standing / {DAY}, authority, count(*) FROM {lines} INDEXED BY {lines}_state WHERE standing < ? GROUP BY 2, 1"
        );
        let issued = format!(
            "SELECT issued_at / {DAY}, count(*) FROM {lines} INDEXED BY {lines}_issued WHERE issued_at < ? GROUP BY 1"
        );
        let revoked = format!(
            "SELECT revoked_at / {DAY}, count(*) FROM {lines} INDEXED BY {lines}_status WHERE standing = ? GROUP BY 1"
        );
        let all = |select: &str, bound: i64| {
            let mut statement = connection.prepare(select)?;
            let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, u64>(1)?));
            statement.query_map([bound], read)?.collect::<Result<BTreeMap<_, _>, _>>()
        };
        let mut statement = connection.prepare(&expiring)?;
        let expiring =
            statement.query_map(params![unknown], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
        let days = Arc::new(ByDay {
            expiring: expiring.collect::<Result<_, _>>()?,
            issued: all(&issued, unknown)?,
            revoked: all(&revoked, REVOKED)?,
        });
        *kept = Some(days.clone());
        Ok(days)
    }
}
