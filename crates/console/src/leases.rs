//! Leases: what one replica does at a time.

use std::time::Duration;

use countersign_aws::{Error as AwsError, Lease};
use futures::future::BoxFuture;

use crate::{Console, Error};

/// How long a replica that dies holds up the others.
const LEASE: Duration = Duration::from_secs(20);

impl Console {
    /// Does `work` under the lease `name`, which is kept as long as it takes; `None`: another replica is at it, or has taken
    /// over.
    pub(crate) async fn under_lease<'a, T>(
        &self,
        name: &str,
        work: impl FnOnce(Lease) -> BoxFuture<'a, Result<T, Error>>,
    ) -> Result<Option<T>, Error> {
        let Some(lease) = self.aws.acquire_lease_until(name, &self.holder, LEASE, self.clock.now()).await?
        else {
            return Ok(None);
        };
        let done = tokio::select! {
            done = work(lease.clone()) => done.map(Some),
            () = self.keep_lease(&lease) => Ok(None),
        };
        self.give_back(&lease).await;
        match done {
            // It was taken over before the loss was noticed here.
            Err(Error::Conflict(_)) => Ok(None),
            done => done,
        }
    }

    /// Gives a lease back; one that cannot be given back ends by itself.
    pub(crate) async fn give_back(&self, lease: &Lease) {
        match self.aws.release_lease(lease).await {
            Ok(()) | Err(AwsError::Conflict { .. }) => (),
            Err(error) => {
                tracing::warn!(lease = lease.name, "the lease {} was not given back: {error}", lease.name);
            }
        }
    }

    /// Comes back only when the lease is lost.
    async fn keep_lease(&self, lease: &Lease) {
        let mut kept = lease.clone();
        loop {
            tokio::time::sleep(LEASE / 4).await;
            let now = self.clock.now();
            match self.aws.renew_lease_until(&kept, LEASE, now).await {
                Ok(renewed) => kept = renewed,
                Err(AwsError::Conflict { .. }) => return,
                Err(error) if kept.until <= now => {
                    tracing::warn!(lease = lease.name, "a lease has run out: {error}");
                    return;
                }
                Err(error) => tracing::warn!(lease = lease.name, "a lease is not renewed: {error}"),
            }
        }
    }
}
