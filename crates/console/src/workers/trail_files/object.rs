//! One object of the trail's bucket, read as it comes in on a thread that may block. Tells a damaged object from a broken
//! connection.

use std::collections::HashMap;
use std::io::{self, Read};

use countersign_aws::Error as AwsError;
use domain::Timestamp;
use tokio_util::io::SyncIoBridge;

use super::TrailFiles;

/// How often an object is begun anew when the connection breaks.
const TRIES: u32 = 3;

/// What came of reading an object.
pub(crate) struct Object<T> {
    pub content: T,
    pub metadata: HashMap<String, String>,
    pub last_modified: Option<Timestamp>,
}

impl TrailFiles {
    /// `None`: there is no such object. `read` fails only when the source does.
    pub(crate) async fn read_object<T, F>(
        &self,
        bucket: &str,
        key: &str,
        read: F,
    ) -> Result<Option<Object<T>>, AwsError>
    where
        T: Send + 'static,
        F: Fn(&mut dyn Read) -> io::Result<T> + Clone + Send + 'static,
    {
        let mut tries = 1;
        loop {
            let object = match self.aws.open_object(bucket, key).await {
                Ok(object) => object,
                Err(AwsError::NotFound { .. }) => return Ok(None),
                Err(error) => return Err(error),
            };
            let (read, size, body) = (read.clone(), object.size, object.body);
            let content = tokio::task::spawn_blocking(move || {
                let mut source = Source { inner: SyncIoBridge::new(body), left: size, torn: false };
                let content = read(&mut source);
                if source.torn { Err(io::ErrorKind::ConnectionAborted.into()) } else { content }
            });
            let content = content.await.unwrap_or_else(|panic| Err(io::Error::other(panic)));
            let (metadata, last_modified) = (object.metadata, object.last_modified);
            match content {
                Ok(content) => return Ok(Some(Object { content, metadata, last_modified })),
                Err(error) if tries < TRIES => {
                    tracing::warn!(key, tries, "reading an object is begun again: {error}");
                    tries += 1;
                }
                Err(error) => {
                    let resource = format!("s3://{bucket}/{key}");
                    let source = Box::new(error);
                    return Err(AwsError::Unavailable { operation: "s3:GetObject", resource, source });
                }
            }
        }
    }
}

/// The bytes of an object; knows whether they ended too early.
struct Source<R> {
    inner: R,
    left: Option<u64>,
    torn: bool,
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer).inspect_err(|error| {
            self.torn |= error.kind() != io::ErrorKind::Interrupted;
        })?;
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
            self.torn |= read == 0 && *left > 0 && !buffer.is_empty();
        }
        Ok(read)
    }
}
