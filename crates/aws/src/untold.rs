//! Revocations that the inventory is still to be told of: one item for each, put with the record of the revocation.

use domain::revocation::{Request, RequestId};
use domain::{DeviceId, RevocationReason, Serial, Timestamp};
use serde::{Deserialize, Serialize};

use crate::item::{body, json};
use crate::{Aws, Change, Error, Thing, keys};

/// What the inventory is to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Untold {
    pub request: RequestId,
    pub serial: Serial,
    pub device: DeviceId,
    /// The serial number as the inventory item's key holds it.
    pub serial_key: String,
    pub revoked_at: Timestamp,
    pub reason: RevocationReason,
    /// The CA had it revoked before, and not for us: it has a time and a reason of its own.
    #[serde(default)]
    pub by_others: bool,
}

impl Untold {
    /// A certificate of the request that is revoked since then. `inventory`: the device, and the serial number as its key holds it.
    pub fn of(
        request: &Request,
        serial: Serial,
        inventory: (DeviceId, String),
        revoked_at: Timestamp,
        by_others: bool,
    ) -> Self {
        let (device, serial_key) = inventory;
        let (reason, request) = (request.reason, request.id.clone());
        Self { request, serial, device, serial_key, revoked_at, reason, by_others }
    }
}

impl Aws {
    /// Some of what is to be told, by request: those after `after`, or the first ones.
    pub async fn untold(&self, after: Option<&Untold>, limit: u32) -> Result<Vec<Untold>, Error> {
        let query = self.partition(keys::untold(), "");
        let query = match after {
            None => query,
            Some(after) => query
                .key_condition_expression("pk = :pk AND sk > :after")
                .expression_attribute_values(":after", crate::item::s(key(after).sk)),
        };
        self.first(query, limit).await?.iter().map(|item| body(Thing::Untold, item)).collect()
    }

    /// It is to be told; for the commit that says that it was revoked.
    pub fn tell_later(&self, untold: &Untold) -> Result<Change, Error> {
        let attributes = [(keys::BODY, json(Thing::Untold, untold)?)];
        Ok(Change::put(Thing::Untold, name(untold), key(untold), attributes))
    }

    /// It need not be told any more. `at`: when it was; `None`: it never will be.
    pub fn no_longer_untold(&self, untold: &Untold, at: Option<Timestamp>) -> Vec<Change> {
        let delete =
            Change::delete(Thing::Untold, name(untold), key(untold)).when("attribute_exists(pk)", []);
        let told = at.map(|at| self.inventory_told(&untold.request, untold.serial, at));
        std::iter::once(delete).chain(told).collect()
    }
}

fn key(untold: &Untold) -> keys::Key {
    keys::untold_item(&untold.request, untold.serial)
}

fn name(untold: &Untold) -> String {
    format!("{} / {}", untold.request, untold.serial)
}
