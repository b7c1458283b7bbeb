//! The findings about one certificate.

use domain::{AuthorityId, Finding, Serial};
use futures::TryStreamExt;

use super::item::finding;
use crate::{Aws, Error, keys};

impl Aws {
    /// All of them, whatever their state: at most one of each kind.
    pub async fn findings_of(&self, authority: &AuthorityId, serial: Serial) -> Result<Vec<Finding>, Error> {
        let query = self.partition(keys::findings(&authority.clone().into()), &keys::findings_of(serial));
        let items: Vec<_> = self.all(query).try_collect().await?;
        items.iter().map(finding).collect()
    }
}
