//! Days of the calendar, filled with what is kept by day.

use domain::views::{DayCounts, ExpirySpan};

use super::by_day::DAY;
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
