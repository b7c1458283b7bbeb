//! The newest runs.

use domain::ledger::Object;
use domain::{Actor, AuthorityId, Permission, Run};

use crate::{Console, Error};

/// How many runs a list shows.
const LISTED: u32 = 50;

impl Console {
    /// The newest runs of one authority, or of all configured ones, newest first.
    pub async fn runs(&self, actor: &Actor, authority: Option<&AuthorityId>) -> Result<Vec<Run>, Error> {
        self.allowed(actor, Permission::Read, Object::Route("runs".to_owned())).await?;
        if let Some(authority) = authority {
            return Ok(self.aws.runs(authority, LISTED).await?);
        }
        let mut runs = Vec::new();
        for authority in self.authorities() {
            runs.extend(self.aws.runs(&authority.arn.id(), LISTED).await?);
        }
        // Ids sort by the time of their making.
        runs.sort_by(|a, b| b.id.cmp(&a.id));
        runs.truncate(usize::try_from(LISTED).unwrap_or(usize::MAX));
        Ok(runs)
    }
}
