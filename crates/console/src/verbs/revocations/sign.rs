//! Asking as a sign-in, where policy says so: what was frozen when somebody left for the identity provider becomes a request when
//! they come back, if everything still is as it was.

use countersign_aws::{Error as AwsError, Thing};
use domain::ledger::Object;
use domain::revocation::{Proof, Request, Unsigned};
use domain::{Actor, Permission};

use super::{TRIES, can_be_kept};
use crate::{Console, Error};

impl Console {
    /// Makes all that was asked for as `actor`, whom the provider has just vouched for; `proof` is what it signed. Gives the first of them.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::SignInAgain`], [`Error::Conflict`] with the reason, which is in the ledger too where it is
    /// about the person.
    pub async fn request_signed(
        &self,
        actor: &Actor,
        unsigned: Unsigned,
        proof: &Proof,
    ) -> Result<Request, Error> {
        let about = Object::Route(format!("revocations of {}", unsigned.request.authority.id()));
        self.allowed(actor, Permission::Operate, about.clone()).await?;
        can_be_kept(proof)?;
        let mut all = Vec::new();
        for request in unsigned.requests() {
            let targets = self.aws.request_targets(&request.id).await?;
            let authority = &self.authority(&request.authority.id())?.authority.arn;
            self.takes_it(authority, &targets, request.mode).await?;
            all.push((request.clone(), targets));
        }
        let mut tries = 0;
        loop {
            for (request, targets) in &all {
                let before = self.asked_before(actor, &request.authority).await?;
                let policy = &self.settings().policy;
                if let Err(why) = request.sign(actor, targets, policy, &before, self.clock.now()) {
                    return Err(self.journal.refuse(actor, "request", about, why.into()).await);
                }
            }
            match self.write(actor, &all, &unsigned.chosen, Some(proof)).await? {
                Ok(()) => return Ok(unsigned.request),
                Err(AwsError::Conflict { what: Thing::Finding, .. }) if tries < TRIES => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
}
