//! The newest runs of an authority.

use domain::{AuthorityId, Run};

use crate::item::body;
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// At most `limit` runs, newest first. One that is under way is the first.
    pub async fn runs(&self, authority: &AuthorityId, limit: u32) -> Result<Vec<Run>, Error> {
        let query = self.partition(keys::runs(authority), "").scan_index_forward(false);
        self.first(query, limit).await?.iter().map(|item| body(Thing::Run, item)).collect()
    }
}
