//! A report, streamed from S3 into a table of the read model.

use domain::AuthorityArn;
use domain::run::ReportIdentity;
use tokio_util::io::SyncIoBridge;

use super::read_report::{ReadReport, ReadReportError, read_report};
use super::{Records, Unread};
use crate::Error;
use crate::retry::patiently;

/// How often a report is read when the connection breaks.
const TRIES: u32 = 3;

impl Records {
    /// Reads the report anew when the connection breaks. Gives the object's version with it; `progress` is told the number
    /// of rows read so far.
    pub async fn load_report(
        &self,
        authority: &AuthorityArn,
        report: &ReportIdentity,
        progress: impl Fn(u64) + Clone + Send + 'static,
    ) -> Result<(ReadReport, Option<String>), Unread> {
        let mut tries = 1;
        loop {
            let object = patiently(|| self.aws.open_object(&report.bucket, &report.key)).await?;
            let version = object.version;
            let (authority, created_at) = (authority.clone(), report.created_at);
            let progress = progress.clone();
            let read = self.model.blocking(move |database| {
                let source = SyncIoBridge::new(object.body);
                Ok(read_report(database, source, Some(authority), created_at, progress))
            });
            match read.await? {
                Ok(read) => return Ok((read, version)),
                Err(ReadReportError::Io(error)) if tries < TRIES => {
                    tracing::warn!(key = report.key, tries, "reading a report is begun again: {error}");
                    tries += 1;
                }
                Err(ReadReportError::Database(error)) => return Err(Error::from(error).into()),
                Err(error) => return Err(Unread(format!("The report {} is not read: {error}.", report.key))),
            }
        }
    }
}
