//! The form of a new request: what it would do, and what one can be made for.

use std::time::Duration;

use domain::revocation::{Channels, DraftError, read_pasted};
use domain::views::{Plan, Proposal};
use domain::{Actor, AuthorityArn, AuthorityId, FindingId, Serial};

use crate::{Console, Error};

/// How long a page waits for what AWS says of an authority.
const PATIENCE: Duration = Duration::from_secs(2);

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
        let policy = &self.settings().policy;
        let arn = &self.authority(authority)?.authority.arn;
        if policy.excluded.contains(arn) {
            return Err(DraftError::Excluded.into());
        }
        let dry_run = self.dry_run(actor, authority, serials).await?;
        let before = self.asked_before(actor, arn).await?;
        let mut proposal = Proposal::of(self.named(arn), dry_run, finding, policy, &before);
        proposal.dry_run.channels = self.channels(arn).await;
        Ok(proposal)
    }

    /// Where an authority publishes revocations now; `None`: AWS does not say, or not in time for a page.
    pub(super) async fn channels(&self, authority: &AuthorityArn) -> Option<Channels> {
        let asked = tokio::time::timeout(PATIENCE, self.aws.describe_authority(authority)).await;
        asked
            .ok()?
            .inspect_err(|error| tracing::warn!(%authority, "{error}"))
            .ok()
            .map(|found| found.channels())
    }
}
