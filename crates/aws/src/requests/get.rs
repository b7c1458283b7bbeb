//! One request, without its targets.

use domain::revocation::{Request, RequestId};

use crate::item::body;
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// The request as it is now.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub async fn request(&self, id: &RequestId) -> Result<Request, Error> {
        let item = self.item(Thing::Request, &keys::request(id)).await?;
        body(Thing::Request, &item.ok_or_else(|| Error::not_found(Thing::Request, id.as_str()))?)
    }
}
