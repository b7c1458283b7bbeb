//! How many rows the records have and of when they are, for /metrics (docs/OPERATING.md).

use domain::Timestamp;
use metrics::gauge;

use super::database::{Database, DatabaseError, Table};
use super::snapshot::Snapshot;

impl Snapshot {
    /// What readers see from now on.
    pub(super) fn measure(&self, database: &Database) -> Result<(), DatabaseError> {
        let count = |table: &Table| {
            let count = format!("SELECT total(1) FROM {}", table.name());
            database.read(|connection| connection.query_row(&count, [], |row| row.get::<_, f64>(0)))
        };
        if let Some(inventory) = &self.inventory {
            measure("inventory", count(&inventory.table)?, inventory.as_of);
        }
        let rows = self.reports.values().map(|report| count(&report.table)).sum::<Result<f64, _>>()?;
        if let Some(oldest) = self.reports.values().map(|report| report.created_at).min() {
            measure("reports", rows, oldest);
        }
        Ok(())
    }
}

pub(super) fn measure(records: &'static str, rows: f64, as_of: Timestamp) {
    gauge!("countersign_records_rows", "records" => records).set(rows);
    gauge!("countersign_records_as_of_timestamp_seconds", "records" => records)
        .set(as_of.since(Timestamp::EPOCH));
}
