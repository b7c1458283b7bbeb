//! What the ledger of a bench says.

use domain::ledger::{Action, Body, Object, Verifier};
use domain::revocation::RequestId;
use futures::StreamExt;
use sandbox::until;

use crate::support::{Bench, PATIENCE};

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

    /// What the ledger says, oldest first. The whole chain is followed on the way.
    pub async fn entries(&self) -> Vec<Body> {
        let head = self.aws.ledger_head().await.unwrap();
        let mut verifier = Verifier::default();
        let mut bodies = Vec::new();
        let mut entries = Box::pin(self.aws.ledger_entries().take(usize::try_from(head.seq).unwrap()));
        while let Some(entry) = entries.next().await {
            let entry = entry.unwrap();
            verifier.follow(&entry).unwrap();
            bodies.push(entry.read().unwrap());
        }
        verifier.finish(head.seq, &head.hash).unwrap();
        bodies
    }

    /// Waits until the inventory was told of something of the request, and the item says so.
    pub async fn until_inventory_told(&self, id: &RequestId) {
        until("an inventory that was told", PATIENCE, async || {
            (self.count(id, Action::InventoryRecorded).await > 0).then_some(())
        })
        .await;
    }

    pub async fn count(&self, id: &RequestId, action: Action) -> usize {
        self.told(id).await.iter().filter(|body| body.action == action).count()
    }
}
