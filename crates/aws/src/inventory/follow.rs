//! Following the stream of the inventory: what is written to the table, soon after it is (developer guide, "Change data capture
//! for DynamoDB Streams").

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::StreamViewType;
use aws_sdk_dynamodbstreams::error::ProvideErrorMetadata;
use aws_sdk_dynamodbstreams::types::{AttributeValue, OperationType, Record, ShardIteratorType};
use domain::inventory::{Attribute, ReadItem};

use super::UnreadableItem;
use crate::error::sdk;
use crate::{Aws, Error, InventorySettings, Thing};

/// What became of one item.
#[derive(Clone, Debug)]
pub struct ItemChange {
    /// Its keys, as they are written.
    pub device: String,
    pub serial_key: String,
    /// As it is now; `None`: it was deleted.
    pub item: Option<Result<ReadItem, UnreadableItem>>,
}

/// A stream that is followed, and how far.
#[derive(Debug)]
pub struct Follower {
    stream: String,
    /// Where each shard is read on that is not at its end.
    iterators: BTreeMap<String, String>,
    /// All shards that were there.
    seen: BTreeSet<String>,
    /// Whether it began with the oldest that the stream has.
    from_the_beginning: bool,
}

impl Follower {
    /// The stream's ARN.
    pub fn stream(&self) -> &str {
        &self.stream
    }

    /// Whether it tells all that was written in the last 24 hours.
    pub fn is_from_the_beginning(&self) -> bool {
        self.from_the_beginning
    }
}

/// What codes say that something of a stream is not to be had any more.
const LOST: [&str; 3] =
    ["ExpiredIteratorException", "TrimmedDataAccessException", "ResourceNotFoundException"];

impl Aws {
    /// Begins to follow the inventory's stream at its end; the one that `is_kept` knows, from its beginning. `None`: there is none with the
    /// new images of items.
    pub async fn follow_inventory(&self, is_kept: impl Fn(&str) -> bool) -> Result<Option<Follower>, Error> {
        let table = &self.inventory().table;
        let answer = self.own.dynamodb.describe_table().table_name(table).send().await;
        let answer = answer.map_err(sdk("dynamodb:DescribeTable", Thing::Table, table))?;
        let Some(table) = answer.table else { return Ok(None) };
        let view = table.stream_specification().filter(|stream| stream.stream_enabled);
        let has_images = view
            .and_then(|stream| stream.stream_view_type.as_ref())
            .is_some_and(|view| matches!(view, StreamViewType::NewImage | StreamViewType::NewAndOldImages));
        let Some(stream) = table.latest_stream_arn.filter(|_| has_images) else { return Ok(None) };
        let from_the_beginning = is_kept(&stream);
        let (iterators, seen) = Default::default();
        let mut follower = Follower { stream, iterators, seen, from_the_beginning };
        let from =
            if from_the_beginning { ShardIteratorType::TrimHorizon } else { ShardIteratorType::Latest };
        self.enter(&mut follower, &from).await?;
        Ok(Some(follower))
    }

    /// What was written since the last time, at most a page of each shard; nothing: that was all. `None`: something was lost.
    pub async fn followed(&self, follower: &mut Follower) -> Result<Option<Vec<ItemChange>>, Error> {
        let mut changes = Vec::new();
        let mut next = BTreeMap::new();
        for (shard, iterator) in &follower.iterators {
            let answer = self.own.streams.get_records().shard_iterator(iterator).send().await;
            let answer = match answer {
                Err(error) if error.code().is_some_and(|code| LOST.contains(&code)) => return Ok(None),
                answer => answer.map_err(sdk("dynamodb:GetRecords", Thing::Table, &follower.stream))?,
            };
            changes.extend(answer.records().iter().filter_map(|record| self.inventory().change(record)));
            next.extend(answer.next_shard_iterator.map(|iterator| (shard.clone(), iterator)));
        }
        let ended = next.len() < follower.iterators.len();
        if ended {
            // What follows on a shard that has ended began while it was read.
            let (stream, seen) = (follower.stream.clone(), follower.seen.clone());
            let mut entered = Follower { iterators: next, stream, seen, ..*follower };
            self.enter(&mut entered, &ShardIteratorType::TrimHorizon).await?;
            *follower = entered;
        } else {
            follower.iterators = next;
        }
        // A stream that is followed always has an open shard: this one was switched off, or its next shard is not listed yet.
        Ok((!follower.iterators.is_empty()).then_some(changes))
    }

    /// Reads shards that were not there before: from their ends at first, and later from their beginnings.
    async fn enter(&self, follower: &mut Follower, from: &ShardIteratorType) -> Result<(), Error> {
        let (mut after, mut waiting) = (None, BTreeSet::new());
        loop {
            let describe = self.own.streams.describe_stream().stream_arn(&follower.stream);
            let answer = describe.set_exclusive_start_shard_id(after).send().await;
            let answer = answer.map_err(sdk("dynamodb:DescribeStream", Thing::Table, &follower.stream))?;
            let Some(description) = answer.stream_description else { return Ok(()) };
            for shard in description.shards() {
                // What was written after a shard is read after it, and after those that wait for it in turn: parents are listed first.
                let Some(id) = shard.shard_id().filter(|id| !follower.seen.contains(*id)) else { continue };
                let is_before =
                    |parent: &str| follower.iterators.contains_key(parent) || waiting.contains(parent);
                if *from == ShardIteratorType::TrimHorizon && shard.parent_shard_id().is_some_and(is_before) {
                    waiting.insert(id.to_owned());
                    continue;
                }
                let call = self.own.streams.get_shard_iterator().stream_arn(&follower.stream);
                let call = call.shard_id(id).shard_iterator_type(from.clone()).send().await;
                let call = call.map_err(sdk("dynamodb:GetShardIterator", Thing::Table, &follower.stream))?;
                follower.iterators.extend(call.shard_iterator.map(|iterator| (id.to_owned(), iterator)));
                follower.seen.insert(id.to_owned());
            }
            after = description.last_evaluated_shard_id;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

impl InventorySettings {
    /// `None`: a record without keys.
    fn change(&self, record: &Record) -> Option<ItemChange> {
        let written = record.dynamodb()?;
        let keys = written.keys()?;
        let key = |name: &str| match keys.get(name)? {
            AttributeValue::S(text) | AttributeValue::N(text) => Some(text.clone()),
            _ => None,
        };
        let removed = matches!(record.event_name(), Some(OperationType::Remove));
        Some(ItemChange {
            device: key(&self.attributes.device_id)?,
            serial_key: key(&self.attributes.cert_serial)?,
            item: written.new_image().filter(|_| !removed).map(|image| self.image(image)),
        })
    }

    fn image(&self, image: &HashMap<String, AttributeValue>) -> Result<ReadItem, UnreadableItem> {
        self.read_by(|name| {
            Some(match image.get(name)? {
                AttributeValue::S(text) => Attribute::Text(text),
                AttributeValue::N(number) => Attribute::Number(number),
                AttributeValue::Null(_) => Attribute::Null,
                _ => Attribute::Other,
            })
        })
    }
}
