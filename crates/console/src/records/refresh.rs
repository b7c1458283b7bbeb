//! Keeping the records fresh: the inventory is scanned at the start and from time to time, reports are those of the newest
//! finished runs, wherever they ran.

use std::sync::Arc;
use std::time::Duration;

use domain::run::ReportIdentity;
use domain::{AuthorityArn, RunState, Timestamp};

use super::load::ReportTable;
use super::scanning::Scan;
use super::{Records, Unread};
use crate::Error;

/// How many runs back a finished one is looked for.
const RUNS: u32 = 20;
/// How old a scan may be where the inventory's stream is followed, in case that something is amiss with it.
const FOLLOWED: Duration = Duration::from_secs(6 * 3600);
/// How long a person waits for records that are as young as the newest run.
const PATIENCE: Duration = Duration::from_secs(5);

impl Records {
    /// Reads the records anew, unless the inventory was read within half of `rescan` or is followed, and shows them. What keeps it from
    /// doing so is shown with the lists.
    pub async fn refresh(&self, rescan: Duration) -> Result<(), Error> {
        // Before the first scan begins: what is written while it is under way is told of.
        let is_followed = match self.follow().await {
            Ok(()) => self.model.is_followed(),
            Err(error) => {
                tracing::warn!("the inventory's stream is not followed: {}", error.trace());
                false
            }
        };
        let age = if is_followed { FOLLOWED.max(rescan / 2) } else { rescan / 2 };
        let since = self.clock.now().minus(age);
        // What an earlier start has left is shown before it is scanned again.
        if is_followed && self.model.as_of().is_none() {
            self.model.show(None, Vec::new()).await?;
            tracing::info!("the inventory of an earlier start is followed on");
        }
        match self.model.scanned() {
            Some(scanned) if is_followed && scanned > since => self.show(None).await,
            _ => self.refresh_after(since).await,
        }
    }

    /// The same with the inventory as it was after `since`.
    pub async fn refresh_after(&self, since: Timestamp) -> Result<(), Error> {
        self.show(Some(self.scan(since, |_| ()).await)).await
    }

    /// Shows what came of a scan, and the newest reports.
    async fn show(&self, scan: Option<Result<Arc<Scan>, Unread>>) -> Result<(), Error> {
        let mut problems = Vec::new();
        let scan = scan.transpose().map_err(|unread| problems.push(unread.0));
        let inventory = scan.ok().flatten().map(|scan| scan.table.clone());
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

    /// Shows what requests have revoked elsewhere since, and what the runs that have finished were made from: their reports,
    /// and an inventory that is as young.
    pub async fn catch_up_with_runs(&self) -> Result<(), Error> {
        let _turn = self.catching_up.lock().await;
        self.catch_up_with_requests().await?;
        let mut reports = Vec::new();
        for authority in self.authorities.iter() {
            reports.extend(self.newest_report(&authority.arn).await.map_err(Error::internal)?);
        }
        let Some(made) = reports.iter().map(|report| report.created_at).max() else { return Ok(()) };
        let inventory = match self.model.as_of() {
            Some(as_of) if as_of > made => None,
            // Somebody reads it for the first time.
            None => return Ok(()),
            Some(_) => Some(self.scan(made, |_| ()).await.map_err(Error::internal)?.table.clone()),
        };
        self.model.show(inventory, reports).await
    }

    /// The same for somebody who waits, who does not wait for long.
    pub async fn catch_up_with_runs_soon(&self) {
        match tokio::time::timeout(PATIENCE, self.catch_up_with_runs()).await {
            Ok(Ok(())) | Err(_) => (),
            Ok(Err(error)) => tracing::warn!("the newest report is not shown: {}", error.trace()),
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
