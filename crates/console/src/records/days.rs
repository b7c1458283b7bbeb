//! Days of the calendar, filled with what is kept by day.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::views::{DayCounts, ExpirySpan};
use rusqlite::Connection;

use super::by_day::{ByDay, DAY};
use super::lines::{LineTable, UNKNOWN};
use super::model::ReadModel;
use super::{Records, findings};
use crate::Error;

impl Records {
    /// Completes `days`, each of which says only when it begins.
    pub async fn count_days(&self, days: Vec<DayCounts>) -> Result<Vec<DayCounts>, Error> {
        self.model
            .read(move |snapshot, connection| {
                let lines = snapshot.lines.as_ref().map(|lines| lines.by_day(connection)).transpose()?;
                let count = |counts: DayCounts| {
                    let day = counts.from.unix().div_euclid(DAY);
                    let (opened, ended) = findings::days(connection, day)?;
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
        self.by_day.of(connection, self.name(), UNKNOWN)
    }
}
