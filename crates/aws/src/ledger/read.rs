//! Entries that have their place.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::RequestId;
use domain::ledger::Entry;
use futures::{Stream, StreamExt, TryStreamExt};

use super::entry;
use crate::item::s;
use crate::{Aws, Error, keys};

impl Aws {
    /// The place of the last entry that has one; 0: there is none.
    pub async fn last_placed(&self) -> Result<u64, Error> {
        Ok(self.ledger_page(None, 1).await?.first().map_or(0, |entry| entry.seq))
    }

    /// At most `limit` entries with numbers below `before` (from the newest on without it), newest first.
    pub async fn ledger_page(&self, before: Option<u64>, limit: u32) -> Result<Vec<Entry>, Error> {
        let last = before.unwrap_or(u64::MAX).saturating_sub(1);
        let query = self.between(0, last).scan_index_forward(false);
        self.first(query, limit).await?.iter().map(entry).collect()
    }

    /// The entries from number `first` on, in their order.
    pub fn placed_from(&self, first: u64) -> impl Stream<Item = Result<Entry, Error>> + use<> {
        self.all(self.between(first, u64::MAX)).map(|item| entry(&item?))
    }

    /// What the ledger says of a request, oldest first. What was placed a moment ago may be missing.
    pub async fn entries_of_request(&self, id: &RequestId) -> Result<Vec<Entry>, Error> {
        let items: Vec<_> = self.all(self.list(keys::entries_of_request(id), "")).try_collect().await?;
        items.iter().map(entry).collect()
    }

    fn between(&self, first: u64, last: u64) -> QueryFluentBuilder {
        self.query()
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", AttributeValue::S(keys::ledger()))
            .expression_attribute_values(":first", s(keys::ledger_entry(first).sk))
            .expression_attribute_values(":last", s(keys::ledger_entry(last).sk))
    }
}
