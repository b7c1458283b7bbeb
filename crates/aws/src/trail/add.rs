//! A log file is added: whole, and once.

use super::events::KeptEvents;
use super::file::{TrailFile, TrailPart};
use super::known::REFUSED;
use crate::item::{json, n, number, s};
use crate::transact::{Backoff, Transaction, refusal};
use crate::{Aws, Change, Error, Lease, Thing, keys};

/// What became of adding a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is in, at this place.
    New(u64),
    /// It had been in before; nothing was written.
    Before,
}

impl Aws {
    /// Adds a file and the events kept of it at the end of the sequence; `file.seq` is not looked at. The holder of any
    /// lease may: others that add files to the same part at the same time line up.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the lease is lost. After [`Error::Unavailable`] it is not known whether it was done: adding it
    /// again is safe.
    pub async fn add_trail_file(
        &self,
        part: &TrailPart,
        file: TrailFile,
        events: KeptEvents,
        lease: &Lease,
    ) -> Result<Added, Error> {
        let bytes = tokio::task::spawn_blocking(move || events.finish());
        let bytes = bytes.await.map_err(|error| Error::invalid("compressing", &file.key, error))??;
        let blob = self.put_blob(bytes).await?;
        let mut backoff = Backoff::default();
        loop {
            let seq = self.last_trail_file(part).await? + 1;
            let file = TrailFile { seq, ..file.clone() };
            let mut attributes = vec![(keys::BODY, json(Thing::TrailFile, &file)?), (SEQ, n(seq))];
            attributes.extend(blob.clone());
            let mut mark = vec![(SEQ, n(seq)), (SHA256, s(&file.sha256))];
            if let Some(refused) = &file.refused {
                mark.push((REFUSED, s(refused)));
            }
            let known = keys::trail_known(&file.bucket, &file.key);
            let changes = [
                self.holds_lease(lease),
                Change::put(Thing::TrailFile, &file.key, known, mark).when_absent(),
                Change::put(Thing::TrailFile, &file.key, keys::trail_file(part, seq), attributes)
                    .when_absent(),
            ];
            match self.transact(&changes).await? {
                Transaction::Done => return Ok(Added::New(seq)),
                Transaction::Refused(places) if places.contains(&0) => {
                    return Err(refusal(&changes, &places));
                }
                Transaction::Refused(places) if places.contains(&1) => return Ok(Added::Before),
                // Somebody else has taken the place.
                Transaction::Refused(_) | Transaction::Busy => (),
            }
            if !backoff.wait().await {
                return Err(Error::Throttled { operation: "adding a log file", resource: file.key });
            }
        }
    }

    /// The place of the last file; 0: there is none.
    async fn last_trail_file(&self, part: &TrailPart) -> Result<u64, Error> {
        let query = self.partition(keys::trail(part), keys::FILE).scan_index_forward(false);
        let last = self.first(query.projection_expression("pk, sk, seq"), 1).await?;
        last.first().map_or(Ok(0), |item| number(Thing::TrailFile, item, SEQ))
    }
}

pub(super) const SEQ: &str = "seq";
pub(super) const SHA256: &str = "sha256";
