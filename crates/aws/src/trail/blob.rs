//! Bytes of any length in items that stay below DynamoDB's 400 KB: within their item, or in items of their own that are
//! named by what they hold, so that two writers cannot mix theirs.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest, Sha256};

use crate::item::{Item, n, number, s, text};
use crate::{Aws, Change, Error, Thing, keys};

/// The most bytes that one item holds.
const PART: usize = 300_000;
const BYTES: &str = "gz";
const HASH: &str = "gz_hash";
const PARTS: &str = "gz_parts";

impl Aws {
    /// Writes what does not fit into the item itself, and gives the attributes that lead to the bytes. Repeating it does
    /// no harm; nobody sees the bytes before an item with these attributes is there.
    pub(super) async fn put_blob(
        &self,
        bytes: Vec<u8>,
    ) -> Result<Vec<(&'static str, AttributeValue)>, Error> {
        if bytes.len() <= PART {
            return Ok(vec![(BYTES, binary(bytes))]);
        }
        let hash = hex::encode(Sha256::digest(&bytes));
        let parts = bytes.chunks(PART).enumerate().map(|(place, part)| {
            let mut item = keys::blob(&hash, place).item();
            item.insert(BYTES.to_owned(), binary(part.to_vec()));
            item
        });
        let parts: Vec<Item> = parts.collect();
        let count = parts.len();
        // One at a time: a batch of such items is more than DynamoDB takes at once.
        for part in parts {
            self.put_items(vec![part]).await?;
        }
        Ok(vec![(HASH, s(hash)), (PARTS, n(count))])
    }

    /// The bytes that the attributes of an item lead to.
    pub(super) async fn blob(&self, what: Thing, item: &Item) -> Result<Vec<u8>, Error> {
        if let Some(AttributeValue::B(bytes)) = item.get(BYTES) {
            return Ok(bytes.as_ref().to_vec());
        }
        let hash = text(what, item, HASH)?;
        let mut bytes = Vec::new();
        for place in 0..number::<usize>(what, item, PARTS)? {
            let part = self.item(what, &keys::blob(hash, place)).await?;
            match part.as_ref().and_then(|part| part.get(BYTES)) {
                Some(AttributeValue::B(part)) => bytes.extend_from_slice(part.as_ref()),
                _ => return Err(Error::not_found(what, format!("{hash}, part {place}"))),
            }
        }
        Ok(bytes)
    }

    /// Deletes the parts that an item which is no longer there led to.
    pub(super) async fn forget_blob(&self, item: &Item) -> Result<(), Error> {
        let Ok(hash) = text(Thing::Trail, item, HASH) else { return Ok(()) };
        for place in 0..number::<usize>(Thing::Trail, item, PARTS)? {
            self.apply(&[Change::delete(Thing::Trail, hash, keys::blob(hash, place))]).await?;
        }
        Ok(())
    }
}

/// Whether both lead to the same bytes in items of their own.
pub(super) fn same(item: &Item, attributes: &[(&'static str, AttributeValue)]) -> bool {
    attributes.iter().any(|(name, value)| *name == HASH && item.get(HASH) == Some(value))
}

fn binary(bytes: Vec<u8>) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}
