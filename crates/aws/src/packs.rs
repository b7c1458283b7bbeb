//! Packs of evidence: the item that says how far one is, and the parts of its file in items of their own. Each attempt to make the
//! file has parts of its own, so that two workers cannot mix theirs; those that lead nowhere expire.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::views::{Pack, PackFile};
use domain::{PackId, Timestamp};

use crate::item::{body, json, n, s};
use crate::partitions::Partition;
use crate::{Aws, Change, Error, Thing, keys};

const VERSION: &str = "version";
const BYTES: &str = "bytes";

impl Aws {
    /// The most bytes of one part: below DynamoDB's 400 KB.
    pub const PACK_PART: usize = 350_000;

    /// Writes how far it is, in the place of the version before; the first one is new.
    pub fn save_pack(&self, pack: &Pack) -> Result<Change, Error> {
        let mut attributes = vec![
            (keys::BODY, json(Thing::Pack, pack)?),
            (VERSION, n(pack.version)),
            (keys::EXPIRES, n(pack.expires().unix())),
        ];
        if pack.is_under_way() {
            attributes.push((keys::LIST_PK, s(Partition::PacksUnderWay.key(""))));
            attributes.push((keys::LIST_SK, s(pack.id.as_str())));
        }
        let put = Change::put(Thing::Pack, pack.id.as_str(), keys::pack(&pack.id), attributes);
        Ok(match pack.version {
            1 => put.when_absent(),
            next => put.when("version = :before", [(":before", n(next - 1))]),
        })
    }

    /// # Errors
    /// [`Error::NotFound`]
    pub async fn pack(&self, id: &PackId) -> Result<Pack, Error> {
        let item = self.item(Thing::Pack, &keys::pack(id)).await?;
        body(Thing::Pack, &item.ok_or_else(|| Error::not_found(Thing::Pack, id.as_str()))?)
    }

    /// Those of late, the newest first, `limit` at most.
    pub async fn packs(&self, limit: u32) -> Result<Vec<Pack>, Error> {
        let query = self.partition(Partition::Packs.key(""), "").scan_index_forward(false);
        self.first(query, limit).await?.iter().map(|item| body(Thing::Pack, item)).collect()
    }

    /// What is being made, the first asked for first, `limit` at most, as it was a moment ago.
    pub async fn packs_under_way(&self, limit: u32) -> Result<Vec<Pack>, Error> {
        let query = self.list(Partition::PacksUnderWay.key(""), "");
        self.first(query, limit).await?.iter().map(|item| body(Thing::Pack, item)).collect()
    }

    /// Keeps a part of an attempt's file until `expires`. Nobody reads it before the pack says that all are there.
    pub async fn put_pack_part(
        &self,
        id: &PackId,
        (attempt, place): (&str, u64),
        bytes: Vec<u8>,
        expires: Timestamp,
    ) -> Result<(), Error> {
        let mut item = keys::pack_part(id, attempt, place).item();
        item.insert(BYTES.to_owned(), AttributeValue::B(Blob::new(bytes)));
        item.insert(keys::EXPIRES.to_owned(), n(expires.unix()));
        self.put_items(vec![item]).await
    }

    /// A part of the whole file.
    ///
    /// # Errors
    /// [`Error::NotFound`]: it is not kept any more.
    pub async fn pack_part(&self, id: &PackId, file: &PackFile, place: u64) -> Result<Vec<u8>, Error> {
        let item = self.item(Thing::Pack, &keys::pack_part(id, &file.attempt, place)).await?;
        match item.as_ref().and_then(|item| item.get(BYTES)) {
            Some(AttributeValue::B(bytes)) => Ok(bytes.as_ref().to_vec()),
            _ => Err(Error::not_found(Thing::Pack, format!("{id}, part {place}"))),
        }
    }
}
