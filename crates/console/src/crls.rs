//! The CRLs of authorities where AWS writes them: each is read as it comes in, and only when it is another than before, and proves
//! nothing unless the CA signed it.

use std::io::Read;

use countersign_aws::authorities::CrlPlace;
use countersign_aws::objects::OpenObject;
use countersign_aws::{Aws, Error as AwsError};
use tokio_util::io::SyncIoBridge;

/// How large a CRL is read: one of a million revoked certificates has about 60 MB.
const CRL_BYTES: u64 = 200 << 20;

/// What keeps Private CA from writing a list. "MisconfiguredCRLBucket" and the event are AWS's words.
pub(crate) const NOT_WRITTEN: &str = "Private CA does not write it: most often the bucket's policy no longer lets it \
                                      (CloudWatch counts MisconfiguredCRLBucket), else its generation failed (the event \"ACM Private \
                                      CA CRL Generation\" says why)";

/// A list that is about to be read.
pub(crate) struct OpenList(OpenObject);

/// The list under a key of the place; `None`: it is the one that S3 calls `known`, and nothing of it is read.
///
/// # Errors
/// [`unread`] says why, for people.
pub(crate) async fn open(
    aws: &Aws,
    place: &CrlPlace,
    key: &str,
    known: Option<&str>,
) -> Result<Option<OpenList>, AwsError> {
    let object = match known {
        None => Some(aws.open_object(&place.bucket, key).await?),
        Some(etag) => aws.open_object_unless(&place.bucket, key, etag).await?,
    };
    Ok(object.map(OpenList))
}

impl OpenList {
    /// What S3 calls its bytes.
    pub fn etag(&self) -> Option<String> {
        self.0.etag.clone()
    }

    /// For a thread that may block.
    pub fn bytes(self) -> impl Read {
        SyncIoBridge::new(self.0.body).take(CRL_BYTES)
    }
}

/// `s3://bucket/key`
pub(crate) fn address(place: &CrlPlace, key: &str) -> String {
    format!("s3://{}/{key}", place.bucket)
}

/// Why there is no list. `at`: where it should be.
pub(crate) fn unread(at: &str, error: &AwsError) -> String {
    match error {
        AwsError::NotFound { .. } => format!("there is no CRL at {at}: {NOT_WRITTEN}"),
        AwsError::Denied { .. } => format!(
            "the CRL at {at} cannot be read: the bucket's policy, or ours, does not let us (s3:GetObject): {error}"
        ),
        _ => format!("the CRL at {at} cannot be read: {error}"),
    }
}

/// Why a list that was read does not count.
pub(crate) fn proves_nothing(at: &str, error: &dyn std::error::Error) -> String {
    format!("the CRL at {at} proves nothing: {error}")
}

/// A list that says that it is for other certificates.
pub(crate) fn other_scope(at: &str, points: &[String]) -> String {
    let points = points.join(", ");
    format!(
        "the CRL at {at} is for certificates that name {points}, and these do not: it proves nothing for them"
    )
}
