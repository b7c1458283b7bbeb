//! What came of each certificate of an approved request, item by item.

use domain::revocation::{Execution, ItemProgress, RequestId, Target};
use futures::TryStreamExt;

use crate::item::{Item, body, json, n};
use crate::{Aws, Change, Error, Lease, Thing, keys};

impl Aws {
    /// How far each of `targets` is; one that nothing is stored about waits.
    pub async fn execution(&self, id: &RequestId, targets: &[Target]) -> Result<Execution, Error> {
        let query = self.partition(keys::execution(id), "");
        let items: Vec<Item> = self.all(query).try_collect().await?;
        let stored = items.iter().map(|item| body::<ItemProgress>(Thing::ExecutionItem, item));
        let mut stored: std::collections::HashMap<_, _> =
            stored.map(|item| item.map(|item| (item.serial, item))).collect::<Result<_, _>>()?;
        let progress = |target: &Target| {
            stored.remove(&target.serial).unwrap_or_else(|| ItemProgress::waiting(target.serial))
        };
        Ok(Execution { items: targets.iter().map(progress).collect() })
    }

    /// One item's progress, for a commit: only the holder of the request's lease gets through.
    pub fn save_item(&self, id: &RequestId, item: &ItemProgress, lease: &Lease) -> Result<Change, Error> {
        let attributes = [(keys::BODY, json(Thing::ExecutionItem, item)?), ("fence", n(lease.fence))];
        let key = keys::execution_item(id, item.serial);
        let put = Change::put(Thing::ExecutionItem, format!("{id} / {}", item.serial), key, attributes);
        Ok(put.when("attribute_not_exists(pk) OR fence <= :fence", [(":fence", n(lease.fence))]))
    }

    /// Some of them without the ledger: what is known and changes nothing.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else has taken the request over.
    pub async fn save_items(
        &self,
        id: &RequestId,
        items: &[ItemProgress],
        lease: &Lease,
    ) -> Result<(), Error> {
        let changes =
            items.iter().map(|item| self.save_item(id, item, lease)).collect::<Result<Vec<_>, _>>()?;
        self.apply(&changes).await
    }

    /// The same for one: that a call is about to be made.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else has taken the request over; make no call.
    pub async fn save_item_progress(
        &self,
        id: &RequestId,
        item: &ItemProgress,
        lease: &Lease,
    ) -> Result<(), Error> {
        self.save_items(id, std::slice::from_ref(item), lease).await
    }
}
