//! The end of a request that was not decided: withdrawn or expired, never both.

use domain::Timestamp;
use domain::ledger::{Body, Entry};
use domain::revocation::{Request, RequestState};

use super::moving;
use crate::item::{n, s};
use crate::{Aws, Change, Error, Thing, keys};

impl Aws {
    /// Writes the request as cancelled by its requester.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it was decided meanwhile, has expired, or is somebody else's.
    pub async fn cancel_request(&self, cancelled: &Request, body: &Body) -> Result<Entry, Error> {
        let at = cancelled.cancelled_at.unwrap_or(cancelled.expires_at);
        let condition = "item_state = :pending AND requester = :requester AND expires_at > :now";
        let values = [
            (":pending", s(RequestState::Pending.name())),
            (":requester", s(cancelled.requester.id.as_str())),
            (":now", n(at.unix())),
        ];
        let set = set(cancelled)?.when(condition, values);
        self.commit(vec![set], body).await
    }

    /// Writes the request as expired at `now`.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it was decided meanwhile, or has not expired.
    pub async fn expire_request(
        &self,
        expired: &Request,
        now: Timestamp,
        body: &Body,
    ) -> Result<Entry, Error> {
        let condition = "item_state = :pending AND expires_at <= :now";
        let values = [(":pending", s(RequestState::Pending.name())), (":now", n(now.unix()))];
        self.commit(vec![set(expired)?.when(condition, values)], body).await
    }
}

fn set(request: &Request) -> Result<Change, Error> {
    let key = keys::request(&request.id);
    Ok(Change::set(Thing::Request, request.id.as_str(), key, moving(request)?))
}
