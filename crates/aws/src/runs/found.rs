//! What a run found, in items that are named by what they hold: two runs that found the same share them.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::found::{self, Found, FoundList};
use sha2::{Digest, Sha256};

use crate::{Aws, Error, Thing, keys};

const BYTES: &str = "found";

impl Aws {
    /// Keeps what a run found, before its end says where it is. Doing so again changes nothing.
    pub async fn keep_found(&self, found: Vec<Found>) -> Result<FoundList, Error> {
        let mut list = FoundList::default();
        let mut all = found;
        all.sort_unstable();
        all.dedup();
        list.count = u64::try_from(all.len()).unwrap_or(u64::MAX);
        // One at a time: a batch of such items is more than DynamoDB takes at once.
        for chunk in found::chunks(all) {
            let hash = hex::encode(Sha256::digest(&chunk));
            let mut item = keys::blob(&hash, 0).item();
            item.insert(BYTES.to_owned(), AttributeValue::B(Blob::new(chunk)));
            self.put_items(vec![item]).await?;
            list.chunks.push(hash);
        }
        Ok(list)
    }

    /// One chunk of it.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`]: it is not what its name says.
    pub async fn found(&self, chunk: &str) -> Result<Vec<Found>, Error> {
        let what = || format!("what a run found ({chunk:.64})");
        let item = self.item(Thing::Run, &keys::blob(chunk, 0)).await?;
        let bytes = item.as_ref().and_then(|item| item.get(BYTES)).and_then(|value| value.as_b().ok());
        let bytes = bytes.ok_or_else(|| Error::not_found(Thing::Run, what()))?;
        if hex::encode(Sha256::digest(bytes)) != chunk {
            return Err(Error::invalid("reading", what(), "somebody has changed it"));
        }
        found::read(bytes.as_ref()).map_err(|error| Error::invalid("reading", what(), error))
    }
}
