//! What people are told. The outbox: put with the change that it tells of, in its transaction. Then notices, each once, and
//! beside each what becomes of it at each channel.

use std::time::Duration;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use domain::Timestamp;
use domain::ledger::{About, Body};
use domain::notify::{Delivery, Notice, Telling, Told, concerning};
use futures::{StreamExt, TryStreamExt, future};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::item::{Item, body, json, n, s};
use crate::partitions::Partition;
use crate::{Aws, Change, Error, Thing, keys};

/// How long a notice and its deliveries are kept.
const KEPT: Duration = Duration::from_secs(90 * 24 * 3600);

/// A notice on its way to a channel, or one that has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    pub notice: Notice,
    pub delivery: Delivery,
}

impl Aws {
    /// It is to be told; for the commit of what it tells of.
    pub fn tell(&self, telling: &Telling) -> Result<Change, Error> {
        let attributes = [(keys::BODY, json(Thing::Notification, telling)?), (LEFT, n(telling.left()))];
        Ok(Change::put(Thing::Notification, &telling.id, keys::telling(&telling.id), attributes))
    }

    /// The same of what entries say that are committed as `id`. `None`: it concerns nobody.
    pub(crate) fn tell_of(&self, id: &str, entries: &[(String, &Body)]) -> Result<Option<Change>, Error> {
        let told = entries.iter().filter_map(|(id, entry)| Some((id.clone(), concerning(entry)?)));
        let told: Vec<_> = told.collect();
        if told.is_empty() {
            return Ok(None);
        }
        self.tell(&Telling { id: id.to_owned(), what: Told::Entries(told) }).map(Some)
    }

    /// What is to be told, the oldest first, `limit` at most. What cannot be read keeps no other back, and is told of in the log.
    pub async fn tellings(&self, limit: u32) -> Result<Vec<Telling>, Error> {
        self.readable(self.partition(keys::tellings(), ""), limit).await
    }

    /// Puts `rest`, what is left to be told of it, in the place of `telling`, and the notice with its deliveries, or nothing.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it was told by somebody else, or the notice is there.
    pub async fn spread(
        &self,
        telling: &Telling,
        rest: Option<&Telling>,
        told: Option<(&Notice, &[Delivery])>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let unchanged = |change: Change| change.when("left_to_tell = :left", [(":left", n(telling.left()))]);
        let key = keys::telling(&telling.id);
        let mut changes = vec![match rest {
            None => unchanged(Change::delete(Thing::Notification, &telling.id, key)),
            Some(rest) => unchanged(self.tell(rest)?),
        }];
        if let Some((notice, deliveries)) = told {
            changes.push(put_notice(notice, now)?.when_absent());
            for delivery in deliveries {
                changes.push(put_sending(notice, delivery, now)?.when_absent());
            }
        }
        self.apply(&changes).await
    }

    /// Whether such a notice was made.
    pub async fn is_told(&self, about: Option<&About>, id: &str) -> Result<bool, Error> {
        Ok(self.item(Thing::Notification, &keys::notice(about, id)).await?.is_some())
    }

    /// What is due at a channel, the longest overdue first, `limit` at most, as it was a moment ago. One that cannot be read is
    /// nobody's to deliver, and keeps no other back.
    pub async fn due_at(&self, channel: &str, now: Timestamp, limit: u32) -> Result<Vec<Sending>, Error> {
        let query = self
            .list(Partition::Delivering.key(channel), "")
            .key_condition_expression("list_pk = :pk AND list_sk < :later")
            .expression_attribute_values(":later", s(keys::moment(now.plus(Duration::from_secs(1)))));
        self.readable(query, limit).await
    }

    /// What waits for a channel, the first to be tried first, `limit` at most.
    pub async fn waiting_at(&self, channel: &str, limit: u32) -> Result<Vec<Sending>, Error> {
        let query = self.list(Partition::Delivering.key(channel), "");
        self.readable(query, limit).await
    }

