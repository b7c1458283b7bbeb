//! From a report that is due to an object in its bucket and a final status.

use super::super::Pca;
use super::super::store::{Report, ReportFormat, ReportStatus};
use super::report::Contents;
use super::upload::{ChunkWriter, Object, UploadError};

/// Writes the reports that are due. An error means that S3 does not answer: they stay CREATING.
pub async fn write_due(pca: &Pca) -> anyhow::Result<()> {
    let due = super::blocking(pca, |pca| Ok(Report::due(&pca.store().lock(), pca.now())?)).await?;
    for report in due {
        let status = match write(pca, &report).await {
            Ok(()) => ReportStatus::Success,
            Err(UploadError::Refused(reason)) => {
                tracing::warn!(report = report.uuid, reason, "audit report failed");
                ReportStatus::Failed
            }
            Err(UploadError::Unreachable(error)) => return Err(error),
        };
        super::blocking(pca, move |pca| Ok(report.finish(&pca.store().lock(), status)?)).await?;
    }
    Ok(())
}

async fn write(pca: &Pca, report: &Report) -> Result<(), UploadError> {
    let object = Object {
        bucket: report.bucket.clone(),
        key: report.key(),
        content_type: match report.format {
            ReportFormat::Json => "application/json",
            ReportFormat::Csv => "text/csv",
        },
    };
    let contents = Contents {
        authority: report.authority,
        authority_arn: pca.authority_arn(&report.authority_uuid),
        account: pca.options().account.clone(),
        now: pca.now(),
    };
    let (chunks, receiver) = ChunkWriter::new();
    let format = report.format;
    let written = super::blocking(pca, move |pca| {
        let mut chunks = chunks;
        contents.write(&pca.store().reader()?, format, &mut chunks)?;
        chunks.finish()
    });
    let (uploaded, written) = tokio::join!(object.upload(&pca.options().s3, receiver), written);
    // A report that could not be read ends the upload too; the upload's own failure is the cause otherwise.
    uploaded?;
    written.map_err(UploadError::Unreachable)
}
