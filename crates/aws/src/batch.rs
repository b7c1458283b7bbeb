//! Many items of the console's table at once, without conditions.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{KeysAndAttributes, PutRequest, WriteRequest};
use futures::{StreamExt, TryStreamExt, stream};

use crate::error::sdk;
use crate::item::{Item, text};
use crate::keys::{self, Key};
use crate::partitions::Access;
use crate::transact::Backoff;
use crate::{Aws, Error, Thing};

const GET: &str = "dynamodb:BatchGetItem";
const WRITE: &str = "dynamodb:BatchWriteItem";
/// What one BatchGetItem takes, and one BatchWriteItem.
const GETS: usize = 100;
const WRITES: usize = 25;
/// How many batches are under way at once.
const AT_ONCE: usize = 8;

impl Aws {
    /// The items that there are, in no order. Each key may be there once.
    pub(crate) async fn items(&self, keys: Vec<Key>) -> Result<Vec<Item>, Error> {
        keys.iter().try_for_each(|key| self.may(Access::Read, &key.pk))?;
        let batches = keys.chunks(GETS).map(|batch| batch.iter().map(Key::item).collect::<Vec<_>>());
        let batches: Vec<_> = batches.collect();
        let answers = stream::iter(batches).map(|batch| self.get_batch(batch)).buffer_unordered(AT_ONCE);
        Ok(answers.try_collect::<Vec<_>>().await?.concat())
    }

    async fn get_batch(&self, keys: Vec<Item>) -> Result<Vec<Item>, Error> {
        let table = self.console_table();
        let wanted = KeysAndAttributes::builder().consistent_read(true).set_keys(Some(keys)).build();
        let mut wanted = wanted.map_err(|error| Error::invalid(GET, table, error))?;
        let (mut items, mut backoff) = (Vec::new(), Backoff::default());
        loop {
            let call = self.own.dynamodb.batch_get_item().request_items(table, wanted);
            let mut answer = call.send().await.map_err(sdk(GET, Thing::Table, table))?;
            items.extend(answer.responses.and_then(|mut tables| tables.remove(table)).unwrap_or_default());
            match answer.unprocessed_keys.as_mut().and_then(|tables| tables.remove(table)) {
                None => return Ok(items),
                Some(rest) => wanted = rest,
            }
            self.patience(GET, &mut backoff).await?;
        }
    }

    /// Writes these items over whatever is there. After an error some may be written.
    pub(crate) async fn put_items(&self, items: Vec<Item>) -> Result<(), Error> {
        for item in &items {
            self.may(Access::Write, text(Thing::Table, item, keys::PK)?)?;
        }
        let batches = stream::iter(items).chunks(WRITES);
        batches.map(|batch| self.put_batch(batch)).buffer_unordered(AT_ONCE).try_collect().await
    }

    async fn put_batch(&self, items: Vec<Item>) -> Result<(), Error> {
        let table = self.console_table();
        let puts = items.into_iter().map(|item| {
            let put = PutRequest::builder().set_item(Some(item)).build()?;
            Ok(WriteRequest::builder().put_request(put).build())
        });
        let puts: Result<Vec<_>, aws_sdk_dynamodb::error::BuildError> = puts.collect();
        let mut rest = puts.map_err(|error| Error::invalid(WRITE, table, error))?;
        let mut backoff = Backoff::default();
        loop {
            let requests = HashMap::from([(table.to_owned(), rest)]);
            let call = self.own.dynamodb.batch_write_item().set_request_items(Some(requests));
            let mut answer = call.send().await.map_err(sdk(WRITE, Thing::Table, table))?;
            match answer.unprocessed_items.as_mut().and_then(|tables| tables.remove(table)) {
                None => return Ok(()),
                Some(unprocessed) => rest = unprocessed,
            }
            self.patience(WRITE, &mut backoff).await?;
        }
    }

    async fn patience(&self, operation: &'static str, backoff: &mut Backoff) -> Result<(), Error> {
        let resource = self.console_table().to_owned();
        backoff.wait().await.then_some(()).ok_or(Error::Throttled { operation, resource })
    }
}
