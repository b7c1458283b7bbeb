//! Findings by what changed: whoever keeps them all reads them once, and then what was written since.

use domain::{Finding, Timestamp};
use futures::stream::{self, Stream, StreamExt};

use super::item::finding;
use crate::item::{Item, s, text};
use crate::{Aws, Error, Thing, keys};

/// A finding, whatever its state, as it was last written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub finding: Finding,
    /// By the clock of who wrote it; 1970 where that cannot be read.
    pub at: Timestamp,
}

impl Aws {
    /// The findings that were written at or after `since`, closed ones too, in no order, as they were a moment ago; all
    /// there are since [`Timestamp::EPOCH`]. One that is written meanwhile may come twice: the higher version is the newer
    /// one.
    ///
    /// Go on from the newest [`Written::at`] so far, less two minutes: a commit may wait that long for its turn in the
    /// ledger, clocks differ, and the index is behind.
    pub fn findings_written_since(
        &self,
        since: Timestamp,
    ) -> impl Stream<Item = Result<Written, Error>> + use<> {
        let shards = (0..keys::SHARDS).map(|shard| {
            let query = self
                .list(keys::findings_by_change(shard), "")
                .key_condition_expression("list_pk = :pk AND list_sk >= :since")
                .expression_attribute_values(":since", s(keys::moment(since)));
            self.all(query).map(|item| written(&item?)).boxed()
        });
        stream::select_all(shards)
    }
}

fn written(item: &Item) -> Result<Written, Error> {
    let place = text(Thing::Finding, item, keys::LIST_SK)?;
    let at = place.split_once('#').and_then(|(at, _)| Timestamp::from_unix(at.parse().ok()?).ok());
    Ok(Written { finding: finding(item)?, at: at.unwrap_or(Timestamp::EPOCH) })
}
