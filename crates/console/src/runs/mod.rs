//! Runs: starting one, watching it, and taking up those that a replica left behind. What a run does is in [`drive`].

mod drive;
mod live;
mod record;
mod report;
mod scan;

use std::time::Duration;

use countersign_aws::{Error as AwsError, Lease, Thing};
use domain::finding::{Disagreement, FindingStateName};
use domain::ledger::{Action, Object};
use domain::people::Person;
use domain::run::{RunInputs, Stage};
use domain::{Actor, AuthorityArn, AuthorityId, Permission, Run, RunId, RunState};
use futures::{TryStreamExt, future};

use crate::actor::{system, who};
use crate::reconciliation::Reconciliation;
use crate::{Console, Error};
pub(crate) use record::BY_THE_TRAIL;

/// How long a replica may be silent before another one takes its run over.
const LEASE: Duration = Duration::from_secs(20);
/// How many runs a list shows.
const LISTED: u32 = 50;

/// How often, and after what time at first, AWS is asked again when it is too busy or does not answer: a run has time.
const TRIES: u32 = 6;
const WAIT: Duration = Duration::from_secs(1);

/// Makes a call that may be made again, until it is answered for good.
async fn patiently<T, F>(call: impl Fn() -> F) -> Result<T, AwsError>
where
    F: Future<Output = Result<T, AwsError>>,
{
    for tries in 0..TRIES {
        match call().await {
            Err(error) if error.is_transient() => {
                tracing::warn!(tries, "AWS is asked again: {error}");
                tokio::time::sleep(WAIT * 2u32.pow(tries)).await;
            }
            other => return other,
        }
    }
    call().await
}

fn lease_name(authority: &AuthorityId) -> String {
    format!("run/{authority}")
}

fn object(run: &Run) -> Object {
    Object::Run { authority: run.authority.clone(), id: run.id.clone() }
}

/// Why a run, or a reading of the records, does not come to its end.
#[derive(Debug)]
pub(crate) enum Stop {
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

impl Console {
    /// Starts a run and answers at once; it works in the background.
    ///
    /// # Errors
    /// [`Error::RunUnderWay`]: one run of an authority at a time.
    pub async fn start_run(&self, actor: &Actor, authority: &AuthorityId) -> Result<Run, Error> {
        let arn = self.authority(authority)?.authority.arn.clone();
        self.allowed(actor, Permission::Operate, Object::Route(format!("runs of {authority}"))).await?;
        let worker = self.at_work();
        let (run, lease) = worker.begin_run(&arn, Some(actor)).await?;
        tokio::spawn(worker.drive(run.clone(), lease));
        Ok(run)
    }

    /// Makes a run for the command line, and waits for its end.
    ///
    /// # Errors
    /// [`Error::RunUnderWay`]; [`Error::Conflict`] with the reason when the run failed.
    pub async fn reconcile(&self, authority: &AuthorityId) -> Result<(Run, Reconciliation), Error> {
        let arn = self.authority(authority)?.authority.arn.clone();
        let worker = self.at_work();
        let (run, lease) = worker.begin_run(&arn, None).await?;
        let run = worker.drive(run, lease).await?;
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
        let not_judged = record::not_judged(&run.inputs);
        let reconciliation = Reconciliation::new(arn, findings, run.inputs.clone(), not_judged);
        Ok((run, reconciliation))
    }

    /// One run, as far as it is.
    pub async fn run(&self, actor: &Actor, authority: &AuthorityId, id: &RunId) -> Result<Run, Error> {
        self.allowed(actor, Permission::Read, Object::Route(format!("run {id}"))).await?;
        Ok(self.aws.run(authority, id).await?)
    }

    /// The newest runs of one authority, or of all configured ones, newest first.
    pub async fn runs(&self, actor: &Actor, authority: Option<&AuthorityId>) -> Result<Vec<Run>, Error> {
        self.allowed(actor, Permission::Read, Object::Route("runs".to_owned())).await?;
        if let Some(authority) = authority {
            return Ok(self.aws.runs(authority, LISTED).await?);
        }
        let mut runs = Vec::new();
        for authority in self.authorities() {
            runs.extend(self.aws.runs(&authority.arn.id(), LISTED).await?);
        }
        // Ids sort by the time of their making.
        runs.sort_by(|a, b| b.id.cmp(&a.id));
        runs.truncate(usize::try_from(LISTED).unwrap_or(usize::MAX));
        Ok(runs)
    }

    /// Takes up the runs whose replica is no longer there: each is done anew under its id.
    pub(crate) async fn resume_runs(&self) -> Result<(), Error> {
        for authority in self.authorities() {
            let id = authority.arn.id();
            if self.running(&id).await?.is_none() {
                continue;
            }
            let Some(lease) = self.run_lease(&id).await? else { continue };
            match self.running(&id).await? {
                Some(run) => self.resume(run, lease),
                // It has ended meanwhile.
                None => self.give_back(&lease).await,
            }
        }
        Ok(())
    }

    fn resume(&self, run: Run, lease: Lease) {
        tracing::warn!(run = %run.id, "taking up the run {} of {}", run.id, run.authority.id());
        // What it opened is counted again; what it closed is closed, and counted already.
        let run = Run { stage: Stage::Starting, inputs: RunInputs::default(), opened: 0, ..run };
        tokio::spawn(self.clone().drive(run, lease));
    }

    /// The run of the authority that is under way or left behind.
    async fn running(&self, authority: &AuthorityId) -> Result<Option<Run>, Error> {
        let newest = self.aws.runs(authority, 1).await?.into_iter().next();
        Ok(newest.filter(|run| run.state == RunState::Running))
    }

    async fn run_lease(&self, authority: &AuthorityId) -> Result<Option<Lease>, Error> {
        let holder = uuid::Uuid::new_v4().to_string();
        Ok(self.aws.acquire_lease_until(&lease_name(authority), &holder, LEASE, self.clock.now()).await?)
    }

    /// A new run under its lease. `actor` is `None` for the schedule and the command line.
    async fn begin_run(
        &self,
        authority: &AuthorityArn,
        actor: Option<&Actor>,
    ) -> Result<(Run, Lease), Error> {
        let id = authority.id();
        let Some(lease) = self.run_lease(&id).await? else {
            return Err(match self.running(&id).await? {
                Some(run) => Error::RunUnderWay(run.id),
                None => {
                    Error::Conflict("A run is just starting or ending. Try again in a moment.".to_owned())
                }
            });
        };
        if let Some(left_behind) = self.running(&id).await? {
            let under_way = Error::RunUnderWay(left_behind.id.clone());
            self.resume(left_behind, lease);
            return Err(under_way);
        }
        let run = Run {
            id: uuid::Uuid::now_v7().to_string().parse().map_err(Error::internal)?,
            authority: authority.clone(),
            state: RunState::Running,
            stage: Stage::Starting,
            started_at: self.clock.now(),
            started_by: actor.map(|actor| -> Person { actor.person.clone() }),
            finished_at: None,
            inputs: RunInputs::default(),
            counts: Default::default(),
            opened: 0,
            closed: 0,
            failure: None,
        };
        let starter = actor.map_or_else(|| system("command line"), who);
        let body = self.told(starter, Action::RunStarted, object(&run));
        let started = async {
            let mut changes = self.aws.order_run(&run)?;
            changes.push(self.aws.holds_lease(&lease));
            self.aws.commit(changes, &body).await
        };
        if let Err(error) = started.await {
            self.give_back(&lease).await;
            return Err(error.into());
        }
        Ok((run, lease))
    }
}
