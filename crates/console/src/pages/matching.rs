//! All findings that match a filter, to be handled at once; and how far that is.

use domain::finding::{Bulk, FindingRefusal, FindingStateName};
use domain::ledger::Object;
use domain::views::{FindingQuery, FindingStates, FindingsMatching};
use domain::{Actor, BulkId, Permission};

use crate::{Console, Error};

impl Console {
    /// How many there are of what, and what the viewer may do about them.
    pub async fn findings_matching(
        &self,
        actor: &Actor,
        query: FindingQuery,
    ) -> Result<FindingsMatching, Error> {
        self.allowed(actor, Permission::Read, Object::Route("findings".to_owned())).await?;
        let cannot_handle = match actor.may(Permission::Operate) {
            false => Some(Permission::Operate.refusal().to_owned()),
            true if matches!(query.state, FindingStates::Is(FindingStateName::Closed)) => {
                Some(FindingRefusal::Closed.to_string())
            }
            true => None,
        };
        let asked = self.asked(actor, query, self.clock.now());
        let groups = self.records.finding_groups(asked).await?;
        let operators = self.operators(actor).await?;
        Ok(FindingsMatching { groups, authorities: self.authorities(), operators, cannot_handle })
    }

    /// How far it is.
    pub async fn bulk(&self, actor: &Actor, id: &BulkId) -> Result<Bulk, Error> {
        self.allowed(actor, Permission::Read, Object::Route("findings".to_owned())).await?;
        Ok(self.aws.bulk(id).await?)
    }
}
