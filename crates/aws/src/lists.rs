//! Lists of certificates that people pasted or uploaded, until a request is made of them: named by what they say, in items
//! that stay below DynamoDB's 400 KB.

use std::time::Duration;

use domain::revocation::{ListId, SerialList, Unread};
use domain::{Serial, Timestamp};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};

use crate::item::{Item, body, json, n};
use crate::{Aws, Error, Thing, keys};

/// How many serial numbers one item holds, of at most 43 bytes of JSON each.
const CHUNK: usize = 7000;
/// How long a list is kept: who comes back later sends it again.
const KEPT: Duration = Duration::from_secs(2 * 86_400);

/// What one item holds.
#[derive(Serialize, Deserialize)]
struct Part {
    serials: Vec<Serial>,
    /// In the first one.
    unread: Unread,
}

impl Aws {
    /// Keeps a list for two days. Doing so again changes nothing.
    pub async fn keep_list(&self, list: &SerialList, now: Timestamp) -> Result<ListId, Error> {
        let (id, expires) = (list.id(), n(now.plus(KEPT).unix()));
        let first = Part { serials: Vec::new(), unread: list.unread.clone() };
        let chunks = list.serials.chunks(CHUNK);
        let chunks = chunks.map(|chunk| Part { serials: chunk.to_vec(), unread: Unread::default() });
        // One at a time: a batch of such items is more than DynamoDB takes at once.
        for (place, part) in [first].into_iter().chain(chunks).enumerate() {
            let mut item = keys::list_part(&id, place).item();
            item.insert(keys::BODY.to_owned(), json(Thing::List, &part)?);
            item.insert(keys::EXPIRES.to_owned(), expires.clone());
            self.put_items(vec![item]).await?;
        }
        Ok(id)
    }

    /// # Errors
    /// [`Error::NotFound`]: it is not there any more, or it is another one than its name says.
    pub async fn kept_list(&self, id: &ListId) -> Result<SerialList, Error> {
        let items: Vec<Item> = self.all(self.partition(keys::list_parts(id), "")).try_collect().await?;
        let mut list = SerialList::default();
        for item in &items {
            let part: Part = body(Thing::List, item)?;
            list.serials.extend(part.serials);
            list.unread.count += part.unread.count;
            list.unread.first.extend(part.unread.first);
        }
        match list.id() == *id {
            true => Ok(list),
            false => Err(Error::not_found(Thing::List, id.as_str())),
        }
    }
}
