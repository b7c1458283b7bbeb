//! Leases: what one process does at a time. One guard for all of them, which renews itself and says when it is lost.
//!
//! No clocks of two machines are compared: a holder shows that it is there by a counter, and another process takes over when
//! it has seen the counter stand still for long enough by its own clock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign_aws::leases::{Held, Taking};
use countersign_aws::{Aws, Error as AwsError, Lease};
use futures::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::lock::lock;

/// How long a lease must have been silent before another process takes it over.
const SILENCE: Duration = Duration::from_secs(6);
/// How often a lease that is held is renewed.
const RENEW: Duration = Duration::from_millis(1500);
/// Whoever could not renew for so long stops: less than [`SILENCE`], counted from before the last beat was sent.
const ALONE: Duration = Duration::from_secs(5);

/// Takes leases in the name of this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Leases {
    aws: Aws,
    holder: Arc<str>,
    /// The leases that others hold, as they were seen, and since when they have not changed.
    watched: Arc<Mutex<HashMap<String, (Held, Instant)>>>,
}

/// What came of a worker's pass that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    /// What there was to do is done.
    Done,
    /// Something was left to another process, which holds the lease: nothing is known of how it fares.
    Waiting,
}

/// A lease that is held: renewed until it is given back, dropped or lost.
pub(crate) struct Guard {
    lease: Lease,
    lost: CancellationToken,
    /// When the last beat was sent that arrived.
    beat: watch::Receiver<Instant>,
    keeper: JoinHandle<()>,
    aws: Aws,
}

impl Leases {
    pub fn new(aws: Aws, holder: Arc<str>) -> Self {
        Self { aws, holder, watched: Arc::default() }
    }

    /// Takes a lease. `None`: somebody holds it, maybe this process. One whose holder has died is taken over by whoever
    /// asks for it again and again.
    pub async fn take(&self, name: &str) -> Result<Option<Guard>, Error> {
        let seen = lock(&self.watched).get(name).cloned();
        let silent = seen.as_ref().filter(|(_, since)| since.elapsed() >= SILENCE).map(|(held, _)| held);
        let asked = Instant::now();
        match self.aws.acquire_lease(name, &self.holder, silent).await? {
            Taking::Taken(lease) => {
                lock(&self.watched).remove(name);
                let lost = CancellationToken::new();
                let (beats, beat) = watch::channel(asked);
                let keeper = tokio::spawn(keep(self.aws.clone(), lease.clone(), lost.clone(), beats));
                Ok(Some(Guard { lease, lost, beat, keeper, aws: self.aws.clone() }))
            }
            Taking::Held(held) => {
                self.saw(name, held);
                Ok(None)
            }
        }
    }

    /// Looks at a lease without taking it: if its holder has died, [`Leases::take`] need not wait then.
    pub async fn watch(&self, name: &str) -> Result<(), Error> {
        if let Some(held) = self.aws.lease_holder(name).await? {
            self.saw(name, held);
        }
        Ok(())
    }

    fn saw(&self, name: &str, held: Held) {
        let mut watched = lock(&self.watched);
        if watched.get(name).is_none_or(|(before, _)| *before != held) {
            watched.insert(name.to_owned(), (held, Instant::now()));
        }
    }

    /// Does `work` under the lease `name`, which is kept as long as it takes.
    pub async fn under<'a>(
        &self,
        name: &str,
        work: impl FnOnce(Lease) -> BoxFuture<'a, Result<(), Error>>,
    ) -> Result<Pass, Error> {
        let Some(guard) = self.take(name).await? else { return Ok(Pass::Waiting) };
        let done = tokio::select! {
            done = work(guard.lease().clone()) => done.map(Pass::from),
            () = guard.lost() => Ok(Pass::Waiting),
        };
        guard.give_back().await;
        match done {
            // It was taken over before the loss was noticed here.
            Err(Error::Conflict(_)) => Ok(Pass::Waiting),
            done => done,
        }
    }
}

impl Pass {
    /// Of a pass that consists of both.
    pub fn and(self, other: Self) -> Self {
        if self == Self::Done { other } else { self }
    }
}

impl From<()> for Pass {
    fn from((): ()) -> Self {
        Self::Done
    }
}

impl Guard {
    /// What writes under it are conditioned on.
    pub fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Comes back only when the lease is lost: nothing may be written or called any more.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }

    /// Whether it is still held, as far as is known here.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else has taken over.
    pub fn held(&self) -> Result<(), Error> {
        self.held_for(Duration::ZERO)
    }

    /// Whether it is held for so long still, even if it is not renewed any more. Asked of the clock, so that a process
    /// that slept notices before it does anything else.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it is not, or somebody else has taken over.
    pub fn held_for(&self, time: Duration) -> Result<(), Error> {
        let left = ALONE.saturating_sub(self.beat.borrow().elapsed());
        match self.lost.is_cancelled() || left <= time {
            false => Ok(()),
            true => Err(Error::Conflict(format!("Another worker has taken over {}.", self.lease.name))),
        }
    }

    /// Gives the lease back; one that cannot be given back ends by itself.
    pub async fn give_back(&self) {
        self.keeper.abort();
        match self.aws.release_lease(&self.lease).await {
            Ok(()) | Err(AwsError::Conflict { .. }) => (),
            Err(error) => {
                let name = &self.lease.name;
                tracing::warn!(lease = name, "the lease {name} was not given back: {error}");
            }
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

/// Renews the lease until it is lost. `beats`: when the last beat was sent.
async fn keep(aws: Aws, lease: Lease, lost: CancellationToken, beats: watch::Sender<Instant>) {
    loop {
        let beat = *beats.borrow();
        let left = || ALONE.saturating_sub(beat.elapsed());
        tokio::time::sleep(RENEW.min(left())).await;
        let sent = Instant::now();
        match tokio::time::timeout(left(), aws.renew_lease(&lease)).await {
            Ok(Ok(())) => drop(beats.send_replace(sent)),
            Ok(Err(AwsError::Conflict { .. })) => break,
            Ok(Err(error)) if beat.elapsed() < ALONE => {
                tracing::warn!(lease = lease.name, "a lease is not renewed: {error}");
            }
            _ => {
                tracing::warn!(lease = lease.name, "the lease {} could not be renewed in time", lease.name);
                break;
            }
        }
    }
    lost.cancel();
}
