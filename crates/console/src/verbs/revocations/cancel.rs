//! Withdrawing one's own request while it waits.

use countersign_aws::Error as AwsError;
use domain::ledger::{Action, Object};
use domain::revocation::{Request, RequestId};
use domain::{Actor, Permission};

use super::TRIES;
use crate::{Console, Error};

impl Console {
    /// Cancels a request.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for anybody but its requester, [`Error::Conflict`] once it is decided or expired; both are
    /// in the ledger.
    pub async fn cancel_request(&self, actor: &Actor, id: &RequestId) -> Result<Request, Error> {
        let object = Object::Request(id.clone());
        self.allowed(actor, Permission::Read, object.clone()).await?;
        for _ in 0..TRIES {
            let cancelled = match self.aws.request(id).await?.cancel(actor, self.clock.now()) {
                Ok(cancelled) => cancelled,
                Err(refusal) => {
                    return Err(self.journal.refuse(actor, "cancel", object, refusal.into()).await);
                }
            };
            let body =
                self.told(actor, Action::RevocationCancelled, object.clone()).with("hash", &cancelled.hash);
            let change = self.aws.cancel_request(&cancelled)?;
            match self.journal.commit(vec![change], &body).await {
                Err(AwsError::Conflict { .. }) => {}
                other => return other.map(|_| cancelled).map_err(Error::from),
            }
        }
        let crowd = "Others are deciding on this request at the same time. Read it again.";
        Err(self.journal.refuse(actor, "cancel", object, Error::Conflict(crowd.to_owned())).await)
    }
}
