//! A report, streamed from S3 into a table of the read model.

use domain::AuthorityArn;
use domain::run::ReportIdentity;
use tokio_util::io::SyncIoBridge;

use super::hashed::Hashed;
use super::read_report::{ReadReport, ReadReportError, read_report};
use super::{Records, Unread};
use crate::Error;
use crate::retry::patiently;

/// How often a report is read when the connection breaks.
const TRIES: u32 = 3;

impl Records {
    /// Reads the report anew when the connection breaks. Gives it with its identity, completed by the object's version and
    /// hash; `progress` is told the number of rows read so far.
    ///
    /// # Errors
    /// It cannot be read; or it is not the object that AWS wrote, or not the one that was read before.
    pub async fn load_report(
        &self,
        authority: &AuthorityArn,
        report: &ReportIdentity,
        progress: impl Fn(u64) + Clone + Send + 'static,
    ) -> Result<(ReadReport, ReportIdentity), Unread> {
        let mut tries = 1;
        loop {
            let object = patiently(|| self.aws.open_object(&report.bucket, &report.key)).await?;
            if let Some(modified) = object.last_modified.filter(|at| report.is_changed_at(*at)) {
                return Err(changed(report, &format!("was modified at {}", modified.absolute())));
            }
            let version = object.version;
            let (authority, created_at) = (authority.clone(), report.created_at);
            let progress = progress.clone();
            let read = self.model.blocking(move |database| {
                let mut source = Hashed::new(SyncIoBridge::new(object.body));
                let read = read_report(database, &mut source, authority, created_at, progress);
                Ok(read.and_then(|read| Ok((read, source.finish()?))))
            });
            match read.await? {
                Ok((_, sha256)) if report.sha256.as_ref().is_some_and(|known| *known != sha256) => {
                    return Err(changed(report, &format!("has the SHA-256 {sha256}, and had another one")));
                }
                Ok((read, sha256)) => {
                    let identity = ReportIdentity { version, sha256: Some(sha256), ..report.clone() };
                    return Ok((read, identity));
                }
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

/// The object is another than AWS wrote.
fn changed(report: &ReportIdentity, how: &str) -> Unread {
    Unread(format!(
        "The report {} is not what AWS wrote: after it was made at {}, its object {how}. It is not read. Look at the \
         object's versions and at who may write to the bucket {}, and have another report made.",
        report.key,
        report.created_at.absolute(),
        report.bucket
    ))
}
