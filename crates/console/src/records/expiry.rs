//! How many certificates that are not revoked expire on each day: counted once after each change of the lines, and kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::views::ExpirySpan;
use rusqlite::Connection;

use super::lines::{LineTable, UNKNOWN};
use super::model::ReadModel;
use crate::Error;
use crate::lock::lock;

const DAY: i64 = 86_400;

/// By the day (since 1970) and the number of the authority.
type Days = BTreeMap<(i64, usize), u64>;

/// What was counted, until the lines change.
#[derive(Debug, Default)]
pub(super) struct Expiring(Mutex<Option<Arc<Days>>>);

impl Expiring {
    pub fn forget(&self) {
        *lock(&self.0) = None;
    }
}

impl ReadModel {
    /// Counts the certificates into `spans`, which begin and end with days.
    pub async fn expiring(&self, mut spans: Vec<ExpirySpan>) -> Result<Vec<ExpirySpan>, Error> {
        self.read(move |snapshot, connection| {
            let Some(lines) = &snapshot.lines else { return Ok(spans) };
            let days = lines.expiring(connection)?;
            for span in &mut spans {
                let (from, to) = (span.from.unix() / DAY, span.to.unix() / DAY);
                for (&(_, number), count) in days.range((from, 0)..(to, 0)) {
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
    fn expiring(&self, connection: &Connection) -> Result<Arc<Days>, rusqlite::Error> {
        // Held while it is counted: whoever comes meanwhile waits for the same.
        let mut kept = lock(&self.expiring.0);
        if let Some(days) = kept.as_ref() {
            return Ok(days.clone());
        }
        // What is revoked, and what nobody knows, stands behind all times.
        let select = format!(
            "SELECT standing / {DAY}, authority, count(*) FROM {} INDEXED BY {0}_state WHERE standing < {UNKNOWN} GROUP BY 2, 1",
            self.name()
        );
        let mut statement = connection.prepare(&select)?;
        let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
        let days = Arc::new(rows.collect::<Result<Days, _>>()?);
        *kept = Some(days.clone());
        Ok(days)
    }
}
