//! One certificate of an approved request: the call that cannot be taken back, and telling everybody of it.

use countersign_aws::certificates::Revocation;
use countersign_aws::inventory::Recorded;
use countersign_aws::{Error as AwsError, Lease, Thing};
use domain::ledger::{Action, Body, Object};
use domain::revocation::{Approved, Execution, ItemProgress, ItemState, Target};

use super::execute::Turn;
use super::{BATCH, TRIES};
use crate::abort::{Point, abort_at};
use crate::actor::system;
use crate::{Console, Error};

/// Why an execution does not go on for now.
pub(super) enum Interruption {
    /// AWS does not let the executor do it: somebody has to see to its credentials or policy. The text is AWS's.
    Denied(String),
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Interruption {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Console {
    /// Revokes, and records what came of it. The item is marked before the call, so that after a crash the next one
    /// calls again and knows why the CA says that it was revoked before.
    ///
    /// # Errors
    /// Whatever may go better later; the item waits.
    pub(super) async fn revoke(
        &self,
        approved: &Approved,
        item: ItemProgress,
        lease: &Lease,
    ) -> Result<ItemProgress, Interruption> {
        let request = approved.request();
        let tried = match item.item {
            ItemState::Calling { since } => Some(since),
            _ => None,
        };
        let since = tried.unwrap_or_else(|| self.clock.now());
        let calling = ItemProgress { item: ItemState::Calling { since }, ..item.clone() };
        self.aws.save_item_progress(&request.id, &calling, lease).await?;
        abort_at(Point::BeforeRevokeCall);
        let answer = self.aws.revoke_certificate(&request.authority, item.serial, request.reason).await;
        abort_at(Point::AfterRevokeCall);
        let now = self.clock.now();
        let state = match answer {
            Ok(Revocation::Revoked) => ItemState::Revoked { at: now, before: false },
            Ok(Revocation::AlreadyRevoked) => ItemState::Revoked { at: tried.unwrap_or(now), before: true },
            Ok(Revocation::Refused(error)) => ItemState::Failed { at: now, error },
            Err(error @ AwsError::Invalid { .. }) => ItemState::Failed { at: now, error: error.to_string() },
            Err(error) => {
                let denied = matches!(error, AwsError::Denied { .. });
                if denied || matches!(error, AwsError::Throttled { .. }) {
                    // The CA has not done it for sure.
                    self.aws.save_item_progress(&request.id, &item, lease).await?;
                }
                return Err(if denied { Interruption::Denied(error.to_string()) } else { error.into() });
            }
        };
        let done = ItemProgress { item: state, ..item };
        self.record(approved, &done, tried.is_some(), lease).await?;
        abort_at(Point::AfterRevokeRecord);
        Ok(done)
    }

    /// What `revoke` does in the mode dry-run.
    pub(super) async fn pretend(
        &self,
        approved: &Approved,
        item: ItemProgress,
        lease: &Lease,
    ) -> Result<ItemProgress, Interruption> {
        let done = ItemProgress { item: ItemState::DryRun { at: self.clock.now() }, ..item };
        self.aws.save_item_progress(&approved.request().id, &done, lease).await?;
        Ok(done)
    }

    /// Writes an outcome, and resolves the findings that it settles.
    async fn record(
        &self,
        approved: &Approved,
        item: &ItemProgress,
        tried: bool,
        lease: &Lease,
    ) -> Result<(), Error> {
        let request = approved.request();
        let mut tries = 0;
        loop {
            let mut changes = vec![self.aws.save_item(&request.id, item, lease)?];
            let mut body = self.outcome(approved, item, tried);
            if item.is_revoked() {
                let findings = self.aws.findings_of(&request.authority.id(), item.serial).await?;
                let resolved = findings.iter().filter_map(|finding| {
                    finding.resolved(request.id.clone(), body.at).map(|next| (next, finding.version))
                });
                let mut names = Vec::new();
                for (finding, version) in resolved {
                    changes.push(self.aws.save_finding(&finding, Some(version), body.at)?);
                    names.push(finding.id.kind.name());
                }
                if !names.is_empty() {
                    body = body.with("findings_resolved", names.join(", "));
                }
            }
            match self.aws.commit(changes, &body).await {
                Err(AwsError::Conflict { what: Thing::Finding, .. }) if tries < TRIES => tries += 1,
                other => return other.map(drop).map_err(Error::from),
            }
        }
    }

    fn outcome(&self, approved: &Approved, item: &ItemProgress, tried: bool) -> Body {
        let request = approved.request();
        let object = Object::Certificate { authority: request.authority.clone(), serial: item.serial };
        let told = |action| {
            let body = self.told(system("executor"), action, object);
            body.with("request", &request.id).with("reason", request.reason)
        };
        match &item.item {
            ItemState::Revoked { before: false, .. } => told(Action::CertificateRevoked),
            ItemState::Revoked { before: true, .. } if tried => told(Action::CertificateRevoked)
                .with("answer", "revoked before, by a call whose answer was lost"),
            ItemState::Revoked { before: true, .. } => {
                told(Action::CertificateRevoked).with("answer", "revoked before, by somebody else")
            }
            ItemState::Failed { error, .. } => told(Action::RevocationFailed).with("error", error),
            state => told(Action::RevocationFailed).with("error", format!("unexpected: {state:?}")),
        }
    }

    /// Tells the inventory of what is revoked at these places and was not told yet. An inventory that refuses does not
    /// hold up the revocation: the next run finds what is not recorded.
    pub(super) async fn tell_inventory(
        &self,
        approved: &Approved,
        targets: &[Target],
        execution: &mut Execution,
        places: &[usize],
        turn: &mut Turn<'_>,
    ) -> Result<(), Error> {
        let request = approved.request();
        for batch in places.chunks(BATCH) {
            self.keep(&mut turn.request).await?;
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
            let changes = told.iter().map(|(_, item)| self.aws.save_item(&request.id, item, &turn.request));
            let changes = changes.collect::<Result<Vec<_>, _>>()?;
            let object = Object::Request(request.id.clone());
            let body = self
                .told(system("executor"), Action::InventoryRecorded, object)
                .with("certificates", told.len());
            self.aws.commit(changes, &body).await?;
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
