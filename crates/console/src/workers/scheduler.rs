//! The scheduler: orders the runs that are due by the schedule. A run, the mark that its time is settled and the ledger's entry are one
//! transaction, so that no time has two runs whoever dies when; missed ones are told before one run makes up for them.

use std::sync::Arc;
use std::time::Duration;

use countersign_aws::{Aws, Change, Error as AwsError, Lease};
use domain::ledger::{Action, Object};
use domain::schedule::{Due, InForce, Schedules, Standing, Step, next_step};
use domain::timestamp::words;
use domain::{AuthorityArn, Run, Timestamp};
use futures::FutureExt;

use super::raise::Raiser;
use super::runner::object;
use crate::abort::{Point, abort_at};
use crate::journal::{Journal, system};
use crate::lease::{Leases, Pass};
use crate::new_id::new_id;
use crate::{AuthoritySettings, Clock, Error};

/// How often it is looked whether a run is due.
pub(crate) const INTERVAL: Duration = Duration::from_secs(5);

/// Orders runs by the schedule. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Scheduler {
    pub aws: Aws,
    pub clock: Clock,
    pub journal: Journal,
    pub leases: Leases,
    pub raiser: Raiser,
    pub authorities: Arc<[AuthoritySettings]>,
    pub schedules: Arc<Schedules>,
}

impl Scheduler {
    /// Looks at every authority.
    pub async fn pass(&self) -> Result<Pass, Error> {
        self.leases.under("schedule", |lease| self.look_at_all(lease).boxed()).await
    }

    /// One authority's trouble does not keep the others from their runs.
    async fn look_at_all(&self, lease: Lease) -> Result<(), Error> {
        let mut outcome = Ok(());
        for AuthoritySettings { authority, .. } in self.authorities.iter() {
            if let Err(error) = self.look_at(&authority.arn, &lease).await {
                tracing::warn!(authority = %authority.arn.id(), "the schedule waits: {}", error.trace());
                outcome = Err(error);
            }
        }
        outcome
    }

    async fn look_at(&self, authority: &AuthorityArn, lease: &Lease) -> Result<(), Error> {
        let id = authority.id();
        let standing = self.aws.schedule(&id).await?;
        let plan = self.schedules.of(&id);
        match next_step(standing.as_ref(), plan.as_ref(), self.clock.now()) {
            Step::Wait => Ok(()),
            Step::Adopt(next) => self.adopt(authority, standing, next, lease).await,
            Step::Run(due) => self.order(authority, due, lease).await,
        }
    }

    async fn adopt(
        &self,
        authority: &AuthorityArn,
        before: Option<Standing>,
        next: Standing,
        lease: &Lease,
    ) -> Result<(), Error> {
        let about = Object::Route(format!("schedule of {}", authority.id()));
        let body = self
            .journal
            .told(system("schedule"), Action::ConfigurationChanged, about)
            .with("from", before.map_or_else(|| "-".to_owned(), |before| said(&before.force)))
            .with("to", said(&next.force));
        let changes = self.aws.adopt_schedule(&authority.id(), &next)?;
        self.commit(changes, &body, lease).await
    }

    async fn order(&self, authority: &AuthorityArn, due: Due, lease: &Lease) -> Result<(), Error> {
        // First of all: whatever keeps the run from beginning, somebody is told.
        self.tell_missed(authority, &due, lease).await?;
        abort_at(Point::BeforeScheduledRun);
        let run = Run::scheduled(new_id()?, authority.clone(), due.at, self.clock.now());
        let mut body = self
            .journal
            .told(system("schedule"), Action::RunStarted, object(&run))
            .with("scheduled_for", due.at);
        if let Some((first, count)) = due.missed {
            body = body.with("missed", count).with("missed_since", first);
        }
        let changes = self.aws.order_scheduled_run(&run, &due.then)?;
        self.commit(changes, &body, lease).await?;
        abort_at(Point::AfterScheduledRun);
        Ok(())
    }

    /// A run that is under way, or a worker that was faster, is no trouble: it is looked at again soon.
    async fn commit(
        &self,
        mut changes: Vec<Change>,
        body: &domain::ledger::Body,
        lease: &Lease,
    ) -> Result<(), Error> {
        changes.push(self.aws.holds_lease(lease));
        match self.journal.commit(changes, body).await {
            Ok(()) | Err(AwsError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn tell_missed(&self, authority: &AuthorityArn, due: &Due, lease: &Lease) -> Result<(), Error> {
        let Some(alert) = due.alert(authority) else { return Ok(()) };
        let told = self.aws.findings(&[alert.id()]).await?;
        let is_told = |at: Timestamp| {
            let facts = told.iter().filter_map(|finding| finding.evidence.alert.as_ref());
            facts.into_iter().any(|facts| facts.at == at)
        };
        if is_told(alert.facts.at) {
            return Ok(());
        }
        let holds = [self.aws.holds_lease(lease)];
        self.raiser.raise(vec![alert.into()], Timestamp::EPOCH, &holds, Vec::new()).await
    }
}

fn said(force: &InForce) -> String {
    match &force.plan {
        None => "never".to_owned(),
        Some(plan) => format!("{} + {}", plan.cron, words(plan.delay())),
    }
}
