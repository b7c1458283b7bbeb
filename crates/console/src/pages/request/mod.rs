//! One request, with everything that an approver must see.

mod timeline;

use std::collections::BTreeMap;
use std::time::Duration;

use domain::dry_run::DryRun;
use domain::ledger::Object;
use domain::revocation::{
    DrillReport, Execution, ItemProgress, ItemState, ProvingRun, Refusal, Request, RequestId, RequestState,
    Target,
};
use domain::views::{
    Decider, DryRunCounts, FailedCertificate, MadeWith, Narrowed, RequestDetail, RequestView,
};
use domain::{Actor, DeviceId, Permission, Serial};

use crate::{Console, Error};
use timeline::timeline;

/// How many people are looked at, and how long ago they may have signed in for the last time.
const PEOPLE: u32 = 500;
const LATELY: Duration = Duration::from_secs(90 * 86_400);

impl Console {
    /// One request, with one page of its certificates.
    pub async fn request(
        &self,
        actor: &Actor,
        id: &RequestId,
        narrowed: Narrowed,
    ) -> Result<RequestDetail, Error> {
        self.allowed(actor, Permission::Read, Object::Request(id.clone())).await?;
        let now = self.clock.now();
        let request = self.aws.request(id).await?;
        let targets = self.aws.request_targets(id).await?;
        let request = request.expired(now).unwrap_or(request);
        let execution = self.aws.execution(id, &targets).await?.in_round(request.round());
        let intact = match request.hash_of(&targets) == request.hash {
            true => Ok(()),
            false => Err(Refusal::OtherHash),
        };
        let decidable = request.pending(now).and_then(|pending| pending.open_to(actor));
        let (dry_run, together, refused) = self.together(actor, &request, &targets).await?;
        let view = RequestView {
            authority: self.named(&request.authority),
            state: request.state,
            dry_run,
            together,
            timeline: timeline(&request, &execution, self.configuration.revocation.crl_deadline),
            cannot_decide: decidable.and(intact).err().or(refused),
            steps: request.steps(actor, &execution.counts(), now),
            cannot_cancel: request.cancel(actor, now).err(),
            mode: request.mode,
            drill: self.drill_report(&request, &execution).await?,
            request,
            targets,
            execution,
        };
        let proving_run = self.proving_run(&view.request, &view.execution).await?;
        let mut detail = RequestDetail::of(view, self.configuration.revocation.rate, narrowed);
        detail.proving_run = proving_run;
        if detail.request.state == RequestState::Pending {
            detail.dry_run.authority = self.authority_now(&detail.request.authority).await;
            detail.deciders = self.deciders(&detail.request).await?;
        }
        Ok(detail)
    }

    /// How far it is with the run that is to show what the request has revoked.
    async fn proving_run(
        &self,
        request: &Request,
        execution: &Execution,
    ) -> Result<Option<ProvingRun>, Error> {
        let revoked = execution.items.iter().filter(|item| item.report_at.is_none()).filter_map(|item| {
            match item.item {
                ItemState::Revoked { at, .. } => Some(at),
                _ => None,
            }
        });
        let Some(last) = revoked.max().filter(|_| request.executed_at.is_some() && !request.is_drill())
        else {
            return Ok(None);
        };
        let runs = self.aws.runs(&request.authority.id(), ProvingRun::LOOKED_AT).await?;
        Ok(Some(ProvingRun::after(last, &runs)))
    }

