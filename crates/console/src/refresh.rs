//! Keeping the read model fresh: the inventory is scanned at the start and from time to time, reports are those of the
//! newest finished runs, wherever they ran.

use std::sync::Arc;

use domain::run::ReportIdentity;
use domain::{AuthorityArn, RunState};

use crate::read_model::ReportTable;
use crate::runs::Stop;
use crate::{Console, Error};

/// How many runs back a finished one is looked for.
const RUNS: u32 = 20;

impl Console {
    /// Reads the records anew and shows them. What keeps it from doing so is shown with the lists.
    pub(crate) async fn refresh(&self) -> Result<(), Error> {
        let scan = self.scan(|_| ()).await;
        let mut problems = Vec::new();
        let inventory = scan.map_err(|stop| problems.push(describe(stop))).ok().map(|scan| scan.table);
        let mut reports = Vec::new();
        for authority in self.authorities() {
            match self.newest_report_table(&authority.arn).await {
                Ok(report) => reports.extend(report),
                Err(stop) => problems.push(format!("{}: {}", authority.name, describe(stop))),
            }
        }
        self.read_model.show(inventory, reports).await?;
        let problem = (!problems.is_empty()).then(|| problems.join(" "));
        self.read_model.set_problem(problem.clone());
        match problem {
            None => Ok(()),
            Some(problem) => Err(Error::Unavailable(problem.into())),
        }
    }

    /// The report of the newest finished run, unless it is shown already.
    async fn newest_report_table(&self, authority: &AuthorityArn) -> Result<Option<Arc<ReportTable>>, Stop> {
        let id = authority.id();
        let runs = self.aws.runs(&id, RUNS).await?;
        let finished = runs.into_iter().find(|run| run.state == RunState::Finished);
        let Some(report) = finished.and_then(|run| run.inputs.report) else { return Ok(None) };
        let ReportIdentity { created_at, .. } = report;
        if self.read_model.report_as_of(&id).is_some_and(|shown| shown >= created_at) {
            return Ok(None);
        }
        let (read, _) = self.load_report(authority, &report, |_| ()).await?;
        Ok(Some(Arc::new(read.table)))
    }
}

fn describe(stop: Stop) -> String {
    match stop {
        Stop::Failed(why) => why,
        Stop::Lost => "the records are changing too quickly".to_owned(),
    }
}
