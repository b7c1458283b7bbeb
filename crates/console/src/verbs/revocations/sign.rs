//! Asking as a sign-in, where policy says so: what was frozen when somebody left for the identity provider becomes a request when
//! they come back, if everything still is as it was.

use countersign_aws::{Error as AwsError, Thing};
use domain::ledger::Object;
use domain::revocation::{Proof, Request, Unsigned};
use domain::{Actor, Permission};

use super::{TRIES, can_be_kept};
use crate::{Console, Error};

impl Console {
    /// Makes the request as `actor`, whom the provider has just vouched for; `proof` is what it signed.
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
        let Request { id, authority, mode, .. } = unsigned.request.clone();
        let authority = &self.authority(&authority.id())?.authority.arn;
        let targets = self.aws.request_targets(&id).await?;
        let mut tries = 0;
        loop {
            let before = self.asked_before(actor, authority).await?;
            let policy = &self.settings().policy;
            let signed = unsigned.clone().sign(actor, &targets, policy, &before, self.clock.now());
            let request = match signed {
                Ok(request) => request,
                Err(why) => return Err(self.journal.refuse(actor, "request", about, why.into()).await),
            };
            self.takes_it(authority, &targets, mode).await?;
            match self.write(actor, &request, &targets, &unsigned.chosen, Some(proof)).await? {
                Ok(()) => return Ok(request),
                Err(AwsError::Conflict { what: Thing::Finding, .. }) if tries < TRIES => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
}
