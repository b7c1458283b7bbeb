//! The executor: carries out approved requests, restartable at any line.
//!
//! One worker executes at a time: the lease `executor` makes the configured rate the rate over all of them. Each request
//! has a lease of its own besides, whose fencing number stops the writes of whoever lost it. Requests take turns, so that
//! a request for one certificate does not wait behind one for thousands.

mod inventory;
mod revoke;

use std::time::Duration;

use countersign_aws::{Aws, Lease};
use domain::Timestamp;
use domain::ledger::{Action, Object};
use domain::revocation::{
    Approved, Execution, ItemProgress, ItemState, Mode, NotExecutable, Request, RequestId, RequestState,
    Target,
};
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::raise::Raiser;
use crate::journal::{Journal, system};
use crate::lease::{Guard, Leases, Pass};
use crate::proofs::Proofs;
use crate::{Clock, Error};
use revoke::Interruption;

const EXECUTOR: &str = "executor";
/// How many items one entry of the ledger tells of at most.
pub(super) const BATCH: usize = 90;
/// How many calls may be under way at once: the rate is held even if the CA takes its time.
const AT_ONCE: usize = 8;
/// Why a request that revokes waits where the configuration says that nothing is revoked.
const HELD: &str = "the configuration says dry-run since; it goes on when it says live";

/// Whoever executes or proves a request holds this lease: its fencing number stops the writes of whoever lost it.
pub(super) fn lease_name(id: &RequestId) -> String {
    format!("execute/{id}")
}

/// Carries out what is approved. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Executor {
    pub aws: Aws,
    pub clock: Clock,
    pub journal: Journal,
    pub leases: Leases,
    pub proofs: Proofs,
    pub raiser: Raiser,
    /// Whether anything is revoked at all.
    pub mode: Mode,
    /// Calls a second.
    pub rate: u32,
    /// How long after the last revocation CRL and OCSP may take to show it.
    pub crl_deadline: Duration,
}

/// Whose turn it is: the leases under which a request is carried out, and the pace of the calls.
struct Turn<'a> {
    executor: &'a Guard,
    request: &'a Guard,
    pace: &'a mut Interval,
    stop: &'a CancellationToken,
}

impl Turn<'_> {
    /// # Errors
    /// One of the leases is lost: no call may be made any more.
    fn is_ours(&self) -> Result<(), Error> {
        self.executor.held()?;
        self.request.held()
    }
}

/// What is left to do on a request.
enum Left {
    Nothing,
    Items,
    /// Another process holds it.
    Held,
}

impl Executor {
    /// Carries out everything in the outbox. Ends at the next item after `stop`.
    pub async fn pass(&self, stop: &CancellationToken) -> Result<Pass, Error> {
        if self.aws.outbox().await?.is_empty() {
            return Ok(Pass::Done);
        }
        let Some(executor) = self.leases.take(EXECUTOR).await? else { return Ok(Pass::Waiting) };
        let done = self.empty_outbox(&executor, stop).await;
        executor.give_back().await;
        done
    }

