//! The log that the ledger is made into: files in a bucket, or a copy of them in a directory. What is read here is verified
//! by the log's key, whoever has written it.

mod files;
mod prove;
mod prover;
mod verify;

pub use files::Files;
pub use prove::Proven;
pub use prover::Prover;
pub use verify::{Verdict, Whole};

use std::sync::Arc;

use tlog::{CHECKPOINT, Checkpoint, NotACheckpoint, Opened, PublicKey};

use crate::Error;

/// A log, and who may sign for it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Log {
    pub files: Files,
    /// Its name.
    pub origin: Arc<str>,
    /// The one that signs, and those that did before.
    pub keys: Arc<[PublicKey]>,
    pub witnesses: Arc<[PublicKey]>,
}

/// The checkpoint as it lies there.
#[derive(Clone, Debug)]
pub struct Signed {
    pub opened: Opened,
    /// The note with all its signatures.
    pub note: Vec<u8>,
    /// Of the object in the bucket.
    pub etag: String,
}

impl Log {
    /// The checkpoint, if it is one of this log. `Ok(None)`: there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn checkpoint(&self) -> Result<Result<Option<Signed>, NotACheckpoint>, Error> {
        let Some(file) = self.files.read(CHECKPOINT).await? else { return Ok(Ok(None)) };
        let opened = Checkpoint::open(&file.bytes, &self.origin, &self.keys, &self.witnesses);
        Ok(opened.map(|opened| Some(Signed { opened, note: file.bytes, etag: file.etag })))
    }
}
