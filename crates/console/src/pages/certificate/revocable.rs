//! Whether a revocation can be requested now, and what came of those that were approved.

use domain::dry_run::{DryRun, Obstacle};
use domain::revocation::{ItemProgress, Request, RequestId, RequestState, Target};
use domain::{Actor, AuthorityArn, Permission, Serial, Timestamp};

use crate::{Console, Error};

impl Console {
    /// Why `actor` cannot request its revocation; `None`: they can.
    pub(crate) async fn cannot_revoke(
        &self,
        actor: &Actor,
        authority: &AuthorityArn,
        serial: Serial,
    ) -> Result<Option<String>, Error> {
        if !actor.may(Permission::Operate) {
            return Ok(Some(Permission::Operate.refusal().to_owned()));
        }
        let requests = self.aws.requests_of(&authority.id(), serial).await?;
        let now = self.clock.now();
        if let Some(why) = asked_for(&requests, now) {
            return Ok(Some(why.to_owned()));
        }
        // The newest report may be older than what was done here.
        if self.executed(&requests, serial).await?.iter().any(|(_, item)| item.is_revoked()) {
            return Ok(Some(format!("The certificate {}.", Obstacle::AlreadyRevoked)));
        }
        let knowledge = self.records.model.knowledge(authority, vec![serial], now).await?;
        let dry_run =
            DryRun::of(authority.clone(), knowledge.known, &knowledge.in_force, knowledge.as_of, now);
        Ok(dry_run.refused().next().map(|(_, obstacle)| format!("The certificate {obstacle}.")))
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
}

/// Whether one of the requests about a certificate is still under way.
pub(crate) fn asked_for(requests: &[Request], now: Timestamp) -> Option<&'static str> {
    if requests.iter().any(|request| request.pending(now).is_ok()) {
        return Some("A request to revoke it is waiting for approval.");
    }
    let executing = |one: &Request| matches!(one.state, RequestState::Approved | RequestState::Executing);
    requests.iter().any(executing).then_some("An approved request to revoke it is being executed.")
}
