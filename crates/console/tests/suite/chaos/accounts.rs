//! What must hold afterwards, whatever happened.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::Serial;
use domain::ledger::{Action, Body, Object};
use domain::revocation::{ItemState, RequestState};
use sandbox::{until, until_within};

use super::scene::Scene;
use super::unrest::plain;

/// Longer than nothing may happen: a call without an answer is waited for for a minute, and then the request rests for half
/// of one.
const STANDSTILL: Duration = Duration::from_secs(180);

/// How often the ledger tells this of each certificate.
fn told_of(told: &[Body], action: Action) -> BTreeMap<Serial, usize> {
    let mut counts = BTreeMap::new();
    for body in told.iter().filter(|body| body.action == action) {
        if let Object::Certificate { serial, .. } = body.object {
            *counts.entry(serial).or_default() += 1;
        }
    }
    counts
}

impl Scene {
    pub async fn accounts(&self) {
        let main = self.until_carried_out().await;
        let targets = self.bench.aws.request_targets(&self.main).await.unwrap();
        let items = self.bench.aws.execution(&self.main, &targets).await.unwrap().items;
        let revoked = |item: &ItemState| matches!(item, ItemState::Revoked { .. });
        assert!(items.iter().all(|item| revoked(&item.item)), "{main:?}");

        // The CA has revoked each of them once, for the reason that was approved, and was asked about nothing else.
        let tally = self.tally().await;
        let asked: BTreeSet<String> = tally.certificates.keys().cloned().collect();
        let asked = &asked - &self.asked_before;
        let approved: BTreeSet<String> = self.approved.iter().map(|one| plain(&one.to_string())).collect();
        assert_eq!(&asked ^ &approved, BTreeSet::new());
        for serial in &approved {
            let one = &tally.certificates[serial];
            assert_eq!((one.succeeded, one.reason.as_deref()), (1, Some("KEY_COMPROMISE")), "{serial}");
        }

        // The ledger's chain holds, and tells of each of them once.
        let told = self.bench.told(&self.main).await;
        let once = |serials: &[Serial]| serials.iter().map(|serial| (*serial, 1)).collect::<BTreeMap<_, _>>();
        let all: Vec<Serial> = targets.iter().map(|target| target.serial).collect();
        assert!(told_of(&told, Action::CertificateRevoked) == once(&all));
        let recorded = targets.iter().filter(|target| target.device.is_some()).count();
        assert_eq!(items.iter().filter(|item| item.inventory_at.is_some()).count(), recorded);
        let told_inventory = told.iter().filter(|body| body.action == Action::InventoryRecorded);
        let told_inventory = told_inventory.map(|body| body.detail["certificates"].parse::<usize>().unwrap());
        assert_eq!(told_inventory.sum::<usize>(), recorded);
        assert_eq!(told.iter().filter(|body| body.action == Action::ExecutionFinished).count(), 1);
        assert!(self.bench.aws.outbox().await.unwrap().is_empty());
        for id in &self.waiting {
            let state = self.bench.request(id).await.state;
            assert_eq!(state, RequestState::Pending);
        }
        eprintln!("{} calls about {} certificates, {} throttled", tally.calls, all.len(), tally.throttled);
    }

    /// Waits as long as something happens until nothing is left to be done, and the inventory knows.
    async fn until_carried_out(&self) -> domain::revocation::Request {
        const DONE: [RequestState; 3] = [RequestState::Executed, RequestState::Overdue, RequestState::Proven];
        loop {
            let request = self.bench.request(&self.main).await;
            if DONE.contains(&request.state) {
                until("an inventory that was told", async || {
                    self.bench.aws.untold(None, 1).await.unwrap().is_empty().then_some(())
                })
                .await;
                return request;
            }
            let before = self.bench.written().await;
            until_within("progress", STANDSTILL, async || {
                let seq = self.bench.written().await;
                (seq > before).then_some(())
            })
            .await;
        }
    }
}
