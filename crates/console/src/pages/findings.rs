//! The list of findings.

use domain::ledger::Object;
use domain::views::{FindingPage, FindingQuery};
use domain::{Actor, Finding, Permission};

use super::Piece;
use crate::{Console, Error, FindingPlace};

/// How many orders about many findings are shown while they are carried out.
const UNDER_WAY: u32 = 10;
/// How many lines of a file are made at a time: the evidence of each may be large.
const TOGETHER: u32 = 500;

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

    /// As many of them as a file is made of at a time, behind `after`, whatever the page.
    pub async fn findings_for_a_file(
        &self,
        actor: &Actor,
        query: &FindingQuery,
        after: Option<FindingPlace>,
    ) -> Result<Piece<Finding, FindingPlace>, Error> {
        self.allowed(actor, Permission::Read, Object::Route("findings".to_owned())).await?;
        let now = self.clock.now();
        let asked = self.asked(actor, query.clone(), now);
        let (ids, next) = self.records.finding_piece(asked, after, TOGETHER).await?;
        Ok(Piece { lines: self.aws.findings(&ids).await?, next, now, as_of: Some(now) })
    }
}
