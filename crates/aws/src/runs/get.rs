//! One run.

use domain::{AuthorityId, Run, RunId};

use crate::item::body;
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// # Errors
    /// [`Error::NotFound`]
    pub async fn run(&self, authority: &AuthorityId, id: &RunId) -> Result<Run, Error> {
        let item = self.item(Thing::Run, &keys::run(authority, id)).await?;
        body(Thing::Run, &item.ok_or_else(|| Error::not_found(Thing::Run, id.as_str()))?)
    }
}
