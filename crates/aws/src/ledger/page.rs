//! A page of the ledger, newest first.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ledger::Entry;

use super::entry;
use crate::item::s;
use crate::{Aws, Error, keys};

impl Aws {
    /// At most `limit` entries with numbers below `before` (from the newest on without it), newest first.
    pub async fn ledger_page(&self, before: Option<u64>, limit: u32) -> Result<Vec<Entry>, Error> {
        let last = before.unwrap_or(u64::MAX).saturating_sub(1);
        let query = self
            .query()
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", AttributeValue::S(keys::ledger()))
            .expression_attribute_values(":first", s(keys::ledger_entry(0).sk))
            .expression_attribute_values(":last", s(keys::ledger_entry(last).sk))
            .scan_index_forward(false);
        self.first(query, limit).await?.iter().map(entry).collect()
    }
}
