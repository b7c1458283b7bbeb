//! Days of the calendar, filled with what is kept by day.

use std::collections::BTreeMap;

use domain::views::{CertificateCounts, DayCounts, ExpirySpan};
use rusqlite::{Connection, Row};

use super::by_day::DAY;
use super::lines::LineTable;
use super::model::ReadModel;
use super::{Records, findings};
use crate::Error;

impl Records {
    /// Completes `days`, each of which says only when it begins.
    pub async fn count_days(&self, days: Vec<DayCounts>) -> Result<Vec<DayCounts>, Error> {
        self.model
            .read(move |snapshot, connection| {
                let day = |counts: &DayCounts| counts.from.unix().div_euclid(DAY);
                let span = days.first().zip(days.last()).map(|(first, last)| (day(first), day(last) + 1));
                let lines = snapshot.lines.as_ref().zip(span);
                let lines = lines.map(|(lines, span)| lines.by_day(connection, span)).transpose()?;
                let lines = lines.unwrap_or_default();
                let count = |counts: DayCounts| {
                    let (opened, ended) = findings::days(connection, day(&counts))?;
                    let (issued, revoked) = lines.get(&day(&counts)).copied().unwrap_or_default();
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
            for span in &mut spans {
                let days = (span.from.unix() / DAY, span.to.unix() / DAY);
                for (number, count) in lines.expiring(connection, days)? {
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
    /// How many were issued and revoked on each of these days.
    pub(super) fn by_day(
        &self,
        connection: &Connection,
        (from, to): (i64, i64),
    ) -> Result<BTreeMap<i64, (u64, u64)>, rusqlite::Error> {
        let select = format!(
            "SELECT day, sum(issued), sum(revoked) FROM {} WHERE day >= ? AND day < ? GROUP BY day \
             HAVING sum(issued) + sum(revoked) > 0",
            self.days.name()
        );
        let mut statement = connection.prepare_cached(&select)?;
        let read = |row: &Row<'_>| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)));
        statement.query_map([from, to], read)?.collect()
    }

    /// How many expire on these days together, by the number of the authority.
    pub(super) fn expiring(
        &self,
        connection: &Connection,
        (from, to): (i64, i64),
    ) -> Result<Vec<(usize, u64)>, rusqlite::Error> {
        let select = format!(
            "SELECT authority, sum(expiring) FROM {} WHERE day >= ? AND day < ? GROUP BY authority",
            self.days.name()
        );
        let mut statement = connection.prepare_cached(&select)?;
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        statement.query_map([from, to], read)?.collect()
    }

    /// What was issued, was revoked and expired from one day up to another, by authority and template. Of the day of `now`, what
    /// has expired so far.
    pub(super) fn counts_of(
        &self,
        connection: &Connection,
        (from, to): (i64, i64),
        now: i64,
    ) -> Result<Vec<CertificateCounts>, rusqlite::Error> {
        let today = now.div_euclid(DAY);
        let select = format!(
            "SELECT authority, template, sum(issued), sum(revoked), sum(CASE WHEN day < ?3 THEN expiring ELSE 0 END) FROM {} \
             WHERE day >= ?1 AND day < ?2 GROUP BY authority, template",
            self.days.name()
        );
        let mut counts = BTreeMap::<(usize, String), CertificateCounts>::new();
        let mut statement = connection.prepare_cached(&select)?;
        let mut rows = statement.query((from, to, today))?;
        while let Some(row) = rows.next()? {
            let Some(one) = self.named(&mut counts, row)? else { continue };
            (one.issued, one.revoked, one.expired) = (row.get(2)?, row.get(3)?, row.get(4)?);
        }
        if (from..to).contains(&today) {
            let select = format!(
                "SELECT authority, ifnull(template, ''), count(*) FROM {0} INDEXED BY {0}_status \
                 WHERE standing >= ? AND standing < ? GROUP BY 1, 2",
                self.name()
            );
            let mut statement = connection.prepare_cached(&select)?;
            let mut rows = statement.query((today * DAY, now))?;
            while let Some(row) = rows.next()? {
                let Some(one) = self.named(&mut counts, row)? else { continue };
                one.expired += row.get::<_, u64>(2)?;
            }
        }
        Ok(counts.into_values().filter(|one| one.issued + one.revoked + one.expired > 0).collect())
    }

    fn named<'a>(
        &self,
        counts: &'a mut BTreeMap<(usize, String), CertificateCounts>,
        row: &Row<'_>,
    ) -> Result<Option<&'a mut CertificateCounts>, rusqlite::Error> {
        let (number, template): (usize, String) = (row.get(0)?, row.get(1)?);
        let Some(arn) = self.authorities.get(number) else { return Ok(None) };
        let named = (!template.is_empty()).then(|| template.clone());
        let none =
            || CertificateCounts { authority: arn.id(), template: named, issued: 0, revoked: 0, expired: 0 };
        Ok(Some(counts.entry((number, template)).or_insert_with(none)))
    }
}
