//! The files of the trail's bucket: read one by one, and kept with their events. What keeps a single file from being read is
//! told and tried again, and keeps no other file back: whoever may write to the bucket can put something there that nobody
//! can read.

mod log_file;
mod memory;
mod notes;
mod object;

use std::sync::Arc;

use countersign_aws::objects::Listed;
use countersign_aws::trail::{KeptEvents, TrailFile};
use countersign_aws::{Aws, Error as AwsError, Lease};
use domain::trail::TrailPart;
use futures::{FutureExt, StreamExt, stream};

use crate::abort::{Point, abort_at};
use crate::{Clock, TrailSettings};
pub(crate) use memory::TrailMemory;
pub(crate) use notes::Notes;

/// How many listed objects are looked at together.
pub(super) const TOGETHER: usize = 100;
/// How many files are read at once.
const AT_ONCE: usize = 8;

/// Reads and keeps files of the trail. Cheap to clone.
#[derive(Clone)]
pub(crate) struct TrailFiles {
    pub aws: Aws,
    pub clock: Clock,
    pub trail: Arc<TrailSettings>,
    /// What this process remembers of the trail's bucket.
    pub memory: Arc<TrailMemory>,
}

impl TrailFiles {
    /// Reads the log files among these objects that are not in yet, and gives the keys of those that are in now.
    pub(super) async fn ingest_listed(
        &self,
        part: &TrailPart,
        mut objects: Vec<Listed>,
        lease: &Lease,
        notes: &mut Notes,
    ) -> Result<Vec<String>, AwsError> {
        // A folder is no file.
        objects.retain(|object| !object.key.ends_with('/'));
        let (mut known, mut new): (Vec<Listed>, _) =
            objects.into_iter().partition(|object| self.memory.knows(part, &object.key));
        let keys: Vec<String> = new.iter().map(|object| object.key.clone()).collect();
        let stored = self.aws.trail_known(&self.trail.bucket, &keys).await?;
        known.extend(new.extract_if(.., |object| stored.contains_key(&object.key)));
        let mut known: Vec<String> = known.into_iter().map(|object| object.key).collect();

        let read = |object: Listed| {
            let files = self.clone();
            let read = async move {
                let key = object.key.clone();
                files.read_listed(object).await.map_err(|error| (key, error))
            };
            read.boxed()
        };
        let files = stream::iter(new.into_iter().map(read).collect::<Vec<_>>());
        let mut files = std::pin::pin!(files.buffered(AT_ONCE).ready_chunks(TOGETHER));
        while let Some(read) = files.next().await {
            let mut batch = Vec::new();
            for file in read {
                match file {
                    Ok(file) => {
                        notes.read();
                        batch.extend(file);
                    }
                    Err((key, error)) => notes.add(&key, error)?,
                }
            }
            let keys: Vec<String> = batch.iter().map(|(file, _)| file.key.clone()).collect();
            self.add_files(part, batch, lease).await?;
            known.extend(keys);
        }
        Ok(known)
    }

    async fn read_listed(&self, object: Listed) -> Result<Option<(TrailFile, KeptEvents)>, AwsError> {
        self.read_log_file(&self.trail.bucket, &object.key, Some(object.last_modified)).await
    }

    pub(super) async fn add_files(
        &self,
        part: &TrailPart,
        files: Vec<(TrailFile, KeptEvents)>,
        lease: &Lease,
    ) -> Result<(), AwsError> {
        abort_at(Point::BeforeTrailFiles);
        for (file, why) in files.iter().filter_map(|(file, _)| Some((file, file.refused.as_ref()?))) {
            tracing::warn!(key = file.key, "a log file cannot be read: {why}");
        }
        let new = self.aws.add_trail_files(part, files, lease).await?;
        tracing::debug!(new, "log files of {part} came in");
        abort_at(Point::AfterTrailFiles);
        Ok(())
    }
}
