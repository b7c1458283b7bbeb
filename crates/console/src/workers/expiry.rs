//! Expiry: requests whose time has run out. Whoever reads one sees it as expired even before it is written here.

use countersign_aws::{Aws, Error as AwsError};
use domain::ledger::{Action, Object};
use domain::revocation::RequestState;

use super::requests_in;
use crate::journal::{Journal, system};
use crate::{Clock, Error};

/// Lets requests expire. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Expiry {
    pub aws: Aws,
    pub clock: Clock,
    pub journal: Journal,
}

impl Expiry {
    /// Lets every request expire whose time has run out.
    pub async fn pass(&self) -> Result<(), Error> {
        for request in requests_in(&self.aws, RequestState::Pending).await? {
            let now = self.clock.now();
            let Some(expired) = request.expired(now) else { continue };
            let body = self
                .journal
                .told(system("expiry"), Action::RevocationExpired, Object::Request(request.id.clone()))
                .with("hash", &request.hash);
            let change = self.aws.expire_request(&expired, now)?;
            match self.journal.commit(vec![change], &body).await {
                // Decided in its last second, or expired by another replica.
                Ok(_) | Err(AwsError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
