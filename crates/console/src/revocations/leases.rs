//! The leases of those who execute and prove.

use std::time::Duration;

use countersign_aws::Lease;
use domain::revocation::RequestId;

use crate::{Console, Error};

/// How long a lease lasts. A replica that dies holds up the others for as long.
const LEASE: Duration = Duration::from_secs(30);

/// Whoever executes or proves a request holds this lease: its fencing number stops the writes of whoever lost it.
pub(super) fn lease_name(id: &RequestId) -> String {
    format!("execute/{id}")
}

impl Console {
    /// Takes a lease. `None`: somebody holds it.
    pub(super) async fn lease(&self, name: &str) -> Result<Option<Lease>, Error> {
        Ok(self.aws.acquire_lease_until(name, &self.holder, LEASE, self.clock.now()).await?)
    }

    /// Renews a lease in good time.
    pub(super) async fn keep(&self, lease: &mut Lease) -> Result<(), Error> {
        let now = self.clock.now();
        if lease.until.since(now) < LEASE / 2 {
            *lease = self.aws.renew_lease_until(lease, LEASE, now).await?;
        }
        Ok(())
    }
}
