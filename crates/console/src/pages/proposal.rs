//! The form of a new request: what it would do, and what one can be made for.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::revocation::DraftError;
use domain::views::{AuthorityNow, DryRunCounts, Narrowed, Plan, Proposal, Selection, Step};
use domain::{Actor, AuthorityArn, AuthorityId, DeviceId, FindingId, Permission, Serial};

use crate::verbs::revocations::about;
use crate::{Console, Error};

/// How long a page waits for what AWS says of an authority.
const PATIENCE: Duration = Duration::from_secs(2);

impl Console {
    /// What a request for these certificates would do; without any, what one can be made for.
    ///
    /// # Errors
    /// [`Error::Invalid`]: they are too many. [`Error::NotFound`]: the list is not kept any more.
    pub async fn plan(
        &self,
        actor: &Actor,
        authority: Option<&AuthorityId>,
        of: Option<&Selection>,
        finding: Option<FindingId>,
        narrowed: Narrowed,
    ) -> Result<Plan, Error> {
        let step = match (of, authority) {
            (None, _) => Step::Nothing,
            (Some(of), Some(authority)) => self.step(actor, authority, of, finding, narrowed).await?,
            (Some(of), None) => {
                self.allowed(actor, Permission::Operate, about(None, of)).await?;
                let found = self.selected_by_authority(of).await?;
                match &found[..] {
                    [(one, _)] => self.step(actor, &one.id(), of, finding, narrowed).await?,
                    _ => Step::Authorities(
                        found.into_iter().map(|(arn, number)| (self.named(&arn), number)).collect(),
                    ),
                }
            }
        };
        Ok(Plan { authorities: self.authorities(), step })
    }

    async fn step(
        &self,
        actor: &Actor,
        authority: &AuthorityId,
        of: &Selection,
        finding: Option<FindingId>,
        narrowed: Narrowed,
    ) -> Result<Step, Error> {
        if let Selection::List { id, despite_unread: false } = of {
            let list = self.aws.kept_list(id).await?;
            if list.unread.count > 0 {
                let read = u64::try_from(list.serials.len()).unwrap_or(u64::MAX);
                return Ok(Step::Unread { unread: list.unread, read });
            }
        }
        Ok(Step::Proposal(Box::new(self.propose(actor, authority, of, finding, narrowed).await?)))
    }

    /// The request that can be made for these certificates.
    pub async fn propose(
        &self,
        actor: &Actor,
        authority: &AuthorityId,
        of: &Selection,
        finding: Option<FindingId>,
        narrowed: Narrowed,
    ) -> Result<Proposal, Error> {
        let policy = &self.settings().policy;
        let arn = &self.authority(authority)?.authority.arn;
        if policy.excluded.contains(arn) {
            return Err(DraftError::Excluded.into());
        }
        let dry_run = self.dry_run(actor, authority, of).await?;
        let before = self.asked_before(actor, arn).await?;
        let mut counts = DryRunCounts::of(&dry_run, self.configuration.revocation.rate);
        counts.authority = self.authority_now(arn).await;
        Ok(Proposal::of(self.named(arn), dry_run, counts, finding, policy, &before, narrowed))
    }

    /// The devices that would be left without a valid certificate, with their certificates that would be revoked.
    pub async fn cut_off_by(
        &self,
        actor: &Actor,
        authority: &AuthorityId,
        of: &Selection,
    ) -> Result<BTreeMap<DeviceId, Vec<Serial>>, Error> {
        Ok(self.dry_run(actor, authority, of).await?.cut_off())
    }

    /// Whether an authority takes revocations now, and where it publishes them; `None`: AWS does not say, or not in time for a
    /// page.
    pub(crate) async fn authority_now(&self, authority: &AuthorityArn) -> Option<AuthorityNow> {
        let asked = tokio::time::timeout(PATIENCE, self.aws.describe_authority(authority)).await;
        asked
            .ok()?
            .inspect_err(|error| tracing::warn!(%authority, "{error}"))
            .ok()
            .map(|found| AuthorityNow { channels: found.channels(), status: found.status })
    }
}
