//! The form of a new request: what it would do, and what one can be made for.

use domain::revocation::read_pasted;
use domain::views::{Plan, Proposal};
use domain::{Actor, AuthorityId, FindingId, Serial};

use crate::{Console, Error};

impl Console {
    /// What a request for the certificates in the text `serials` would do; without any, what one can be made for.
    ///
    /// # Errors
    /// [`Error::Invalid`]: the text cannot be read, or names too many.
    pub async fn plan(
        &self,
        actor: &Actor,
        authority: Option<&AuthorityId>,
        serials: &str,
        finding: Option<FindingId>,
    ) -> Result<Plan, Error> {
        let proposal = match authority.filter(|_| !serials.is_empty()) {
            Some(authority) => Some(self.propose(actor, authority, &read_pasted(serials)?, finding).await?),
            None => None,
        };
        Ok(Plan { authorities: self.authorities(), proposal })
    }

    /// The request that can be made for these certificates.
    pub async fn propose(
        &self,
        actor: &Actor,
        authority: &AuthorityId,
        serials: &[Serial],
        finding: Option<FindingId>,
    ) -> Result<Proposal, Error> {
        let dry_run = self.dry_run(actor, authority, serials).await?;
        Ok(Proposal::of(self.named(&dry_run.authority), dry_run, finding))
    }
}
