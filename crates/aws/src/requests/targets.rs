//! The targets of a request, in items that stay below DynamoDB's 400 KB.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::revocation::{RequestId, Target};
use futures::TryStreamExt;

use crate::item::{Item, body, s};
use crate::{Aws, Error, Thing, keys};

/// The most that one item holds, in bytes of JSON.
const CHUNK: usize = 300_000;

impl Aws {
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
