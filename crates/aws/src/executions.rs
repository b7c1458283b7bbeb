//! What came of each certificate of an approved request, item by item. An item is there from the moment its call is about to
//! be made.

use std::collections::HashMap;

use domain::Timestamp;
use domain::revocation::{
    Execution, ItemProgress, ItemState, ProgressCounts, Request, RequestId, RequestState, Target,
};
use futures::{Stream, StreamExt, TryStreamExt};

use crate::item::{Item, body, json, n, number, s};
use crate::{Aws, Change, Error, Lease, Thing, keys};

/// When the inventory was told: by a worker of its own, so beside what the others write.
const INVENTORY_AT: &str = "inventory_at";

impl Aws {
    /// How far each of `targets` is; one that nothing is stored about waits.
    pub async fn execution(&self, id: &RequestId, targets: &[Target]) -> Result<Execution, Error> {
        let query = self.partition(keys::execution(id), "");
        let items: Vec<Item> = self.all(query).try_collect().await?;
        let mut stored: HashMap<_, _> = items
            .iter()
            .map(|item| read(item).map(|item| (item.serial, item)))
            .collect::<Result<_, Error>>()?;
        let progress = |target: &Target| {
            stored.remove(&target.serial).unwrap_or_else(|| ItemProgress::waiting(target.serial))
        };
        Ok(Execution { items: targets.iter().map(progress).collect() })
    }

    /// What came of all of them together.
    pub async fn execution_counts(&self, id: &RequestId) -> Result<ProgressCounts, Error> {
        let add = async |mut counts: ProgressCounts, item: ItemProgress| {
            counts.add(&item);
            Ok(counts)
        };
        self.progress_of(id).try_fold(ProgressCounts::default(), add).await
    }

    /// How far those are that something is stored about.
    pub fn progress_of(&self, id: &RequestId) -> impl Stream<Item = Result<ItemProgress, Error>> + use<> {
        self.all(self.partition(keys::execution(id), "")).map(|item| read(&item?))
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

    /// Says what is about to be done with some items, each with the state that it is in now: in one transaction with the
    /// check that the lease is held and that the request is being executed and is the one that was approved.
    ///
    /// # Errors
    /// [`Error::Conflict`] about the lease, the request or the item: make no call.
    pub async fn mark(
        &self,
        request: &Request,
        items: &[(ItemProgress, ItemState)],
        lease: &Lease,
    ) -> Result<(), Error> {
        let id = request.id.as_str();
        let executing = Change::check(Thing::Request, id, keys::request(&request.id)).when(
            "item_state = :executing AND target_hash = :hash",
            [(":executing", s(RequestState::Executing.name())), (":hash", s(request.hash.as_str()))],
        );
        let mut changes = vec![self.holds_lease(lease), executing];
        for (item, before) in items {
            let values = [(":fence", n(lease.fence)), (":before", s(before.name()))];
            changes.push(set(&request.id, item, lease)?.when(
                "attribute_not_exists(item_state) OR (item_state = :before AND fence <= :fence)",
                values,
            ));
        }
        self.apply(&changes).await
    }

    /// One item's progress, for a commit: whoever has lost the lease to somebody who has marked the item since does not
    /// get through.
    pub fn save_item(&self, id: &RequestId, item: &ItemProgress, lease: &Lease) -> Result<Change, Error> {
        let values = [(":fence", n(lease.fence))];
        Ok(set(id, item, lease)?.when("attribute_not_exists(pk) OR fence <= :fence", values))
    }

    /// The inventory was told of this item.
    pub(crate) fn inventory_told(&self, id: &RequestId, serial: domain::Serial, at: Timestamp) -> Change {
        let key = keys::execution_item(id, serial);
        let set = Change::set(Thing::ExecutionItem, name(id, serial), key, [(INVENTORY_AT, n(at.unix()))]);
        set.when("attribute_exists(pk)", [])
    }
}

fn name(id: &RequestId, serial: domain::Serial) -> String {
    format!("{id} / {serial}")
}

fn set(id: &RequestId, item: &ItemProgress, lease: &Lease) -> Result<Change, Error> {
    let attributes = [
        (keys::BODY, json(Thing::ExecutionItem, item)?),
        ("item_state", s(item.item.name())),
        ("fence", n(lease.fence)),
    ];
    let key = keys::execution_item(id, item.serial);
    Ok(Change::set(Thing::ExecutionItem, name(id, item.serial), key, attributes))
}

fn read(item: &Item) -> Result<ItemProgress, Error> {
    let mut progress: ItemProgress = body(Thing::ExecutionItem, item)?;
    if item.contains_key(INVENTORY_AT) {
        let at = number(Thing::ExecutionItem, item, INVENTORY_AT)?;
        progress.inventory_at = Timestamp::from_unix(at).ok();
    }
    Ok(progress)
}
