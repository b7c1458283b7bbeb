//! What proves that a request's requester has asked for it, where policy demands that.

use domain::revocation::{Proof, RequestId};

use crate::item::{body, json};
use crate::{Aws, Change, Error, Thing, keys};

impl Aws {
    /// The proof, to be written with the request.
    pub fn prove_request(&self, id: &RequestId, proof: &Proof) -> Result<Change, Error> {
        let attributes = [(keys::BODY, json(Thing::Request, proof)?)];
        Ok(Change::put(Thing::Request, id.as_str(), keys::request_proof(id), attributes).when_absent())
    }

    /// What should prove the request: a claim, like everything that is stored. `None`: there is none, or it cannot be read.
    pub async fn request_proof(&self, id: &RequestId) -> Result<Option<Proof>, Error> {
        let item = self.item(Thing::Request, &keys::request_proof(id)).await?;
        Ok(item.and_then(|item| body(Thing::Request, &item).ok()))
    }
}
