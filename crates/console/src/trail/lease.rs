//! Work that one replica does at a time: under a lease that is kept as long as it takes.

use std::time::Duration;

use countersign_aws::{Error as AwsError, Lease, Thing};
use futures::future::BoxFuture;

use crate::{Console, Error};

/// How long a replica that dies holds up the others.
const LEASE: Duration = Duration::from_secs(20);

impl Console {
    /// Does `work` under the lease `name`; `None`: another replica is at it, or has taken over.
    pub(super) async fn under_lease<'a, T>(
        &self,
        name: &str,
        work: impl FnOnce(Lease) -> BoxFuture<'a, Result<T, AwsError>>,
    ) -> Result<Option<T>, Error> {
        let Some(lease) = self.aws.acquire_lease(name, &self.holder, LEASE, self.clock.now()).await? else {
            return Ok(None);
        };
        let done = tokio::select! {
            done = work(lease.clone()) => done.map(Some),
            () = self.keep_lease(&lease) => Ok(None),
        };
        match self.aws.release_lease(&lease).await {
            Ok(()) | Err(AwsError::Conflict { .. }) => (),
            Err(error) => tracing::warn!(lease = name, "the lease {name} is not given back: {error}"),
        }
        match done {
            // It was taken over before the loss was noticed here.
            Err(AwsError::Conflict { what: Thing::Lease, .. }) => Ok(None),
            done => Ok(done?),
        }
    }

    /// Comes back only when the lease is lost.
    async fn keep_lease(&self, lease: &Lease) {
        let mut kept = lease.clone();
        loop {
            tokio::time::sleep(LEASE / 4).await;
            let now = self.clock.now();
            match self.aws.renew_lease(&kept, LEASE, now).await {
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
