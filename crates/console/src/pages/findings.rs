//! The list of findings.

use domain::ledger::Object;
use domain::views::{FindingPage, FindingQuery};
use domain::{Actor, Permission};

use crate::records::AskedFindings;
use crate::{Console, Error};

impl Console {
    /// One page of the findings that `query` names.
    pub async fn findings(&self, actor: &Actor, query: &FindingQuery) -> Result<FindingPage, Error> {
        self.allowed(actor, Permission::Read, Object::Route("findings".to_owned())).await?;
        let (by, now) = (actor.person.id.clone(), self.clock.now());
        let asked = AskedFindings { query: query.clone(), by, now };
        let (ids, total) = self.records.finding_page(asked).await?;
        Ok(FindingPage {
            findings: self.aws.findings(&ids).await?,
            total,
            page: query.page,
            waiting: self.records.waiting_findings().await?,
        })
    }
}
