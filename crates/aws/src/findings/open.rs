//! The findings of an authority that a run has to look at again.

use domain::finding::FindingStateName;
use domain::{AuthorityId, Finding};
use futures::{Stream, StreamExt};

use super::item::finding;
use crate::item::s;
use crate::{Aws, Error, keys};

impl Aws {
    /// Every finding that is not closed, by serial number, as they are now. What comes back after it was closed is
    /// found by [`Aws::findings`].
    pub fn findings_not_closed(
        &self,
        authority: &AuthorityId,
    ) -> impl Stream<Item = Result<Finding, Error>> + use<> {
        let query = self
            .partition(keys::findings(&authority.clone().into()), "")
            .filter_expression("item_state <> :closed")
            .expression_attribute_values(":closed", s(FindingStateName::Closed.name()));
        self.all(query).map(|item| finding(&item?))
    }
}
