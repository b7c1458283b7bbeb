//! How many certificates were issued and revoked on each day, and how many that are not revoked expire on it: counted once after
//! each change of the lines, and kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::views::{DayCounts, ExpirySpan};
use rusqlite::{Connection, Row, params};

use super::Records;
use super::lines::{LineTable, REVOKED, UNKNOWN};
use super::model::ReadModel;
use crate::Error;
use crate::lock::lock;

const DAY: i64 = 86_400;

/// By day, counted from 1970.
#[derive(Debug)]
pub(super) struct ByDay {
    /// And by the number of the authority.
    expiring: BTreeMap<(i64, usize), u64>,
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
}

impl Records {
    /// Completes `days`, each of which says only when it begins.
    pub async fn count_days(&self, days: Vec<DayCounts>) -> Result<Vec<DayCounts>, Error> {
        let findings = super::findings::days;
        self.model
            .read(move |snapshot, connection| {
                let lines = snapshot.lines.as_ref().map(|lines| lines.by_day(connection)).transpose()?;
                let count = |counts: DayCounts| {
                    let day = counts.from.unix().div_euclid(DAY);
                    let (opened, ended) = findings(connection, day)?;
                    let of = |days: &BTreeMap<i64, u64>| days.get(&day).copied().unwrap_or(0);
                    let issued = lines.as_ref().map_or(0, |lines| of(&lines.issued));
                    let revoked = lines.as_ref().map_or(0, |lines| of(&lines.revoked));
                    Ok(DayCounts { issued, revoked, opened, ended, ..counts })
                };
                days.into_iter().map(count).collect()
            })
            .await
    }
}

impl ReadModel {
    /// Counts the certificates into `spans`, which begin and end with days.
    pub async fn expiring(&self, mut spans: Vec<ExpirySpan>) -> Result<Vec<ExpirySpan>, Error> {
        self.read(move |snapshot, connection| {
            let Some(lines) = &snapshot.lines else { return Ok(spans) };
            let days = lines.by_day(connection)?;
            for span in &mut spans {
                let (from, to) = (span.from.unix() / DAY, span.to.unix() / DAY);
                for (&(_, number), count) in days.expiring.range((from, 0)..(to, 0)) {
                    if let Some(authority) = lines.authorities.get(number) {
                        *span.counts.entry(authority.id()).or_default() += count;
                    }
                }
            }
            Ok(spans)
        })
        .await
    }
}

impl LineTable {
    pub(super) fn by_day(&self, connection: &Connection) -> Result<Arc<ByDay>, rusqlite::Error> {
        // Held while it is counted: whoever comes meanwhile waits for the same.
        let mut kept = lock(&self.by_day.0);
        if let Some(days) = kept.as_ref() {
            return Ok(days.clone());
        }
        let lines = self.name();
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
            statement.query_map(params![UNKNOWN], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
        let days = Arc::new(ByDay {
            expiring: expiring.collect::<Result<_, _>>()?,
            issued: all(&issued, UNKNOWN)?,
            revoked: all(&revoked, REVOKED)?,
        });
        *kept = Some(days.clone());
        Ok(days)
    }
}
