//! Notifications of alerts: put with the finding that they tell of, in its transaction, and kept with what became of them.

use domain::finding::{Message, Notification};
use domain::{FindingId, Timestamp};
use futures::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};

use crate::item::{Item, body, json, n, s};
use crate::{Aws, Change, Error, Thing, keys};

/// A message on its way, or one that has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub message: Message,
    pub state: Notification,
}

impl Aws {
    /// A new one.
    pub fn put_notice(&self, notice: &Notice) -> Result<Change, Error> {
        Ok(put(notice)?.when_absent())
    }

    /// Those that are due, the longest overdue first, `limit` at most, as they were a moment ago. One that cannot be read is
    /// nobody's to deliver, and keeps no other back: the finding that it tells of is in the lists.
    pub async fn due_notices(&self, now: Timestamp, limit: usize) -> Result<Vec<Notice>, Error> {
        let notices = self.all(self.list(keys::due_notices(), "")).try_filter_map(async |item| {
            let notice = body::<Notice>(Thing::Notification, &item);
            Ok(notice.inspect_err(|error| tracing::error!("a notification is not delivered: {error}")).ok())
        });
        let mut notices: Vec<Notice> = notices.take(limit).try_collect().await?;
        notices.retain(|notice| notice.state.next_attempt.is_some_and(|at| at <= now));
        Ok(notices)
    }

    /// What became of an attempt. The ledger is not told.
    ///
    /// # Errors
    /// [`Error::Conflict`]: another attempt was recorded since `attempts` had been made.
    pub async fn save_notice(&self, notice: &Notice, attempts: u32) -> Result<(), Error> {
        let put = put(notice)?.when("attempts = :attempts", [(":attempts", n(attempts))]);
        self.apply(&[put]).await
    }

    /// Those about one finding, the oldest first.
    pub async fn notices_of(&self, finding: &FindingId) -> Result<Vec<Notice>, Error> {
        let items: Vec<Item> = self.all(self.partition(keys::notices_of(finding), "")).try_collect().await?;
        items.iter().map(|item| body(Thing::Notification, item)).collect()
    }
}

fn put(notice: &Notice) -> Result<Change, Error> {
    let Notice { message, state } = notice;
    let mut attributes =
        vec![(keys::BODY, json(Thing::Notification, notice)?), ("attempts", n(state.attempts))];
    if let Some(next) = state.next_attempt {
        attributes.push((keys::LIST_PK, s(keys::due_notices())));
        attributes.push((keys::LIST_SK, s(keys::notices_list_sk(next, &message.id))));
    }
    let key = keys::notice(&message.finding, &message.id);
    Ok(Change::put(Thing::Notification, &message.id, key, attributes))
}
