//! Single certificates, on all sides, and single leases.

use countersign_aws::{Aws, Lease, Taking};
use domain::revocation::Target;
use domain::{InventoryItem, RevocationReason};

use crate::endpoints::administrator;
use crate::support::Bench;

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
