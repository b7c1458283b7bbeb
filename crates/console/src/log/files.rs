//! Where a log's files lie.

use std::io::ErrorKind;
use std::path::PathBuf;

use countersign_aws::Aws;
use countersign_aws::objects::Small;

use crate::Error;

/// The files of a log.
#[derive(Clone, Debug)]
pub enum Files {
    Directory(PathBuf),
    Bucket {
        aws: Aws,
        bucket: String,
        /// Empty, or it ends with a slash.
        prefix: String,
    },
}

impl Files {
    /// The file. `None`: there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn read(&self, path: &str) -> Result<Option<Small>, Error> {
        match self {
            Self::Bucket { aws, bucket, prefix } => {
                Ok(aws.small_object(bucket, &format!("{prefix}{path}")).await?)
            }
            Self::Directory(directory) => match tokio::fs::read(directory.join(path)).await {
                Ok(bytes) => Ok(Some(Small { bytes, etag: String::new() })),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(Error::internal(format!("{}: {error}", directory.join(path).display()))),
            },
        }
    }
}

impl std::fmt::Display for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Directory(directory) => write!(f, "{}", directory.display()),
            Self::Bucket { bucket, prefix, .. } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}
