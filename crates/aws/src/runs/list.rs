//! The newest runs of an authority.

use domain::{AuthorityId, Run, Timestamp};

use crate::item::{body, s};
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// At most `limit` runs, newest first. One that is under way is the first.
    pub async fn runs(&self, authority: &AuthorityId, limit: u32) -> Result<Vec<Run>, Error> {
        let query = self.partition(keys::runs(authority), "").scan_index_forward(false);
        self.first(query, limit).await?.iter().map(|item| body(Thing::Run, item)).collect()
    }

    /// The newest of those that were ordered in this time, at most `limit`: their ids begin with the milliseconds.
    pub async fn runs_between(
        &self,
        authority: &AuthorityId,
        (from, to): (Timestamp, Timestamp),
        limit: u32,
    ) -> Result<Vec<Run>, Error> {
        let id = |at: Timestamp| {
            let text = format!("{:012x}", u64::try_from(at.unix()).unwrap_or(0).saturating_mul(1000));
            s(format!("{}-{}", text.get(..8).unwrap_or_default(), text.get(8..).unwrap_or_default()))
        };
        let query = self
            .query()
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", s(keys::runs(authority)))
            .expression_attribute_values(":first", id(from))
            .expression_attribute_values(":last", id(to))
            .scan_index_forward(false);
        self.first(query, limit).await?.iter().map(|item| body(Thing::Run, item)).collect()
    }
}
