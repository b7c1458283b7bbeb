//! The executor: carries out approved requests, restartable at any line.
//!
//! One worker executes at a time: the lease `executor` makes the one bucket of calls in its memory the bucket over all
//! workers, which call with the same credentials in the same account and Region. Each request has a lease of its own
//! besides, whose fencing number stops the marks and records of whoever lost it, and a task of its own: one that fails, or
//! whose authority is slow, is in nobody's way.

mod carry_out;
mod pace;
mod published;
mod revoke;
mod take_on;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign_aws::Aws;
use domain::revocation::{Mode, RequestId};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::raise::Raiser;
use crate::journal::Journal;
use crate::lease::{Guard, Leases, Pass};
use crate::lock::lock;
use crate::log::Log;
use crate::proofs::Proofs;
use crate::{Clock, Error};
use pace::{Pace, Patience};

const EXECUTOR: &str = "executor";
/// How many items one transaction tells of at most, and how many calls the approvals are proven for at a time.
pub(super) const BATCH: usize = 90;
/// How often new requests are looked for while others are carried out.
const LOOK: Duration = Duration::from_millis(500);

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
    /// `None`: the ledger is not made into a log.
    pub log: Option<Log>,
    /// Whether anything is revoked at all.
    pub mode: Mode,
    /// Nothing is carried out until the configuration says otherwise.
    pub paused: bool,
    /// Calls a second.
    pub rate: u32,
    /// The requests that are left alone for a while: what was in their way just now may still be.
    pub resting: Arc<Mutex<HashMap<RequestId, Patience>>>,
}

/// What a request's task works under.
#[derive(Clone)]
struct Turn {
    executor: Arc<Guard>,
    pace: Arc<Pace>,
    stop: CancellationToken,
}

impl Executor {
    /// Carries out everything in the outbox. Ends at the next item after `stop`.
    pub async fn pass(&self, stop: &CancellationToken) -> Result<Pass, Error> {
        let outbox = self.aws.outbox().await?;
        if outbox.is_empty() {
            return Ok(Pass::Done);
        }
        // Before the other one: when the holder of all has died, those of its requests are known to be silent as well.
        for id in &outbox {
            self.leases.watch(&lease_name(id)).await?;
        }
        let Some(executor) = self.leases.take(EXECUTOR).await? else { return Ok(Pass::Waiting) };
        let executor = Arc::new(executor);
        let turn =
            Turn { executor: executor.clone(), pace: Arc::new(Pace::new(self.rate)), stop: stop.clone() };
        let done = tokio::select! {
            done = self.empty_outbox(&turn) => done,
            () = executor.lost() => Ok(Pass::Waiting),
        };
        executor.give_back().await;
        done
    }

    /// Works on all requests at once until none can be worked on for now.
    async fn empty_outbox(&self, turn: &Turn) -> Result<Pass, Error> {
        let mut at_work: JoinSet<Result<Pass, Error>> = JoinSet::new();
        let mut taken: HashMap<tokio::task::Id, RequestId> = HashMap::new();
        let (mut pass, mut failure) = (Pass::Done, None);
        loop {
            let outbox = match turn.stop.is_cancelled() {
                true => Ok(Vec::new()),
                false => self.aws.outbox().await,
            };
            let outbox = outbox.unwrap_or_else(|error| {
                failure = Some(error.into());
                Vec::new()
            });
            for id in self.rested(outbox) {
                if taken.values().any(|other| *other == id) {
                    continue;
                }
                let (executor, turn, name) = (self.clone(), turn.clone(), id.clone());
                let task = at_work.spawn(async move { executor.carry_out(&id, &turn).await });
                taken.insert(task.id(), name);
            }
            if at_work.is_empty() {
                return failure.map_or(Ok(pass), Err);
            }
            let ended = tokio::select! {
                ended = at_work.join_next_with_id() => ended,
                () = tokio::time::sleep(LOOK) => None,
            };
            let (task, done) = match ended {
                Some(Ok((task, done))) => (task, done),
                Some(Err(panicked)) => (panicked.id(), Err(Error::internal(panicked))),
                None => continue,
            };
            let Some(id) = taken.remove(&task) else { continue };
            lock(&self.resting).entry(id.clone()).or_default().wait_longer(Instant::now());
            match done {
                Ok(done) => pass = pass.and(done),
                Err(error) => {
                    tracing::warn!(request = %id, "execution of {id} is interrupted: {}", error.trace());
                    failure = Some(error);
                }
            }
        }
    }

    /// Those of the outbox that can be tried now. What has left it is done, or starts afresh when it comes back.
    fn rested(&self, outbox: Vec<RequestId>) -> Vec<RequestId> {
        let (mut resting, now) = (lock(&self.resting), Instant::now());
        resting.retain(|id, _| outbox.contains(id));
        let is_rested = |id: &RequestId| resting.get(id).is_none_or(|patience| patience.until <= now);
        outbox.into_iter().filter(is_rested).collect()
    }
}

/// The execution of a request has ended, or waits for somebody.
fn measure(outcome: &'static str) {
    metrics::counter!("countersign_executions_total", "outcome" => outcome).increment(1);
}
