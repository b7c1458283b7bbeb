//! An object of any size, to be read as it comes in.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use domain::Timestamp;
use tokio::io::AsyncBufRead;

use crate::error::sdk;
use crate::moment::moment;
use crate::{Aws, Error, Thing};

/// An object being read.
pub struct OpenObject {
    /// Fails when the connection does: begin again then.
    pub body: Pin<Box<dyn AsyncBufRead + Send>>,
    /// In bytes, where S3 says so.
    pub size: Option<u64>,
    /// `None`: the bucket keeps no versions.
    pub version: Option<String>,
    /// Another one means other bytes.
    pub etag: Option<String>,
    pub last_modified: Option<Timestamp>,
    /// What its owner noted on it (`x-amz-meta-…`), by name in lower case.
    pub metadata: HashMap<String, String>,
}

impl fmt::Debug for OpenObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenObject").field("size", &self.size).field("version", &self.version).finish()
    }
}

impl Aws {
    /// # Errors
    /// [`Error::NotFound`]: there is no such object; without the permission to list the bucket, S3 says
    /// [`Error::Denied`] instead.
    pub async fn open_object(&self, bucket: &str, key: &str) -> Result<OpenObject, Error> {
        let answer = self.own.s3.get_object().bucket(bucket).key(key).send().await;
        answer.map(opened).map_err(sdk("s3:GetObject", Thing::Object, format!("s3://{bucket}/{key}")))
    }

    /// The same, unless its bytes are those that S3 calls `etag`: then `None`, and nothing of it is read.
    ///
    /// # Errors
    /// As [`Aws::open_object`].
    pub async fn open_object_unless(
        &self,
        bucket: &str,
        key: &str,
        etag: &str,
    ) -> Result<Option<OpenObject>, Error> {
        let call = self.own.s3.get_object().bucket(bucket).key(key).if_none_match(etag);
        match call.send().await {
            Ok(object) => Ok(Some(opened(object))),
            Err(error) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 304) => {
                Ok(None)
            }
            Err(error) => Err(sdk("s3:GetObject", Thing::Object, format!("s3://{bucket}/{key}"))(error)),
        }
    }
}

fn opened(object: GetObjectOutput) -> OpenObject {
    OpenObject {
        size: object.content_length.and_then(|length| u64::try_from(length).ok()),
        // S3 says "null" for objects from before versioning was switched on.
        version: object.version_id.filter(|version| version != "null"),
        etag: object.e_tag,
        last_modified: moment(object.last_modified.as_ref()),
        metadata: object.metadata.unwrap_or_default(),
        body: Box::pin(object.body.into_async_read()),
    }
}
