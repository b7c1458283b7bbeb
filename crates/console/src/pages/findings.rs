//! The list of findings.

use domain::ledger::Object;
use domain::views::{FindingPage, FindingQuery};
use domain::{Actor, Permission};

use crate::{Console, Error};

/// How many orders about many findings are shown while they are carried out.
const UNDER_WAY: u32 = 10;

impl Console {
    /// One page of the findings that `query` names.
    pub async fn findings(&self, actor: &Actor, query: &FindingQuery) -> Result<FindingPage, Error> {
        self.allowed(actor, Permission::Read, Object::Route("findings".to_owned())).await?;
        let asked = self.asked(actor, query.clone(), self.clock.now());
        let (ids, total) = self.records.finding_page(asked).await?;
        Ok(FindingPage {
            findings: self.aws.findings(&ids).await?,
            total,
            page: query.page,
            waiting: self.records.waiting_findings().await?,
            under_way: self.aws.bulks_under_way(UNDER_WAY).await?,
        })
    }
}
