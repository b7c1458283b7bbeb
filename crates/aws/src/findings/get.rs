//! Findings by their ids.

use std::collections::HashMap;

use domain::{Finding, FindingId};

use super::item::finding;
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// # Errors
    /// [`Error::NotFound`]
    pub async fn finding(&self, id: &FindingId) -> Result<Finding, Error> {
        let item = self.item(Thing::Finding, &keys::finding(id)).await?;
        finding(&item.ok_or_else(|| Error::not_found(Thing::Finding, id.to_string()))?)
    }

    /// Those of `ids` (each once) that there are, in their order, as they are now.
    pub async fn findings(&self, ids: &[FindingId]) -> Result<Vec<Finding>, Error> {
        let items = self.items(ids.iter().map(keys::finding).collect()).await?;
        let findings = items.iter().map(finding);
        let mut found: HashMap<FindingId, Finding> =
            findings.map(|finding| finding.map(|one| (one.id.clone(), one))).collect::<Result<_, _>>()?;
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }
}
