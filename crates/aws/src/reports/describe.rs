//! How far a report is.

use aws_sdk_acmpca::types::AuditReportStatus;
use domain::{AuthorityArn, Timestamp};

use crate::error::sdk;
use crate::moment::moment;
use crate::{Aws, Error, Thing};

/// Where a report is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportProgress {
    Creating,
    /// It is there to be read.
    Ready {
        bucket: String,
        key: String,
        created_at: Timestamp,
    },
    /// AWS could not write it; the usual reason is the bucket's policy or its encryption.
    Failed,
}

impl Aws {
    /// # Errors
    /// [`Error::NotFound`]: there is no such report.
    pub async fn report_progress(&self, authority: &AuthorityArn, id: &str) -> Result<ReportProgress, Error> {
        let operation = "acm-pca:DescribeCertificateAuthorityAuditReport";
        let call = self.own.acmpca.describe_certificate_authority_audit_report();
        let call = call.certificate_authority_arn(authority.as_str()).audit_report_id(id);
        let answer = call.send().await.map_err(sdk(operation, Thing::Report, id))?;
        let created_at = moment(answer.created_at());
        match answer.audit_report_status {
            Some(AuditReportStatus::Creating) => Ok(ReportProgress::Creating),
            Some(AuditReportStatus::Failed) => Ok(ReportProgress::Failed),
            Some(AuditReportStatus::Success) => match (answer.s3_bucket_name, answer.s3_key, created_at) {
                (Some(bucket), Some(key), Some(created_at)) => {
                    Ok(ReportProgress::Ready { bucket, key, created_at })
                }
                _ => Err(Error::invalid(operation, id, "the answer does not say where the report is")),
            },
            other => Err(Error::invalid(operation, id, format!("the report's status is {other:?}"))),
        }
    }
}
