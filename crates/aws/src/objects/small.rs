//! The files of the ledger's log: small objects that are read as a whole, and written under a condition.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumAlgorithm;

use crate::error::sdk;
use crate::{Aws, Error, Thing};

/// More than any of them has: 256 entries of 64 KB.
const LARGEST: i64 = 17 * 1024 * 1024;

/// An object that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Small {
    pub bytes: Vec<u8>,
    /// Another one means other bytes.
    pub etag: String,
}

impl Aws {
    /// The object. `None`: there is none.
    pub async fn small_object(&self, bucket: &str, key: &str) -> Result<Option<Small>, Error> {
        let resource = || format!("s3://{bucket}/{key}");
        let answer = self.own.s3.get_object().bucket(bucket).key(key).send().await;
        let object = match answer.map_err(sdk("s3:GetObject", Thing::Object, resource())) {
            Ok(object) => object,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        if object.content_length.is_some_and(|length| length > LARGEST) {
            return Err(Error::invalid("s3:GetObject", resource(), "it is larger than any file of a ledger"));
        }
        let bytes = object.body.collect().await.map_err(|error| Error::Unavailable {
            operation: "s3:GetObject",
            resource: resource(),
            source: error.into(),
        })?;
        Ok(Some(Small { bytes: bytes.to_vec(), etag: object.e_tag.unwrap_or_default() }))
    }

    /// Writes an object that is not there. False: something is there.
    pub async fn put_new(&self, bucket: &str, key: &str, bytes: &[u8]) -> Result<bool, Error> {
        let put = self.own.s3.put_object().bucket(bucket).key(key).if_none_match("*");
        put_if(put, bucket, key, bytes).await
    }

    /// Writes an object in place of the one with this ETag. False: another one is there by now.
    pub async fn put_over(&self, bucket: &str, key: &str, bytes: &[u8], etag: &str) -> Result<bool, Error> {
        let put = self.own.s3.put_object().bucket(bucket).key(key).if_match(etag);
        put_if(put, bucket, key, bytes).await
    }
}

async fn put_if(put: PutObjectFluentBuilder, bucket: &str, key: &str, bytes: &[u8]) -> Result<bool, Error> {
    // A bucket with Object Lock takes nothing without a checksum.
    let put = put.checksum_algorithm(ChecksumAlgorithm::Sha256).body(ByteStream::from(bytes.to_vec()));
    match put.send().await {
        Ok(_) => Ok(true),
        // 409: another write was under way at the same time.
        Err(error) if matches!(error.code(), Some("PreconditionFailed" | "ConditionalRequestConflict")) => {
            Ok(false)
        }
        Err(error) => Err(sdk("s3:PutObject", Thing::Object, format!("s3://{bucket}/{key}"))(error)),
    }
}
