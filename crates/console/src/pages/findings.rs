//! The list of findings, the worst first.

use domain::ledger::Object;
use domain::views::{FindingPage, FindingQuery};
use domain::{Actor, Permission};

use crate::{Console, Error};

impl Console {
    /// One page of the findings that `query` names.
    pub async fn findings(&self, actor: &Actor, query: &FindingQuery) -> Result<FindingPage, Error> {
        self.allowed(actor, Permission::Read, Object::Route("findings".to_owned())).await?;
        let (ids, total) = self.records.finding_page(query).await?;
        Ok(FindingPage {
            findings: self.aws.findings(&ids).await?,
            total,
            page: query.page,
            waiting: self.records.waiting_findings().await?,
        })
    }
}
