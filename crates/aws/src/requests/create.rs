//! A new request with its frozen targets.

use domain::revocation::{Request, Target};

use super::targets::chunks;
use super::{AUTHORITY, EXPIRES_AT, FENCE, REQUESTER, TARGET_HASH, moving};
use crate::item::{n, s};
use crate::{Aws, Change, Error, Thing, keys};

impl Aws {
    /// The change that makes the request.
    ///
    /// The targets, and the index from each certificate to the request, are written here and now, outside the transaction:
    /// 10,000 of them may not fit one. They mean nothing until the request is there, and its hash binds them.
    pub async fn create_request(&self, request: &Request, targets: &[Target]) -> Result<Change, Error> {
        let authority = request.authority.id();
        let mut items = chunks(&request.id, targets)?;
        let index = |target: &Target| keys::request_of(&authority, target.serial, &request.id).item();
        items.extend(targets.iter().map(index));
        self.put_items(items).await?;
        let mut attributes = moving(request)?;
        attributes.extend([
            (REQUESTER, s(request.requester.id.as_str())),
            (TARGET_HASH, s(request.hash.as_str())),
            (EXPIRES_AT, n(request.expires_at.unix())),
            (AUTHORITY, s(authority.as_str())),
            (FENCE, n(0)),
            (keys::LIST_SK, s(request.id.as_str())),
        ]);
        let put = Change::put(Thing::Request, request.id.as_str(), keys::request(&request.id), attributes);
        Ok(put.when_absent())
    }
}
