//! The targets of a request, in items that stay below DynamoDB's 400 KB.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;
use domain::revocation::{RequestId, Target};
use futures::TryStreamExt;

use crate::item::{Item, body, n, s};
use crate::{Aws, Error, Thing, keys};

/// The most that one item holds, in bytes of JSON.
const CHUNK: usize = 300_000;
/// How long the targets of what nobody has asked for yet are kept: longer than a sign-in may take.
const KEPT: Duration = Duration::from_secs(86_400);

impl Aws {
    /// Keeps for a day the targets of what is to become a request once its requester has signed for it:
    /// [`Aws::create_request`] keeps them for good.
    pub async fn keep_targets(
        &self,
        id: &RequestId,
        targets: &[Target],
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut items = chunks(id, targets)?;
        let expires = n(now.plus(KEPT).unix());
        items.iter_mut().for_each(|item| drop(item.insert(keys::EXPIRES.to_owned(), expires.clone())));
        self.put_items(items).await
    }

    /// The targets as they are stored, by serial number. Whether they are those that were approved, only
    /// [`domain::revocation::Request::approved`] says.
    pub async fn request_targets(&self, id: &RequestId) -> Result<Vec<Target>, Error> {
        let query = self.partition(keys::request_parts(id), keys::TARGETS);
        let items: Vec<Item> = self.all(query).try_collect().await?;
        let chunks = items.iter().map(|item| body::<Vec<Target>>(Thing::Request, item));
        Ok(chunks.collect::<Result<Vec<_>, _>>()?.concat())
    }
}

pub(super) fn chunks(id: &RequestId, targets: &[Target]) -> Result<Vec<Item>, Error> {
    let mut chunks = vec![String::new()];
    for target in targets {
        let text = serde_json::to_string(target)
            .map_err(|error| Error::invalid("writing JSON", "a target", error))?;
        if chunks.last().is_some_and(|chunk| chunk.len() + text.len() > CHUNK) {
            chunks.push(String::new());
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.push_str(if chunk.is_empty() { "[" } else { "," });
            chunk.push_str(&text);
        }
    }
    let item = |(place, chunk): (usize, String)| {
        let mut item = keys::targets(id, place).item();
        let body: AttributeValue = s(chunk + "]");
        item.insert(keys::BODY.to_owned(), body);
        item
    };
    Ok(chunks.into_iter().enumerate().filter(|(_, chunk)| !chunk.is_empty()).map(item).collect())
}
