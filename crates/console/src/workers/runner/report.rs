//! The audit report of a run: one that is fresh enough, or a new one.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use countersign_aws::reports::{NewReport, ReportProgress};
use domain::run::{ReportIdentity, Stage};
use domain::timestamp::words;
use domain::{AuthorityArn, AuthorityId, Timestamp};

use super::live::Live;
use super::{Runner, Stop};
use crate::AuthoritySettings;
use crate::records::ReadReport;
use crate::retry::patiently;

/// AWS makes one report of a CA in 30 minutes. Whoever comes too soon waits for that long, and a little longer.
const PATIENCE: Duration = Duration::from_secs(35 * 60);
/// How many runs back is looked for one that read the same report.
const RUNS: u32 = 20;
/// How often AWS is asked how far it is.
const POLL: Duration = Duration::from_secs(2);
const TOO_SOON_POLL: Duration = Duration::from_secs(15);

impl Runner {
    /// A report of the run's authority that can be read now.
    pub(super) async fn obtain_report(&self, live: &Live) -> Result<ReportIdentity, Stop> {
        let authority = self.authority(&live.run().authority.id())?.clone();
        let max_age = self.report_max_age;
        // One that was there when the run was ordered proves nothing of what was revoked until then.
        let run = live.run();
        let proving_since = run.proves.is_some().then_some(run.started_at);
        let report = match self.newest_report(&authority, max_age, proving_since).await? {
            Some(report) => report,
            None => {
                live.enter(Stage::AwaitingReport);
                self.new_report(&authority, proving_since).await?
            }
        };
        live.enter(Stage::ReadingReport);
        live.change(|run| run.inputs.report = Some(report.clone()));
        Ok(report)
    }

    /// The newest report in the bucket, unless it is older than `max_age`, or not younger than `after`.
    async fn newest_report(
        &self,
        authority: &AuthoritySettings,
        max_age: Duration,
        after: Option<Timestamp>,
    ) -> Result<Option<ReportIdentity>, Stop> {
        let (arn, bucket) = (&authority.authority.arn, &authority.report_bucket);
        let id = arn.id();
        let latest = patiently(|| self.aws.latest_report(bucket, &id)).await?;
        let now = self.clock.now();
        let Some(latest) = latest.filter(|latest| now.since(latest.finished_at) < max_age) else {
            return Ok(None);
        };
        // What only lies in the bucket is no report: AWS must know of it.
        match patiently(|| self.aws.report_progress(arn, &latest.id)).await {
            Ok(ReportProgress::Ready { bucket, key, created_at })
                if now.since(created_at) < max_age && after.is_none_or(|after| created_at > after) =>
            {
                let read = self.read_before(&id, &latest.id).await?;
                let made = identity(latest.id, bucket, key, created_at);
                let (version, sha256, completed_at) =
                    read.map_or((None, None, None), |read| (read.version, read.sha256, read.completed_at));
                Ok(Some(ReportIdentity { version, sha256, completed_at, reused: true, ..made }))
            }
            Ok(_) | Err(countersign_aws::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What an earlier run knew of this report: it must still be the same object.
    async fn read_before(&self, authority: &AuthorityId, id: &str) -> Result<Option<ReportIdentity>, Stop> {
        let runs = patiently(|| self.aws.runs(authority, RUNS)).await?;
        let mut reports = runs.into_iter().filter_map(|run| run.inputs.report);
        Ok(reports.find(|report| report.report_id == id && report.sha256.is_some()))
    }

    async fn new_report(
        &self,
        authority: &AuthoritySettings,
        after: Option<Timestamp>,
    ) -> Result<ReportIdentity, Stop> {
        let (arn, bucket) = (&authority.authority.arn, &authority.report_bucket);
        let started = tokio::time::Instant::now();
        loop {
            match patiently(|| self.aws.create_report(arn, bucket)).await? {
                NewReport::Asked { id, .. } => return self.await_report(arn, bucket, id).await,
                NewReport::TooSoon => (),
            }
            // Somebody has just had one made: it is as good as ours, once it is there.
            if let Some(report) = self.newest_report(authority, PATIENCE, after).await? {
                return Ok(report);
            }
            if started.elapsed() > PATIENCE {
                return Err(Stop::Failed(format!(
                    "For {} AWS has refused to make a report of this authority, as it makes one in 30 minutes, and \
                     the last one is not in the bucket {bucket}. See who else has reports made, and where.",
                    words(PATIENCE)
                )));
            }
            tokio::time::sleep(TOO_SOON_POLL).await;
        }
    }

    async fn await_report(
        &self,
        arn: &AuthorityArn,
        bucket: &str,
        id: String,
    ) -> Result<ReportIdentity, Stop> {
        let started = tokio::time::Instant::now();
        let mut wait = Duration::from_millis(200);
        loop {
            match patiently(|| self.aws.report_progress(arn, &id)).await? {
                ReportProgress::Ready { bucket, key, created_at } => {
                    let completed_at = Some(self.clock.now());
                    return Ok(ReportIdentity { completed_at, ..identity(id, bucket, key, created_at) });
                }
                ReportProgress::Failed => {
                    return Err(Stop::Failed(format!(
                        "AWS could not write the audit report to the bucket {bucket}. Check that its policy lets \
                         acm-pca.amazonaws.com put objects, and that its encryption is SSE-S3 or a customer \
                         managed key that the CA may use."
                    )));
                }
                ReportProgress::Creating if started.elapsed() > ReportIdentity::CREATION => {
                    return Err(Stop::Failed(format!(
                        "AWS has not finished the audit report in {}. Start another run later: it will take it up.",
                        words(ReportIdentity::CREATION)
                    )));
                }
                ReportProgress::Creating => tokio::time::sleep(wait).await,
            }
            wait = (wait * 2).min(POLL);
        }
    }

    /// Streams the report from S3 into a table.
    pub(super) async fn read_report(
        &self,
        live: &Arc<Live>,
        report: &ReportIdentity,
    ) -> Result<ReadReport, Stop> {
        let authority = live.run().authority;
        let counter = live.clone();
        let progress = move |rows| counter.rows.store(rows, Ordering::Relaxed);
        let (read, identity) = self.records.load_report(&authority, report, progress).await?;
        live.change(|run| run.inputs.report = Some(identity));
        Ok(read)
    }
}

fn identity(report_id: String, bucket: String, key: String, created_at: domain::Timestamp) -> ReportIdentity {
    ReportIdentity {
        report_id,
        bucket,
        key,
        version: None,
        sha256: None,
        created_at,
        completed_at: None,
        guessed: false,
        reused: false,
    }
}
