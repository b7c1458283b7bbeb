//! What the ledger of a bench says.

use std::collections::HashSet;

use domain::ledger::{Action, Body, Entry, Object, read};
use domain::revocation::RequestId;
use futures::TryStreamExt;
use sandbox::until;

use crate::support::Bench;

impl Bench {
    /// What the ledger says about the request, oldest first.
    pub async fn told(&self, id: &RequestId) -> Vec<Body> {
        let mut bodies = self.entries().await;
        bodies.retain(|body| {
            let named = body.detail.get("request").is_some_and(|request| request == id.as_str());
            named || body.object == Object::Request(id.clone())
        });
        bodies
    }

    /// What the ledger says, oldest first: what has its place, and then what has none yet.
    pub async fn entries(&self) -> Vec<Body> {
        // Before those with a place: an entry may be given one meanwhile.
        let unplaced = self.aws.unplaced(10_000).await.unwrap();
        let placed: Vec<Entry> = self.aws.placed_from(1).try_collect().await.unwrap();
        assert!(placed.iter().zip(1..).all(|(entry, seq)| entry.seq == seq), "without gaps");
        let texts: Vec<&str> = placed.iter().map(|entry| entry.text.as_str()).collect();
        let known: HashSet<&str> = texts.iter().copied().collect();
        assert_eq!(known.len(), texts.len(), "each once");
        let waiting = unplaced.iter().map(|entry| entry.text.as_str()).filter(|text| !known.contains(text));
        texts.into_iter().chain(waiting).map(|text| read(text).unwrap()).collect()
    }

    /// How many entries were written, or a few more: one that is given its place is counted twice.
    pub async fn written(&self) -> u64 {
        let unplaced = self.aws.unplaced(1_000).await.unwrap().len();
        self.aws.last_placed().await.unwrap() + u64::try_from(unplaced).unwrap()
    }

    /// Waits until the inventory was told of something of the request, and the item says so.
    pub async fn until_inventory_told(&self, id: &RequestId) {
        until("an inventory that was told", async || {
            (self.count(id, Action::InventoryRecorded).await > 0).then_some(())
        })
        .await;
    }

    pub async fn count(&self, id: &RequestId, action: Action) -> usize {
        self.told(id).await.iter().filter(|body| body.action == action).count()
    }
}
