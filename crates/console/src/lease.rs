//! Leases: what one process does at a time. One guard for all of them, which renews itself and says when it is lost.

use std::sync::Arc;
use std::time::Duration;

use countersign_aws::{Aws, Error as AwsError, Lease};
use futures::future::BoxFuture;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{Clock, Error};

/// How long a process that dies holds up the others.
const LEASE: Duration = Duration::from_secs(8);
/// How often a lease that is held is renewed.
const RENEW: Duration = Duration::from_secs(2);

/// Takes leases in the name of this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Leases {
    aws: Aws,
    clock: Clock,
    holder: Arc<str>,
}

/// A lease that is held: renewed until it is given back, dropped or lost.
pub(crate) struct Guard {
    lease: Lease,
    lost: CancellationToken,
    keeper: JoinHandle<()>,
    aws: Aws,
}

impl Leases {
    pub fn new(aws: Aws, clock: Clock, holder: Arc<str>) -> Self {
        Self { aws, clock, holder }
    }

    /// Takes a lease. `None`: somebody holds it, maybe this process.
    pub async fn take(&self, name: &str) -> Result<Option<Guard>, Error> {
        let taken = self.aws.acquire_lease(name, &self.holder, LEASE, self.clock.now()).await?;
        Ok(taken.map(|lease| {
            let lost = CancellationToken::new();
            let keep = keep(self.aws.clone(), self.clock.clone(), lease.clone(), lost.clone());
            Guard { lease, lost, keeper: tokio::spawn(keep), aws: self.aws.clone() }
        }))
    }

    /// Does `work` under the lease `name`, which is kept as long as it takes; `None`: another process is at it, or has
    /// taken over.
    pub async fn under<'a, T>(
        &self,
        name: &str,
        work: impl FnOnce(Lease) -> BoxFuture<'a, Result<T, Error>>,
    ) -> Result<Option<T>, Error> {
        let Some(guard) = self.take(name).await? else { return Ok(None) };
        let done = tokio::select! {
            done = work(guard.lease().clone()) => done.map(Some),
            () = guard.lost() => Ok(None),
        };
        guard.give_back().await;
        match done {
            // It was taken over before the loss was noticed here.
            Err(Error::Conflict(_)) => Ok(None),
            done => done,
        }
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
        match self.lost.is_cancelled() {
            false => Ok(()),
            true => Err(Error::Conflict(format!("Another worker has taken over {}.", self.lease.name))),
        }
    }

    /// Gives the lease back; one that cannot be given back ends by itself.
    pub async fn give_back(self) {
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

/// Renews the lease until it is lost.
async fn keep(aws: Aws, clock: Clock, lease: Lease, lost: CancellationToken) {
    let mut kept = lease;
    loop {
        tokio::time::sleep(RENEW).await;
        let now = clock.now();
        match aws.renew_lease(&kept, LEASE, now).await {
            Ok(renewed) => kept = renewed,
            Err(AwsError::Conflict { .. }) => break,
            Err(error) if kept.until <= now => {
                tracing::warn!(lease = kept.name, "a lease has run out: {error}");
                break;
            }
            Err(error) => tracing::warn!(lease = kept.name, "a lease is not renewed: {error}"),
        }
    }
    lost.cancel();
}
