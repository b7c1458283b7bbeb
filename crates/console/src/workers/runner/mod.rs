//! The runner: takes up the runs that somebody ordered, or that a process left behind, and makes those of the command line.
//! What a run does is in [`drive`].

mod drive;
mod live;
mod record;
mod report;

use std::sync::Arc;
use std::time::Duration;

use countersign_aws::{Aws, Error as AwsError, Thing};
use domain::finding::{Disagreement, FindingStateName};
use domain::ledger::{Action, Object};
use domain::run::{RunInputs, Stage};
use domain::trail::Issuers;
use domain::{AuthorityArn, AuthorityId, Run, RunState};
use futures::{TryStreamExt, future};

use super::ingester::Ingester;
use crate::journal::{Journal, system};
use crate::lease::{Guard, Leases};
use crate::new_id::new_id;
use crate::proofs::Proofs;
use crate::reconciliation::Reconciliation;
use crate::records::{Records, Unread};
use crate::{AuthoritySettings, Clock, Error, TrailSettings};

/// Whoever makes a run of an authority holds this.
fn lease_name(authority: &AuthorityId) -> String {
    format!("run/{authority}")
}

pub(crate) fn object(run: &Run) -> Object {
    Object::Run { authority: run.authority.clone(), id: run.id.clone() }
}

/// Why a run does not come to its end.
#[derive(Debug)]
enum Stop {
    /// Another replica has taken it over: nothing may be written any more.
    Lost,
    /// Why, and what to do.
    Failed(String),
}

impl From<AwsError> for Stop {
    fn from(error: AwsError) -> Self {
        match error {
            AwsError::Conflict { what: Thing::Lease | Thing::Run, .. } => Self::Lost,
            error => Self::Failed(error.to_string()),
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error.trace())
    }
}

impl From<Unread> for Stop {
    fn from(unread: Unread) -> Self {
        Self::Failed(unread.0)
    }
}

/// Makes runs. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Runner {
    pub aws: Aws,
    pub clock: Clock,
    pub records: Records,
    pub journal: Journal,
    pub leases: Leases,
    pub proofs: Proofs,
    pub authorities: Arc<[AuthoritySettings]>,
    /// Certificates issued or revoked less than this before the report was made are too young to judge.
    pub grace: Duration,
    /// A report that is younger than this is read again instead of asking for a new one.
    pub report_max_age: Duration,
    /// What expired longer before the report was made, and is not in the inventory, is left out.
    pub expired_after: Option<Duration>,
    pub issuers: Arc<Issuers>,
    /// What reads the trail before a run compares, and how; `None`: no trail is configured.
    pub trail: Option<(Ingester, Arc<TrailSettings>)>,
}

impl Runner {
    /// Makes a run for the command line, and waits for its end.
    ///
    /// # Errors
    /// [`Error::RunUnderWay`]; [`Error::Conflict`] with the reason when the run failed.
    pub async fn reconcile(&self, authority: &AuthorityId) -> Result<(Run, Reconciliation), Error> {
        let arn = self.authority(authority)?.authority.arn.clone();
        let (run, guard) = self.begin(&arn).await?;
        let run = self.clone().drive(run, guard).await?;
        if let Some(failure) = run.failure {
            return Err(Error::Conflict(failure));
        }
        let open = self.aws.findings_not_closed(authority);
        let open =
            open.try_filter(|finding| future::ready(finding.state.name() != FindingStateName::Dismissed));
        // Alerts are not what a run found.
        let findings = open.try_filter_map(|finding| {
            let found = finding.authority.zip(finding.id.subject.serial()).map(|(authority, serial)| {
                Disagreement { kind: finding.id.kind, authority, serial, evidence: finding.evidence }
            });
            future::ready(Ok(found))
        });
        let findings = findings.try_collect().await?;
        let not_judged = run.inputs.not_judged();
        let reconciliation = Reconciliation::new(arn, findings, run.inputs.clone(), not_judged);
        Ok((run, reconciliation))
    }

    /// Takes up the runs that wait for a worker, and those whose worker is no longer there: each is done anew under its id.
    pub async fn pass(&self) -> Result<(), Error> {
        for authority in self.authorities.iter() {
            let id = authority.authority.arn.id();
            if self.running(&id).await?.is_none() {
                continue;
            }
            let Some(guard) = self.leases.take(&lease_name(&id)).await? else { continue };
            match self.running(&id).await? {
                Some(run) => self.resume(run, guard),
                // It has ended meanwhile.
                None => guard.give_back().await,
            }
        }
        Ok(())
    }

    fn resume(&self, run: Run, guard: Guard) {
        tracing::info!(run = %run.id, "taking up the run {} of {}", run.id, run.authority.id());
        // What it opened is counted again; what it closed is closed, and counted already.
        let (stage, inputs) = (Stage::Starting, RunInputs::default());
        let run = Run { stage, inputs, opened: 0, found: None, compared: None, ..run };
        let runner = self.clone();
        tokio::spawn(async move {
            let id = run.id.clone();
            if let Err(error) = runner.drive(run, guard).await {
                tracing::warn!(run = %id, "the run {id} is left for later: {}", error.trace());
            }
        });
    }

    /// The run of the authority that is under way or left behind.
    async fn running(&self, authority: &AuthorityId) -> Result<Option<Run>, Error> {
        let newest = self.aws.runs(authority, 1).await?.into_iter().next();
        Ok(newest.filter(|run| run.state == RunState::Running))
    }

    /// A new run of the command line, under its lease.
    async fn begin(&self, authority: &AuthorityArn) -> Result<(Run, Guard), Error> {
        let id = authority.id();
        let Some(guard) = self.leases.take(&lease_name(&id)).await? else {
            return Err(match self.running(&id).await? {
                Some(run) => Error::RunUnderWay(run.id),
                None => {
                    Error::Conflict("A run is just starting or ending. Try again in a moment.".to_owned())
                }
            });
        };
        if let Some(left_behind) = self.running(&id).await? {
            let under_way = Error::RunUnderWay(left_behind.id.clone());
            self.resume(left_behind, guard);
            return Err(under_way);
        }
        let run = Run::ordered(new_id()?, authority.clone(), None, self.clock.now());
        let body = self.journal.told(system("command line"), Action::RunStarted, object(&run));
        let started = async {
            let lease = guard.lease();
            let mut changes = self.aws.order_run(&run)?;
            changes.push(self.aws.holds_lease(lease));
            self.journal.commit(changes, &body).await
        };
        match started.await {
            Ok(_) => Ok((run, guard)),
            Err(error) => {
                guard.give_back().await;
                Err(error.into())
            }
        }
    }

    fn authority(&self, id: &AuthorityId) -> Result<&AuthoritySettings, Error> {
        let mut all = self.authorities.iter();
        all.find(|one| one.authority.arn.id() == *id).ok_or(Error::NotFound("authority"))
    }
}
