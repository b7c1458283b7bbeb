//! Entries that have no place yet.

use domain::Timestamp;

use crate::item::{Item, text};
use crate::{Aws, Error, Thing, keys};

/// An entry that was committed and is still to be given its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplaced {
    /// When it was committed by the writer's clock, and which commit it was, so that they sort by time.
    pub id: String,
    /// As it will be hashed.
    pub text: String,
}

impl Unplaced {
    /// When it was committed. What somebody else has put there was put there at some time: that is 1970.
    pub fn committed_at(&self) -> Timestamp {
        let id = self.id.split_once('.').map_or(self.id.as_str(), |(id, _)| id);
        let at = uuid::Uuid::parse_str(id).ok().and_then(|id| id.get_timestamp());
        let at = at.and_then(|at| i64::try_from(at.to_unix().0).ok());
        at.and_then(|at| Timestamp::from_unix(at).ok()).unwrap_or(Timestamp::EPOCH)
    }
}

impl Aws {
    /// At most `limit` entries without a place, the oldest first.
    pub async fn unplaced(&self, limit: u32) -> Result<Vec<Unplaced>, Error> {
        let query = self.partition(keys::unplaced(), "").consistent_read(true);
        self.first(query, limit).await?.iter().map(unplaced).collect()
    }

    /// At most `limit` entries without a place, the newest first.
    pub async fn newest_unplaced(&self, limit: u32) -> Result<Vec<Unplaced>, Error> {
        let query = self.partition(keys::unplaced(), "").consistent_read(true).scan_index_forward(false);
        self.first(query, limit).await?.iter().map(unplaced).collect()
    }
}

fn unplaced(item: &Item) -> Result<Unplaced, Error> {
    let what = Thing::LedgerEntry;
    let (id, text) = (text(what, item, keys::SK)?.to_owned(), text(what, item, keys::BODY)?.to_owned());
    Ok(Unplaced { id, text })
}
