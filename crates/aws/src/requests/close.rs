//! The end of a request that was not decided: withdrawn or expired, never both.

use domain::Timestamp;
use domain::revocation::{Request, RequestState};

use super::moving;
use crate::item::{n, s};
use crate::{Aws, Change, Error, Thing, keys};

impl Aws {
    /// The request as cancelled by its requester. Fails the commit if it was decided meanwhile, has expired, or is
    /// somebody else's.
    pub fn cancel_request(&self, cancelled: &Request) -> Result<Change, Error> {
        let at = cancelled.cancelled_at.unwrap_or(cancelled.expires_at);
        let condition = "item_state = :pending AND requester = :requester AND expires_at > :now";
        let values = [
            (":pending", s(RequestState::Pending.name())),
            (":requester", s(cancelled.requester.id.as_str())),
            (":now", n(at.unix())),
        ];
        Ok(set(cancelled)?.when(condition, values))
    }

    /// The request as expired at `now`. Fails the commit if it was decided meanwhile, or has not expired.
    pub fn expire_request(&self, expired: &Request, now: Timestamp) -> Result<Change, Error> {
        let condition = "item_state = :pending AND expires_at <= :now";
        let values = [(":pending", s(RequestState::Pending.name())), (":now", n(now.unix()))];
        Ok(set(expired)?.when(condition, values))
    }
}

fn set(request: &Request) -> Result<Change, Error> {
    let key = keys::request(&request.id);
    Ok(Change::set(Thing::Request, request.id.as_str(), key, moving(request)?))
}