    /// What a channel has taken or what was given up, the last first, `limit` at most.
    pub async fn ended_at(&self, channel: &str, limit: u32) -> Result<Vec<Sending>, Error> {
        let query = self.list(Partition::Delivered.key(channel), "").scan_index_forward(false);
        self.readable(query, limit).await
    }

    /// What became of an attempt. The ledger is not told.
    ///
    /// # Errors
    /// [`Error::Conflict`]: another attempt was recorded since `attempts` had been made.
    pub async fn save_sending(&self, sending: &Sending, attempts: u32, now: Timestamp) -> Result<(), Error> {
        let put = put_sending(&sending.notice, &sending.delivery, now)?;
        self.apply(&[put.when("attempts = :attempts", [(":attempts", n(attempts))])]).await
    }

    /// What became of telling people about something, the first notice first.
    pub async fn sendings_about(&self, about: &About) -> Result<Vec<Sending>, Error> {
        let query = self.partition(keys::notices_about(Some(about)), "");
        let of_channels = self.all(query).try_filter(|item| future::ready(item.contains_key(ATTEMPTS)));
        let mut sendings: Vec<Sending> = of_channels.try_filter_map(readable).try_collect().await?;
        sendings.sort_by_key(|one| one.delivery.due_at);
        Ok(sendings)
    }

    /// What people were told of late, the last first, `limit` at most, as it was a moment ago.
    pub async fn told(&self, limit: u32) -> Result<Vec<Notice>, Error> {
        let query = self.list(Partition::Told.key(""), "").scan_index_forward(false);
        self.readable(query, limit).await
    }

    /// The first that can be read, `limit` at most: what stands in front of them and cannot is passed over.
    async fn readable<T: DeserializeOwned>(
        &self,
        query: QueryFluentBuilder,
        limit: u32,
    ) -> Result<Vec<T>, Error> {
        let query = query.limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let found = self.all(query).try_filter_map(readable);
        found.take(usize::try_from(limit).unwrap_or(usize::MAX)).try_collect().await
    }
}

/// `None`: it cannot be read, which the log is told.
async fn readable<T: DeserializeOwned>(item: Item) -> Result<Option<T>, Error> {
    let read = body::<T>(Thing::Notification, &item);
    Ok(read.inspect_err(|error| tracing::error!("a notification cannot be read: {error}")).ok())
}

/// How many notices a telling still makes.
const LEFT: &str = "left_to_tell";
/// Deliveries have it, and notices do not.
const ATTEMPTS: &str = "attempts";

fn put_notice(notice: &Notice, now: Timestamp) -> Result<Change, Error> {
    let attributes = [
        (keys::BODY, json(Thing::Notification, notice)?),
        (keys::EXPIRES, n(now.plus(KEPT).unix())),
        (keys::LIST_PK, s(Partition::Told.key(""))),
        (keys::LIST_SK, s(keys::at_of(now, &notice.id))),
    ];
    let key = keys::notice(notice.about.as_ref(), &notice.id);
    Ok(Change::put(Thing::Notification, &notice.id, key, attributes))
}

fn put_sending(notice: &Notice, delivery: &Delivery, now: Timestamp) -> Result<Change, Error> {
    let sending = Sending { notice: notice.clone(), delivery: delivery.clone() };
    let (list, at) = match delivery.next_attempt {
        Some(next) => (Partition::Delivering, next),
        None => (Partition::Delivered, now),
    };
    let attributes = [
        (keys::BODY, json(Thing::Notification, &sending)?),
        (ATTEMPTS, n(delivery.attempts)),
        (keys::EXPIRES, n(now.plus(KEPT).unix())),
        (keys::LIST_PK, s(list.key(&delivery.channel))),
        (keys::LIST_SK, s(keys::at_of(at, &notice.id))),
    ];
    let key = keys::sending(notice.about.as_ref(), &notice.id, &delivery.channel);
    Ok(Change::put(Thing::Notification, &notice.id, key, attributes))
}
