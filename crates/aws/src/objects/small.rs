//! An object that fits into memory, such as a CRL.

use tokio::io::AsyncReadExt;

use crate::{Aws, Error};

impl Aws {
    /// The whole object, unless it is larger than `limit` bytes.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`]: it is too large.
    pub async fn small_object(&self, bucket: &str, key: &str, limit: u64) -> Result<Vec<u8>, Error> {
        let operation = "s3:GetObject";
        let resource = format!("s3://{bucket}/{key}");
        let object = self.open_object(bucket, key).await?;
        let mut bytes = Vec::new();
        let read = object.body.take(limit.saturating_add(1)).read_to_end(&mut bytes).await;
        match read {
            Err(error) => Err(Error::Unavailable { operation, resource, source: Box::new(error) }),
            Ok(length) if u64::try_from(length).is_ok_and(|length| length <= limit) => Ok(bytes),
            Ok(_) => Err(Error::invalid(operation, resource, format!("it is larger than {limit} bytes"))),
        }
    }
}
