//! Requests whose time has run out. Whoever reads one sees it as expired even before it is written here.

use countersign_aws::Error as AwsError;
use domain::ledger::{Action, Object};
use domain::revocation::RequestState;

use crate::actor::system;
use crate::{Console, Error};

impl Console {
    /// Lets every request expire whose time has run out.
    pub(crate) async fn expire(&self) -> Result<(), Error> {
        for request in self.requests_in(RequestState::Pending).await? {
            let now = self.clock.now();
            let Some(expired) = request.expired(now) else { continue };
            let body = self
                .told(system("expiry"), Action::RevocationExpired, Object::Request(request.id.clone()))
                .with("hash", &request.hash);
            match self.aws.expire_request(&expired, now, &body).await {
                // Decided in its last second, or expired by another replica.
                Ok(_) | Err(AwsError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
