//! One certificate of an approved request: the call that cannot be taken back, and telling everybody of it.

use countersign_aws::certificates::Revocation;
use countersign_aws::{Error as AwsError, Lease};
use domain::ledger::{Action, Body, Object};
use domain::revocation::{Approved, ItemProgress, ItemState};

use super::Executor;
use crate::Error;
use crate::abort::{Point, abort_at};
use crate::journal::system;
use crate::retry::{finding_changed, unless_raced};

/// Why an execution does not go on for now.
pub(crate) enum Interruption {
    /// AWS does not let the executor do it: somebody has to see to its credentials or policy. The text is AWS's.
    Denied(String),
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Interruption {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Executor {
    /// Revokes, and records what came of it. The item is marked before the call, so that after a crash the next one
    /// calls again and knows why the CA says that it was revoked before.
    ///
    /// # Errors
    /// Whatever may go better later; the item waits.
    pub(crate) async fn revoke(
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
        let write = || async {
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
            self.journal.commit(changes, &body).await
        };
        unless_raced(finding_changed, write).await?;
        Ok(())
    }

    fn outcome(&self, approved: &Approved, item: &ItemProgress, tried: bool) -> Body {
        let request = approved.request();
        let object = Object::Certificate { authority: request.authority.clone(), serial: item.serial };
        let told = |action| {
            let body = self.journal.told(system("executor"), action, object);
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
}
