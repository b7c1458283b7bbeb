//! What is done to many findings at once: the item that says how far it is, and the frozen findings in items of their own.

use std::time::Duration;

use domain::finding::{Bulk, Seen};
use domain::{BulkId, Timestamp};

use crate::item::{Item, body, json, n, s};
use crate::{Aws, Change, Error, Thing, keys};

/// How many findings one item holds: at most 700 bytes each, below DynamoDB's 400 KB.
const PART: u64 = 500;
/// How many such items are written at once: a batch has 16 MB at most.
const AT_ONCE: usize = 25;
/// How long the frozen findings are kept: far longer than any of it takes.
const KEPT: Duration = Duration::from_secs(30 * 86_400);

const VERSION: &str = "version";

impl Aws {
    /// Keeps the findings that something is to be done to, in their order, before anything says that it is.
    pub async fn keep_bulk_findings(&self, id: &BulkId, seen: &[Seen], now: Timestamp) -> Result<(), Error> {
        let expires = n(now.plus(KEPT).unix());
        let part = usize::try_from(PART).unwrap_or(usize::MAX);
        let parts = seen.chunks(part).enumerate().map(|(place, part)| {
            let mut item = keys::bulk_part(id, u64::try_from(place).unwrap_or(u64::MAX)).item();
            item.insert(keys::BODY.to_owned(), json(Thing::Bulk, &part)?);
            item.insert(keys::EXPIRES.to_owned(), expires.clone());
            Ok(item)
        });
        let parts: Vec<Item> = parts.collect::<Result<_, Error>>()?;
        for batch in parts.chunks(AT_ONCE) {
            self.put_items(batch.to_vec()).await?;
        }
        Ok(())
    }

    /// Some of the frozen findings, from this place on.
    ///
    /// # Errors
    /// [`Error::NotFound`]: there are none any more.
    pub async fn bulk_findings(&self, id: &BulkId, from: u64) -> Result<Vec<Seen>, Error> {
        let item = self.item(Thing::Bulk, &keys::bulk_part(id, from / PART)).await?;
        let item = item.ok_or_else(|| Error::not_found(Thing::Bulk, id.as_str()))?;
        let mut part: Vec<Seen> = body(Thing::Bulk, &item)?;
        let before = usize::try_from(from % PART).unwrap_or(usize::MAX).min(part.len());
        Ok(part.split_off(before))
    }

    /// Writes how far it is, in the place of the version before; the first one is new.
    pub fn save_bulk(&self, bulk: &Bulk) -> Result<Change, Error> {
        let mut attributes = vec![(keys::BODY, json(Thing::Bulk, bulk)?), (VERSION, n(bulk.version))];
        if bulk.end.is_none() {
            attributes.push((keys::LIST_PK, s(keys::bulks_under_way())));
            attributes.push((keys::LIST_SK, s(bulk.id.as_str())));
        }
        let put = Change::put(Thing::Bulk, bulk.id.as_str(), keys::bulk(&bulk.id), attributes);
        Ok(match bulk.version {
            1 => put.when_absent(),
            next => put.when("version = :before", [(":before", n(next - 1))]),
        })
    }

    /// # Errors
    /// [`Error::NotFound`]
    pub async fn bulk(&self, id: &BulkId) -> Result<Bulk, Error> {
        let item = self.item(Thing::Bulk, &keys::bulk(id)).await?;
        body(Thing::Bulk, &item.ok_or_else(|| Error::not_found(Thing::Bulk, id.as_str()))?)
    }

    /// What goes on, the first asked for first, `limit` at most, as it was a moment ago.
    pub async fn bulks_under_way(&self, limit: u32) -> Result<Vec<Bulk>, Error> {
        let query = self.list(keys::bulks_under_way(), "");
        self.first(query, limit).await?.iter().map(|item| body(Thing::Bulk, item)).collect()
    }
}
