//! What a revocation would do, from the read model; for few certificates also from the requests made here.

use std::collections::HashSet;

use domain::dry_run::DryRun;
use domain::ledger::Object;
use domain::revocation::{DraftError, ItemState, MAX_TARGETS, Request, Target};
use domain::{Actor, AuthorityArn, AuthorityId, Permission, Serial, Timestamp};

use super::FEW;
use crate::{Console, Error};

impl Console {
    /// What would happen if `serials` were revoked. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`]: there is none, or more than a request may have.
    pub async fn dry_run(
        &self,
        actor: &Actor,
        authority: &AuthorityId,
        serials: &[Serial],
    ) -> Result<DryRun, Error> {
        let authority = &self.authority(authority)?.authority.arn;
        self.allowed(actor, Permission::Operate, about(authority, serials)).await?;
        self.foretell(authority, distinct(serials)?).await
    }

    pub(crate) async fn foretell(
        &self,
        authority: &AuthorityArn,
        serials: Vec<Serial>,
    ) -> Result<DryRun, Error> {
        self.records.catch_up_with_runs_soon().await;
        let now = self.clock.now();
        let knowledge = self.records.model.knowledge(authority, serials, now).await?;
        let mut known = knowledge.known;
        if known.len() <= FEW {
            // The newest report may be older than what was done here.
            for one in known.iter_mut().filter(|one| one.revoked_at.is_none()) {
                one.revoked_at = self.revoked_here(authority, &one.target).await?;
            }
        }
        Ok(DryRun::of(authority.clone(), known, &knowledge.in_force, knowledge.as_of, now))
    }

    /// When a request made here has revoked it.
    async fn revoked_here(
        &self,
        authority: &AuthorityArn,
        target: &Target,
    ) -> Result<Option<Timestamp>, Error> {
        let requests = self.aws.requests_of(&authority.id(), target.serial).await?;
        let executed = self.executed(&requests, target.serial).await?;
        Ok(executed.iter().find_map(|(_, item)| match item.item {
            ItemState::Revoked { at, .. } => Some(at),
            _ => None,
        }))
    }

    /// The dry run of a request's targets as things are now.
    pub(crate) async fn foretell_again(
        &self,
        request: &Request,
        targets: &[Target],
    ) -> Result<DryRun, Error> {
        self.foretell(&request.authority, targets.iter().map(|target| target.serial).collect()).await
    }
}

/// Each once, in the order given.
pub(crate) fn distinct(serials: &[Serial]) -> Result<Vec<Serial>, Error> {
    let mut seen = HashSet::new();
    let serials: Vec<Serial> = serials.iter().copied().filter(|serial| seen.insert(*serial)).collect();
    match serials.len() {
        0 => Err(Error::invalid("serials", "Name at least one certificate.")),
        1..=MAX_TARGETS => Ok(serials),
        _ => Err(DraftError::TooManyTargets.into()),
    }
}

/// What an attempt to revoke is about.
pub(crate) fn about(authority: &AuthorityArn, serials: &[Serial]) -> Object {
    match serials {
        [serial] => Object::Certificate { authority: authority.clone(), serial: *serial },
        _ => Object::Route(format!("revocations of {}", authority.id())),
    }
}
