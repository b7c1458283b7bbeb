//! Asking a CA for a report.

use aws_sdk_acmpca::error::ProvideErrorMetadata;
use aws_sdk_acmpca::types::AuditReportResponseFormat;
use domain::AuthorityArn;

use crate::error::sdk;
use crate::{Aws, Error, Thing};

/// What the CA makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewReport {
    /// It is being written.
    Asked { id: String, key: String },
    /// AWS makes one report of a CA in 30 minutes: read the last one, or wait.
    TooSoon,
}

impl Aws {
    /// Asks for a report (JSON) into `bucket`.
    pub async fn create_report(&self, authority: &AuthorityArn, bucket: &str) -> Result<NewReport, Error> {
        let operation = "acm-pca:CreateCertificateAuthorityAuditReport";
        let call = self.own.acmpca.create_certificate_authority_audit_report();
        let call = call.certificate_authority_arn(authority.as_str()).s3_bucket_name(bucket);
        let answer = call.audit_report_response_format(AuditReportResponseFormat::Json).send().await;
        match answer {
            Ok(answer) => match (answer.audit_report_id, answer.s3_key) {
                (Some(id), Some(key)) => Ok(NewReport::Asked { id, key }),
                _ => Err(Error::invalid(operation, authority.as_str(), "the answer names no report")),
            },
            // Which of them AWS gives for a report too soon is not documented.
            Err(error)
                if matches!(
                    error.code(),
                    Some(
                        "RequestInProgressException"
                            | "LimitExceededException"
                            | "ConcurrentModificationException"
                    )
                ) =>
            {
                Ok(NewReport::TooSoon)
            }
            Err(error) => Err(sdk(operation, Thing::Authority, authority.as_str())(error)),
        }
    }
}
