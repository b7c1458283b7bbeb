//! What a revocation would do, from the read model; for few certificates also from the requests made here.

use domain::dry_run::{DryRun, InForce};
use domain::revocable::cannot_revoke;
use domain::revocation::{ItemProgress, ItemState, Request, RequestId, Target};
use domain::views::Selection;
use domain::{Actor, AuthorityArn, AuthorityId, Permission, Serial, Timestamp};

use super::{FEW, about};
use crate::records::Knowledge;
use crate::{Console, Error};

impl Console {
    /// What would happen if these were revoked. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`]: there is none, or more than a request may have.
    pub async fn dry_run(
        &self,
        actor: &Actor,
        authority: &AuthorityId,
        of: &Selection,
    ) -> Result<DryRun, Error> {
        let authority = &self.authority(authority)?.authority.arn;
        self.allowed(actor, Permission::Operate, about(Some(authority), of)).await?;
        self.catch_up().await;
        self.foretell(authority, self.selected(authority, of).await?).await
    }

    /// By the records as they are.
    pub(super) async fn foretell(
        &self,
        authority: &AuthorityArn,
        serials: Vec<Serial>,
    ) -> Result<DryRun, Error> {
        Ok(self.foretell_one(authority, serials).await?.0)
    }

    /// The same of several authorities, were all of it revoked together.
    pub(super) async fn foretell_together(
        &self,
        of: Vec<(AuthorityArn, Vec<Serial>)>,
    ) -> Result<Vec<DryRun>, Error> {
        let (mut runs, mut devices) = (Vec::new(), InForce::new());
        for (authority, serials) in of {
            let (run, in_force) = self.foretell_one(&authority, serials).await?;
            runs.push(run);
            devices.extend(in_force);
        }
        if runs.len() > 1 {
            DryRun::together(&mut runs, &devices);
        }
        Ok(runs)
    }

    /// With the certificates in force of the devices.
    async fn foretell_one(
        &self,
        authority: &AuthorityArn,
        serials: Vec<Serial>,
    ) -> Result<(DryRun, InForce), Error> {
        let now = self.clock.now();
        let mut knowledge = self.records.model.knowledge(authority, serials, now).await?;
        let mut known = std::mem::take(&mut knowledge.known);
        self.look_beyond(authority, &mut known).await?;
        if known.len() <= FEW {
            // The newest report may be older than what was done here.
            for one in known.iter_mut().filter(|one| one.revoked_at.is_none()) {
                one.revoked_at = self.revoked_here(authority, &one.target).await?;
            }
        }
        let serials = known.iter().map(|one| one.target.serial).collect();
        let callers = self.records.callers_of_each(authority, serials).await?;
        known.iter_mut().zip(callers).for_each(|(one, caller)| one.caller = caller);
        let Knowledge { in_force, same_key, as_of, .. } = knowledge;
        let run = DryRun::of(authority.clone(), known, &in_force, same_key, as_of, now);
        Ok((run, in_force))
    }

    /// Why `actor` cannot request its revocation; `None`: they can.
    pub(crate) async fn cannot_revoke(
        &self,
        actor: &Actor,
        authority: &AuthorityArn,
        serial: Serial,
    ) -> Result<Option<String>, Error> {
        let requests = self.aws.requests_of(&authority.id(), serial).await?;
        let dry_run = self.foretell(authority, vec![serial]).await?;
        Ok(cannot_revoke(actor, &requests, &dry_run, self.settings().mode, self.clock.now()))
    }

    /// What came of the certificate in each of these requests that was approved.
    pub(crate) async fn executed(
        &self,
        requests: &[Request],
        serial: Serial,
    ) -> Result<Vec<(RequestId, ItemProgress)>, Error> {
        let mut executed = Vec::new();
        for request in requests.iter().filter(|request| request.state.is_countersigned()) {
            let target = Target { serial, ..request.first_target.clone() };
            let execution = self.aws.execution(&request.id, &[target]).await?;
            executed.extend(execution.items.into_iter().map(|item| (request.id.clone(), item)));
        }
        Ok(executed)
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

    /// Brings the records up to date, as far as somebody who waits can wait for it: before anything is chosen from them, so that
    /// what is chosen and what is foretold are of the same records.
    pub(super) async fn catch_up(&self) {
        self.records.catch_up_with_runs_soon().await;
        // Keys, and who had what issued, are known by events alone.
        let _late = self.records.catch_up_soon().await;
    }

    /// The dry run of the targets of each of these requests as things are now, were all of them carried out.
    pub(crate) async fn foretell_again(&self, of: &[(&Request, &[Target])]) -> Result<Vec<DryRun>, Error> {
        self.catch_up().await;
        let serials = |targets: &[Target]| targets.iter().map(|target| target.serial).collect();
        let of = of.iter().map(|(request, targets)| (request.authority.clone(), serials(targets)));
        self.foretell_together(of.collect()).await
    }
}
