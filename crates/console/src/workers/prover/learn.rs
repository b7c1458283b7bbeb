//! What became of calls whose answer nobody knows: a worker died, or the CA did not answer within an hour, and nobody calls
//! again. Whoever finds such a certificate on a list, at the responder or in a report knows that it was revoked.

use std::collections::BTreeSet;

use countersign_aws::Untold;
use domain::ledger::{Action, Object};
use domain::revocation::{Execution, ItemState, Request, Target};
use feeds::ocsp::Status;

use super::Prover;
use super::gather::Evidence;
use crate::Error;
use crate::journal::system;
use crate::lease::Guard;

impl Prover {
    /// Records as revoked what shows as revoked, and leaves word for the inventory.
    pub(super) async fn learn(
        &self,
        request: &Request,
        targets: &[Target],
        execution: &mut Execution,
        evidence: &Evidence,
        guard: &Guard,
    ) -> Result<(), Error> {
        let unsure: BTreeSet<_> =
            execution.items.iter().filter(|item| item.called().is_some()).map(|item| item.serial).collect();
        if unsure.is_empty() {
            return Ok(());
        }
        let reported = self.in_report(request, unsure).await?.serials;
        for item in &mut execution.items {
            let serial = item.serial;
            let by_ocsp = matches!(evidence.ocsp.get(&serial), Some(Status::Revoked { .. }));
            let shows = evidence.listed.serials.contains(&serial) || by_ocsp || reported.contains(&serial);
            let Some(since) = item.called().filter(|_| shows) else { continue };
            item.item = ItemState::Revoked { at: since, before: true };
            guard.held()?;
            let object = Object::Certificate { authority: request.authority.clone(), serial };
            let body = self
                .journal
                .told(system("prover"), Action::CertificateRevoked, object)
                .with("request", &request.id)
                .with("reason", request.reason)
                .with(
                    "answer",
                    "unknown; seen to be revoked, by a call that got no answer or by somebody else",
                );
            let mut changes = vec![self.aws.save_item(&request.id, item, guard.lease())?];
            let target = targets.iter().find(|target| target.serial == serial);
            let inventory = target.and_then(|target| target.device.clone().zip(target.serial_key.clone()));
            if let Some(inventory) = inventory {
                changes.push(self.aws.tell_later(&Untold::of(request, serial, inventory, since, true))?);
            }
            self.journal.commit(changes, &body).await?;
        }
        Ok(())
    }
}
