//! Asking for an audit report, and asking how it is. Writing it is `background`'s work.

use serde::Deserialize;
use serde_json::json;

use super::super::Pca;
use super::super::call::Caller;
use super::super::error::{Answer, ApiError};
use super::super::store::{Report, ReportFormat, ReportStatus};
use super::authorities::wrong_state;
use super::{one_of, outside};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Create {
    certificate_authority_arn: String,
    #[serde(rename = "S3BucketName")]
    s3_bucket_name: String,
    audit_report_response_format: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Describe {
    certificate_authority_arn: String,
    audit_report_id: String,
}

pub fn create(pca: &Pca, caller: &Caller, given: Create) -> Answer {
    let now = caller.at;
    let bucket = given.s3_bucket_name;
    let name = &given.audit_report_response_format;
    one_of("auditReportResponseFormat", name, &["JSON", "CSV"])?;
    let format = ReportFormat::parse(name).ok_or_else(|| ApiError::internal("format"))?;
    if !(3..=63).contains(&bucket.len()) {
        return Err(outside("s3BucketName", &bucket, "Member must have length between 3 and 63"));
    }
    let db = &pca.store().lock();
    let authority = super::authority(pca, db, &given.certificate_authority_arn)?;
    if !matches!(authority.status(now), "ACTIVE" | "DISABLED") {
        return Err(wrong_state(&authority, now, "make an audit report"));
    }
    if let Some(last) = Report::latest(db, authority.id)? {
        let again = last.created_at.plus(pca.options().report_interval);
        if last.status == ReportStatus::Creating || now < again {
            return Err(ApiError::in_progress(format!(
                "An audit report was already requested at {}; one can be made every {} seconds.",
                last.created_at.report(),
                pca.options().report_interval.as_secs()
            )));
        }
    }
    let report = Report {
        uuid: uuid::Uuid::new_v4().to_string(),
        authority: authority.id,
        authority_uuid: authority.uuid,
        bucket,
        format,
        status: ReportStatus::Creating,
        created_at: now,
        ready_at: now.plus(pca.options().report_delay),
    };
    report.insert(db, caller)?;
    Ok(json!({ "AuditReportId": report.uuid, "S3Key": report.key() }))
}

pub fn describe(pca: &Pca, given: Describe) -> Answer {
    let id = &given.audit_report_id;
    if id.len() != 36 {
        return Err(outside("auditReportId", id, "Member must have length 36"));
    }
    let db = &pca.store().lock();
    let authority = super::authority(pca, db, &given.certificate_authority_arn)?;
    let report = Report::find(db, authority.id, id)?
        .ok_or_else(|| ApiError::not_found(format!("Could not find audit report {id}.")))?;
    Ok(json!({
        "AuditReportStatus": report.status.name(),
        "S3BucketName": report.bucket,
        "S3Key": report.key(),
        "CreatedAt": report.created_at.json(),
    }))
}
