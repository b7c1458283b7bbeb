//! Single certificates, on all sides, and single leases.

use console::Clock;
use countersign_aws::{Aws, Lease, Taking};
use domain::revocation::Target;
use domain::{InventoryItem, RevocationReason, Serial};
use futures::TryStreamExt;
use sandbox::Description;

use crate::endpoints::{administrator, aws};
use crate::support::{Bench, authority, description};

pub fn target(item: &InventoryItem) -> Target {
    Target {
        serial: item.serial,
        device: Some(item.device.clone()),
        serial_key: Some(item.serial_key.clone()),
        subject: item.subject.clone(),
        expires_at: item.expires_at,
        fingerprint: None,
    }
}

/// The item as the inventory has it now.
pub async fn in_inventory(bench: &Bench, item: &InventoryItem) -> InventoryItem {
    bench.aws.inventory_item(&item.device, &item.serial_key).await.unwrap().unwrap().unwrap()
}

/// Whether the CA had revoked it before it does so now.
pub async fn was_revoked(item: &InventoryItem) -> bool {
    use countersign_aws::certificates::Revocation;
    let reason = RevocationReason::Unspecified;
    match administrator().await.revoke_certificate(&item.authority, item.serial, reason).await.unwrap() {
        Revocation::Revoked => false,
        Revocation::AlreadyRevoked => true,
        Revocation::Refused(why) => panic!("{why}"),
    }
}

/// A lease that nobody else holds.
pub async fn lease(aws: &Aws, name: &str) -> Lease {
    match aws.acquire_lease(name, "test", None).await.unwrap() {
        Taking::Taken(lease) => lease,
        Taking::Held(held) => panic!("{held:?} has {name}"),
    }
}

/// Those of the first authority that nothing is wrong with.
pub async fn healthy(description: &Description) -> Vec<InventoryItem> {
    let aws = aws(description, "none");
    let pages: Vec<_> = aws.scan_inventory(1).try_collect().await.unwrap();
    let items = pages.into_iter().flatten().map(|read| read.unwrap().item);
    let soon = Clock::system().now().plus(std::time::Duration::from_secs(86_400));
    items
        .filter(|item| item.authority == authority(description))
        .filter(|item| item.expires_at.is_some_and(|end| end > soon) && item.revoked_at.is_none())
        .filter(|item| !planted(description).any(|serial| serial == item.serial))
        .collect()
}

fn planted(description: &Description) -> impl Iterator<Item = Serial> {
    description.planted_detail.iter().map(|planted| planted.serial.parse().unwrap())
}

/// The serials of the first authority that have this trouble.
pub async fn planted_as(trouble: &str) -> Vec<Serial> {
    let description = description().await;
    let detail = description.planted_detail.iter();
    let detail = detail.filter(|planted| {
        serde_json::to_value(planted.trouble).unwrap() == trouble
            && planted.authority == description.authorities[0].arn
    });
    detail.map(|planted| planted.serial.parse().unwrap()).collect()
}

/// Those of all troubles.
pub async fn all_planted() -> Vec<Serial> {
    planted(description().await).collect()
}