    /// What the request would do now, with all that one decision decides: that was made in one go with it, and waits for `actor`,
    /// too; and why they cannot decide on that.
    async fn together(
        &self,
        actor: &Actor,
        request: &Request,
        targets: &[Target],
    ) -> Result<(DryRun, Vec<MadeWith>, Option<Refusal>), Error> {
        let now = self.clock.now();
        let (mut others, mut asked, mut refused) = (Vec::new(), Vec::new(), None);
        for other in self.made_with(request, now).await? {
            if request.pending(now).is_ok() && other.waits_for(actor, now) {
                let targets = self.aws.request_targets(&other.id).await?;
                let open = other.pending(now).and_then(|pending| pending.open_to(actor));
                let intact = (other.hash_of(&targets) == other.hash).then_some(()).ok_or(Refusal::OtherHash);
                refused = refused.or(open.and(intact).err().map(|why| self.of_other(&other, why)));
                asked.push((other.clone(), targets));
            }
            others.push(other);
        }
        let mut all = vec![(request, targets)];
        all.extend(asked.iter().map(|(other, targets)| (other, targets.as_slice())));
        let mut runs = self.foretell_again(&all).await?.into_iter();
        let own = runs.next().ok_or(Error::NotFound("request"))?;
        let mut counted: BTreeMap<RequestId, DryRunCounts> = BTreeMap::new();
        for ((other, _), run) in asked.iter().zip(runs) {
            let mut counts = DryRunCounts::of(&run, self.configuration.revocation.rate);
            counts.authority = self.authority_now(&other.authority).await;
            counted.insert(other.id.clone(), counts);
        }
        let made_with = |other: Request| MadeWith {
            authority: self.named(&other.authority),
            dry_run: counted.remove(&other.id),
            request: other,
        };
        Ok((own, others.into_iter().map(made_with).collect(), refused))
    }

    /// What a drill that has ended has shown.
    pub(crate) async fn drill_report(
        &self,
        request: &Request,
        execution: &Execution,
    ) -> Result<Option<DrillReport>, Error> {
        if DrillReport::of(request, &execution.items, None).is_none() {
            return Ok(None);
        }
        let from: Vec<_> = request.finding.iter().cloned().collect();
        let opened = self.aws.findings(&from).await?.first().map(|finding| finding.first_seen);
        Ok(DrillReport::of(request, &execution.items, opened))
    }

    /// Who may still decide, of those who have signed in lately.
    async fn deciders(&self, request: &Request) -> Result<Vec<Decider>, Error> {
        let now = self.clock.now();
        let Ok(pending) = request.pending(now) else { return Ok(Vec::new()) };
        let mut people = self.aws.people_seen(PEOPLE).await?;
        people.retain(|actor| now.since(actor.signed_in_at) <= LATELY);
        let deciders = pending.deciders(&people, &self.settings().policy);
        let decider =
            |(actor, groups): (&Actor, Vec<String>)| Decider { name: actor.person.name.clone(), groups };
        Ok(deciders.into_iter().map(decider).collect())
    }

    /// The devices that the request would leave without a valid certificate now, with its certificates of theirs.
    pub async fn cut_off_by_request(
        &self,
        actor: &Actor,
        id: &RequestId,
    ) -> Result<BTreeMap<DeviceId, Vec<Serial>>, Error> {
        self.allowed(actor, Permission::Read, Object::Request(id.clone())).await?;
        let request = self.aws.request(id).await?;
        let targets = self.aws.request_targets(id).await?;
        Ok(self.together(actor, &request, &targets).await?.0.cut_off())
    }

    /// The certificates of a request that could not be revoked, by serial number.
    pub async fn failed_certificates(
        &self,
        actor: &Actor,
        id: &RequestId,
    ) -> Result<Vec<FailedCertificate>, Error> {
        self.allowed(actor, Permission::Read, Object::Request(id.clone())).await?;
        // Whether there is such a request at all.
        self.aws.request(id).await?;
        let targets = self.aws.request_targets(id).await?;
        let items = self.aws.execution(id, &targets).await?.items;
        let failed = |(target, item): (Target, ItemProgress)| match item.item {
            ItemState::Failed { at, error, .. } => {
                let Target { serial, device, subject, .. } = target;
                Some(FailedCertificate { serial, device, subject, at, error })
            }
            _ => None,
        };
        Ok(targets.into_iter().zip(items).filter_map(failed).collect())
    }
}
