//! Keeping the records fresh: the inventory is scanned at the start and from time to time, reports are those of the newest
//! finished runs, wherever they ran.

use std::sync::Arc;
use std::time::Duration;

use domain::run::ReportIdentity;
use domain::{AuthorityArn, RunState, Timestamp};

use super::load::ReportTable;
use super::{Records, Unread};
use crate::Error;

/// How many runs back a finished one is looked for.
const RUNS: u32 = 20;

impl Records {
    /// Reads the records anew, unless the inventory was read within half of `rescan`, and shows them. What keeps it from
    /// doing so is shown with the lists.
    pub async fn refresh(&self, rescan: Duration) -> Result<(), Error> {
        self.refresh_after(self.clock.now().minus(rescan / 2)).await
    }

    /// The same with the inventory as it was after `since`.
    pub async fn refresh_after(&self, since: Timestamp) -> Result<(), Error> {
        let mut problems = Vec::new();
        let scan = self.scan(since, |_| ()).await.map_err(|unread| problems.push(unread.0));
        let inventory = scan.ok().map(|scan| scan.table.clone());
        let mut reports = Vec::new();
        for authority in self.authorities.iter() {
            match self.newest_report(&authority.arn).await {
                Ok(report) => reports.extend(report),
                Err(unread) => problems.push(format!("{}: {unread}", authority.name)),
            }
        }
        self.model.show(inventory, reports).await?;
        let problem = (!problems.is_empty()).then(|| problems.join(" "));
        self.model.set_problem(problem.clone());
        match problem {
            None => Ok(()),
            Some(problem) => Err(Error::Unavailable(problem.into())),
        }
    }

    /// Shows the reports of runs that have finished elsewhere since.
    pub async fn refresh_reports(&self) -> Result<(), Error> {
        let mut reports = Vec::new();
        for authority in self.authorities.iter() {
            reports.extend(self.newest_report(&authority.arn).await.map_err(Error::internal)?);
        }
        match reports.is_empty() {
            true => Ok(()),
            false => self.model.show(None, reports).await,
        }
    }

    /// The report of the newest finished run, unless it is shown already.
    async fn newest_report(&self, authority: &AuthorityArn) -> Result<Option<Arc<ReportTable>>, Unread> {
        let id = authority.id();
        let runs = self.aws.runs(&id, RUNS).await?;
        let finished = runs.into_iter().find(|run| run.state == RunState::Finished);
        let Some(report) = finished.and_then(|run| run.inputs.report) else { return Ok(None) };
        let ReportIdentity { created_at, .. } = report;
        if self.model.report_as_of(&id).is_some_and(|shown| shown >= created_at) {
            return Ok(None);
        }
        let (read, _) = self.load_report(authority, &report, |_| ()).await?;
        Ok(Some(Arc::new(read.table)))
    }
}
