//! How far an approved request is: only the holder of its lease gets through.

use domain::revocation::{Request, RequestState};

use super::{FENCE, moving};
use crate::item::{n, s};
use crate::{Aws, Change, Error, Lease, Thing, keys};

impl Aws {
    /// The request moved on from the state `from`. All who execute and prove one request take the same lease.
    pub fn save_request(
        &self,
        request: &Request,
        from: RequestState,
        lease: &Lease,
    ) -> Result<Change, Error> {
        let mut attributes = moving(request)?;
        attributes.push((FENCE, n(lease.fence)));
        let condition = "item_state = :from AND target_hash = :hash AND fence <= :fence";
        let values =
            [(":from", s(from.name())), (":hash", s(request.hash.as_str())), (":fence", n(lease.fence))];
        let key = keys::request(&request.id);
        Ok(Change::set(Thing::Request, request.id.as_str(), key, attributes).when(condition, values))
    }
}
