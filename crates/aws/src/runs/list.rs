//! The newest runs of an authority.

use domain::{AuthorityId, Run, RunId};

use crate::item::{body, s};
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// The runs that were ordered before this one, at most `limit`, the newest first.
    pub async fn runs_before(
        &self,
        authority: &AuthorityId,
        id: &RunId,
        limit: u32,
    ) -> Result<Vec<Run>, Error> {
        let query = self
            .query()
            .consistent_read(true)
            .scan_index_forward(false)
            .key_condition_expression("pk = :pk AND sk < :before")
            .expression_attribute_values(":pk", s(keys::runs(authority)))
            .expression_attribute_values(":before", s(id.as_str()));
        self.first(query, limit).await?.iter().map(|item| body(Thing::Run, item)).collect()
    }

    /// At most `limit` runs, newest first. One that is under way is the first.
    pub async fn runs(&self, authority: &AuthorityId, limit: u32) -> Result<Vec<Run>, Error> {
        let query = self.partition(keys::runs(authority), "").scan_index_forward(false);
        self.first(query, limit).await?.iter().map(|item| body(Thing::Run, item)).collect()
    }
}
