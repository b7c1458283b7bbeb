//! Telling the inventory of what was revoked.

use countersign_aws::Error as AwsError;
use countersign_aws::inventory::Recorded;
use domain::ledger::{Action, Object};
use domain::revocation::{Approved, Execution, ItemProgress, ItemState, Target};

use super::{BATCH, Executor, Turn};
use crate::Error;
use crate::journal::system;

impl Executor {
    /// Tells the inventory of what is revoked at these places and was not told yet. An inventory that refuses does not
    /// hold up the revocation: the next run finds what is not recorded.
    pub(super) async fn tell_inventory(
        &self,
        approved: &Approved,
        targets: &[Target],
        execution: &mut Execution,
        places: &[usize],
        turn: &Turn<'_>,
    ) -> Result<(), Error> {
        let request = approved.request();
        for batch in places.chunks(BATCH) {
            turn.is_ours()?;
            let mut told = Vec::new();
            for place in batch {
                let (item, target) = (&execution.items[*place], &targets[*place]);
                match self.tell_inventory_of(approved, item, target).await {
                    Ok(true) => {
                        let now = Some(self.clock.now());
                        told.push((*place, ItemProgress { inventory_at: now, ..item.clone() }));
                    }
                    Ok(false) => {}
                    Err(error) if error.is_transient() => return Err(error.into()),
                    Err(error) => {
                        let id = &request.id;
                        tracing::error!(request = %id, "the inventory was not told of {id}: {error}");
                    }
                }
            }
            if told.is_empty() {
                continue;
            }
            let changes =
                told.iter().map(|(_, item)| self.aws.save_item(&request.id, item, turn.request.lease()));
            let changes = changes.collect::<Result<Vec<_>, _>>()?;
            let object = Object::Request(request.id.clone());
            let body = self
                .journal
                .told(system("executor"), Action::InventoryRecorded, object)
                .with("certificates", told.len());
            self.journal.commit(changes, &body).await?;
            for (place, item) in told {
                execution.items[place] = item;
            }
        }
        Ok(())
    }

    /// Whether the inventory was told now or knew before.
    async fn tell_inventory_of(
        &self,
        approved: &Approved,
        item: &ItemProgress,
        target: &Target,
    ) -> Result<bool, AwsError> {
        let (ItemState::Revoked { at, .. }, None, Some(device), Some(serial_key)) =
            (&item.item, item.inventory_at, &target.device, &target.serial_key)
        else {
            return Ok(false);
        };
        let told = self.aws.record_revocation(device, serial_key, *at, approved.request().reason).await?;
        Ok(told != Recorded::Missing)
    }
}
