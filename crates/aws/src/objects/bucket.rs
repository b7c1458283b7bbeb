//! How well a bucket keeps what is written into it. Asked by `countersign check` alone.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{BucketVersioningStatus, ObjectLockEnabled};

use crate::error::sdk;
use crate::{Aws, Error, Thing};

impl Aws {
    /// Whether the bucket keeps the versions of its objects (s3:GetBucketVersioning).
    pub async fn keeps_versions(&self, bucket: &str) -> Result<bool, Error> {
        let answer = self.own.s3.get_bucket_versioning().bucket(bucket).send().await;
        let answer = answer.map_err(sdk("s3:GetBucketVersioning", Thing::Object, bucket))?;
        Ok(answer.status == Some(BucketVersioningStatus::Enabled))
    }

    /// Whether Object Lock is on (s3:GetBucketObjectLockConfiguration).
    pub async fn locks_objects(&self, bucket: &str) -> Result<bool, Error> {
        match self.own.s3.get_object_lock_configuration().bucket(bucket).send().await {
            Ok(answer) => {
                let enabled = answer.object_lock_configuration.and_then(|lock| lock.object_lock_enabled);
                Ok(enabled == Some(ObjectLockEnabled::Enabled))
            }
            Err(error) if error.code() == Some("ObjectLockConfigurationNotFoundError") => Ok(false),
            Err(error) => Err(sdk("s3:GetBucketObjectLockConfiguration", Thing::Object, bucket)(error)),
        }
    }

    /// The bucket's policy, JSON (s3:GetBucketPolicy). `None`: it has none.
    pub async fn bucket_policy(&self, bucket: &str) -> Result<Option<String>, Error> {
        match self.own.s3.get_bucket_policy().bucket(bucket).send().await {
            Ok(answer) => Ok(answer.policy),
            Err(error) if error.code() == Some("NoSuchBucketPolicy") => Ok(None),
            Err(error) => Err(sdk("s3:GetBucketPolicy", Thing::Object, bucket)(error)),
        }
    }
}