    async fn empty_outbox(&self, executor: &Guard, stop: &CancellationToken) -> Result<Pass, Error> {
        let mut pace = interval(Duration::from_secs(1) / self.rate.max(1));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let (mut more, mut pass, mut failure) = (false, Pass::Done, None);
            for id in self.aws.outbox().await? {
                if stop.is_cancelled() {
                    return Ok(pass);
                }
                executor.held()?;
                match self.execute_some(&id, executor, &mut pace, stop).await {
                    Ok(Left::Nothing) => {}
                    Ok(Left::Items) => more = true,
                    Ok(Left::Held) => pass = Pass::Waiting,
                    Err(error) => {
                        tracing::warn!(request = %id, "execution of {id} is interrupted: {}", error.trace());
                        failure = Some(error);
                    }
                }
            }
            match failure {
                Some(error) => return Err(error),
                None if !more => return Ok(pass),
                None => {}
            }
        }
    }

    /// Goes on with one request for a while.
    async fn execute_some(
        &self,
        id: &RequestId,
        executor: &Guard,
        pace: &mut Interval,
        stop: &CancellationToken,
    ) -> Result<Left, Error> {
        let Some(request) = self.leases.take(&lease_name(id)).await? else { return Ok(Left::Held) };
        let left = self.execute_leased(id, &mut Turn { executor, request: &request, pace, stop }).await;
        request.give_back().await;
        left
    }

    async fn execute_leased(&self, id: &RequestId, turn: &mut Turn<'_>) -> Result<Left, Error> {
        let targets = self.aws.request_targets(id).await?;
        let request = self.aws.request(id).await?;
        let mut execution = self.aws.execution(id, &targets).await?;
        let begun = execution.items.iter().any(|item| item.item != ItemState::Waiting);
        let approved = match self.take_on(request.clone(), &targets, begun, turn).await? {
            Ok(approved) => approved,
            // Not even a word: what is written would lack what this version does not know.
            Err(NotExecutable::Newer) => return Ok(Left::Nothing),
            Err(why) => {
                match why.may_pass() {
                    true => self.tell_interrupted(&request, &why.to_string(), turn.request.lease()).await?,
                    false => self.call_off(&request, &why, turn).await?,
                }
                return Ok(Left::Nothing);
            }
        };
        if approved.request().mode == Mode::Live && self.mode == Mode::DryRun {
            // What was approved is not rehearsed instead: part of it may be done already.
            self.tell_interrupted(approved.request(), HELD, turn.request.lease()).await?;
            return Ok(Left::Nothing);
        }
        let unsettled = (0..execution.items.len()).filter(|place| !execution.items[*place].is_settled());
        let places: Vec<usize> = unsettled.take(BATCH).collect();
        let done = self.settle(&approved, &mut execution, &places, turn).await;
        let all_settled = execution.items.iter().all(ItemProgress::is_settled);
        let told = if all_settled { (0..execution.items.len()).collect() } else { places };
        self.tell_inventory(&approved, &targets, &mut execution, &told, turn).await?;
        match done {
            Ok(()) => {}
            Err(Interruption::Failed(error)) => return Err(error),
            Err(Interruption::Denied(why)) => {
                self.tell_interrupted(approved.request(), &why, turn.request.lease()).await?;
                return Err(Error::Unavailable(why.into()));
            }
        }
        if !all_settled {
            return Ok(Left::Items);
        }
        self.finish(&approved, &execution, turn.request.lease()).await?;
        Ok(Left::Nothing)
    }

    /// Settles the items at these places, some at a time. After an error, and after the stop, what was begun is
    /// brought to its end.
    async fn settle(
        &self,
        approved: &Approved,
        execution: &mut Execution,
        places: &[usize],
        turn: &mut Turn<'_>,
    ) -> Result<(), Interruption> {
        let mut calls: JoinSet<(usize, Result<ItemProgress, Interruption>)> = JoinSet::new();
        let mut failure = None;
        let mut places = places.iter();
        loop {
            let next = if failure.is_some() || turn.stop.is_cancelled() { None } else { places.next() };
            if let Some(place) = next {
                if let Err(error) = turn.is_ours() {
                    failure = Some(error.into());
                    continue;
                }
                let (executor, approved, place) = (self.clone(), approved.clone(), *place);
                let (item, lease) = (execution.items[place].clone(), turn.request.lease().clone());
                match approved.request().mode {
                    Mode::Live => {
                        turn.pace.tick().await;
                        calls.spawn(async move { (place, executor.revoke(&approved, item, &lease).await) });
                    }
                    Mode::DryRun => {
                        calls.spawn(async move { (place, executor.pretend(&approved, item, &lease).await) });
                    }
                }
            }
            if next.is_some() && calls.len() < AT_ONCE {
                continue;
            }
            match calls.join_next().await {
                None => return failure.map_or(Ok(()), Err),
                Some(Ok((place, Ok(item)))) => execution.items[place] = item,
                Some(Ok((_, Err(error)))) => failure = Some(error),
                Some(Err(panicked)) => failure = Some(Error::internal(panicked).into()),
            }
        }
    }

    /// The request as one that may be executed now: hash and approvals are proven each time, the roles of the people as
    /// long as no call was made. `Ok(Err(_))`: it may not.
    async fn take_on(
        &self,
        request: Request,
        targets: &[Target],
        begun: bool,
        turn: &Turn<'_>,
    ) -> Result<Result<Approved, NotExecutable>, Error> {
        let first = request.state == RequestState::Approved;
        let approved = match self.proofs.approved(request, targets).await? {
            Ok(approved) => approved,
            Err(why) => return Ok(Err(why)),
        };
        if begun {
            return Ok(Ok(approved));
        }
        if let Err(why) = approved.still_backed(&self.aws.roles_of(&approved.people()).await?) {
            return Ok(Err(why));
        }
        if !first {
            return Ok(Ok(approved));
        }
        let approved = approved.executing();
        let executing = approved.request();
        let change = self.aws.save_request(executing, RequestState::Approved, turn.request.lease())?;
        let body = self
            .journal
            .told(system("executor"), Action::ExecutionStarted, Object::Request(executing.id.clone()))
            .with("mode", executing.mode.name())
            .with("targets", executing.target_count)
            .with("hash", &executing.hash);
        self.journal.commit(vec![change], &body).await?;
        Ok(Ok(approved))
    }

    /// An approved request that must not be executed ends here.
    async fn call_off(&self, request: &Request, why: &NotExecutable, turn: &Turn<'_>) -> Result<(), Error> {
        let id = &request.id;
        tracing::error!(request = %id, "request {id} is not executed: {why}");
        if let Some(alert) = why.alert(request, self.clock.now()) {
            self.raiser.raise(vec![alert.into()], Timestamp::EPOCH, &[], Vec::new()).await?;
        }
        let mut changes = vec![self.aws.empty_outbox(id)];
        let mut action = Action::Refused;
        if !matches!(why, NotExecutable::State(_)) {
            action = Action::RevocationCancelled;
            let cancelled = Request {
                state: RequestState::Cancelled,
                cancelled_at: Some(self.clock.now()),
                problem: Some(why.to_string()),
                ..request.clone()
            };
            changes.push(self.aws.save_request(&cancelled, request.state, turn.request.lease())?);
        }
        let body = self
            .journal
            .told(system("executor"), action, Object::Request(id.clone()))
            .with("attempt", "execute")
            .with("why", why);
        self.journal.commit(changes, &body).await?;
        measure("cancelled");
        Ok(())
    }

    /// The request waits for somebody who sees to it; said once.
    async fn tell_interrupted(&self, request: &Request, why: &str, lease: &Lease) -> Result<(), Error> {
        if request.problem.as_deref() == Some(why) {
            return Ok(());
        }
        let interrupted = Request { problem: Some(why.to_owned()), ..request.clone() };
        let change = self.aws.save_request(&interrupted, request.state, lease)?;
        let body = self
            .journal
            .told(system("executor"), Action::RevocationFailed, Object::Request(request.id.clone()))
            .with("error", why)
            .with("tried_again", "yes");
        self.journal.commit(vec![change], &body).await?;
        measure("interrupted");
        Ok(())
    }

    /// Nothing is left to be done at the CA.
    async fn finish(&self, approved: &Approved, execution: &Execution, lease: &Lease) -> Result<(), Error> {
        let (request, now, counts) = (approved.request(), self.clock.now(), execution.counts());
        let finished = Request {
            state: execution.state(now, now.plus(self.crl_deadline)),
            executed_at: Some(now),
            unproven: counts.unproven,
            problem: None,
            ..request.clone()
        };
        let changes = vec![
            self.aws.save_request(&finished, RequestState::Executing, lease)?,
            self.aws.empty_outbox(&request.id),
        ];
        let body = self
            .journal
            .told(system("executor"), Action::ExecutionFinished, Object::Request(request.id.clone()))
            .with("mode", request.mode.name())
            .with("revoked", counts.revoked)
            .with("failed", counts.failed)
            .with("dry_run", counts.dry_run);
        self.journal.commit(changes, &body).await?;
        measure(finished.state.name());
        Ok(())
    }
}

/// The execution of a request has ended, or waits for somebody.
fn measure(outcome: &'static str) {
    metrics::counter!("countersign_executions_total", "outcome" => outcome).increment(1);
}
