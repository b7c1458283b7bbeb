//! The form of new requests: what they would do, and what they can be made for.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::dry_run::DryRun;
use domain::revocable::asked_for;
use domain::views::{
    AlreadyAsked, AuthorityNow, DryRunCounts, Narrowed, Plan, Proposal, Proposed, Selection, Step,
};
use domain::{Actor, AuthorityArn, AuthorityId, DeviceId, FindingId, Permission, Serial};
use futures::future::join_all;

use crate::verbs::revocations::{FEW, Foreseen, about};
use crate::{Console, Error};

/// How long a page waits for what AWS says of an authority.
const PATIENCE: Duration = Duration::from_secs(2);

impl Console {
    /// What requests for these certificates would do, of `authority` or of all that have some of them; without any, what one can be
    /// made for. `narrowed` is about the list of one authority, by default that of the only one.
    ///
    /// # Errors
    /// [`Error::Invalid`]: they are too many. [`Error::NotFound`]: the list is not kept any more.
    pub async fn plan(
        &self,
        actor: &Actor,
        authority: Option<&AuthorityId>,
        of: Option<&Selection>,
        finding: Option<FindingId>,
        narrowed: (Option<AuthorityId>, Narrowed),
    ) -> Result<Plan, Error> {
        let step = match of {
            None => Step::Nothing,
            Some(of) => match self.unread(of).await? {
                Some(unread) => unread,
                None => Step::Proposed(self.propose(actor, authority, of, finding, narrowed).await?),
            },
        };
        Ok(Plan { authorities: self.authorities(), step })
    }

    /// What cannot be read of a list, unless somebody has said to go on without it.
    async fn unread(&self, of: &Selection) -> Result<Option<Step>, Error> {
        let Selection::List { id, despite_unread: false } = of else { return Ok(None) };
        let list = self.aws.kept_list(id).await?;
        let read = u64::try_from(list.serials.len()).unwrap_or(u64::MAX);
        Ok((list.unread.count > 0).then_some(Step::Unread { unread: list.unread, read }))
    }

    /// The requests that can be made for these certificates.
    async fn propose(
        &self,
        actor: &Actor,
        authority: Option<&AuthorityId>,
        of: &Selection,
        finding: Option<FindingId>,
        (at, narrowed): (Option<AuthorityId>, Narrowed),
    ) -> Result<Proposed, Error> {
        let arn = authority.map(|id| self.authority(id)).transpose()?.map(|known| &known.authority.arn);
        self.allowed(actor, Permission::Operate, about(arn, of)).await?;
        let Foreseen { runs, refused } = self.foresee(authority, of).await?;
        let (alone, policy) = (runs.len() == 1, &self.settings().policy);
        let now = join_all(runs.iter().map(|run| self.authority_now(&run.authority))).await;
        let mut proposals = Vec::new();
        for (run, now) in runs.into_iter().zip(now) {
            let authority = self.named(&run.authority);
            let before = self.asked_before(actor, &run.authority).await?;
            let mut counts = DryRunCounts::of(&run, self.configuration.revocation.rate);
            counts.authority = now;
            let is_narrowed = alone || at.as_ref() == Some(&authority.arn.id());
            let narrowed = if is_narrowed { narrowed } else { Narrowed::default() };
            let finding = finding.clone().filter(|id| id.scope.authority() == Some(&authority.arn.id()));
            let asked = self.asked_already(&run).await?;
            let proposal = Proposal::of(authority, run, counts, finding, policy, &before, narrowed);
            proposals.push(Proposal { asked, ..proposal });
        }
        proposals
            .sort_by_key(|one| (std::cmp::Reverse(one.dry_run.devices_cut_off), one.authority.name.clone()));
        let refused = refused.into_iter().map(|(arn, number, why)| (self.named(&arn), number, why));
        Ok(Proposed { proposals, refused: refused.collect() })
    }

    /// Those that a request is about already, where they are few.
    async fn asked_already(&self, run: &DryRun) -> Result<Vec<AlreadyAsked>, Error> {
        let (mode, now) = (self.settings().mode, self.clock.now());
        let serials: Vec<Serial> = run.revocable().map(|line| line.target.serial).collect();
        let mut asked = Vec::new();
        let few = if serials.len() <= FEW { serials } else { Vec::new() };
        for serial in few {
            let requests = self.aws.requests_of(&run.authority.id(), serial).await?;
            if let Some((request, why)) = asked_for(&requests, mode, now) {
                asked.push(AlreadyAsked { serial, request: request.id.clone(), why: why.to_owned() });
            }
        }
        Ok(asked)
    }

    /// The devices that would be left without a valid certificate, with their certificates that would be revoked.
    pub async fn cut_off_by(
        &self,
        actor: &Actor,
        authority: Option<&AuthorityId>,
        of: &Selection,
    ) -> Result<BTreeMap<DeviceId, Vec<Serial>>, Error> {
        let arn = authority.map(|id| self.authority(id)).transpose()?.map(|known| &known.authority.arn);
        self.allowed(actor, Permission::Operate, about(arn, of)).await?;
        let mut devices = BTreeMap::<DeviceId, Vec<Serial>>::new();
        for run in self.foresee(authority, of).await?.runs {
            run.cut_off()
                .into_iter()
                .for_each(|(device, serials)| devices.entry(device).or_default().extend(serials));
        }
        Ok(devices)
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
