//! Log files are added: each whole, and once.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::trail::TrailPart;

use super::events::KeptEvents;
use super::file::TrailFile;
use super::known::{REFUSED, SEQ, SHA256};
use super::read::place;
use crate::item::{json, n, s};
use crate::parts::{Part, With, packed};
use crate::transact::{Backoff, Transaction, refusal};
use crate::{Aws, Change, Error, Lease, Thing, keys};

/// A file on its way, and the attributes that lead to its events.
struct Ready {
    file: TrailFile,
    events: Vec<(&'static str, AttributeValue)>,
}

impl Aws {
    /// Adds files and the events kept of them at the end of the sequence, in this order; one that is in already is passed
    /// over. `seq` is not looked at. The holder of any lease may: others that add files to the same part line up.
    /// Gives back how many are new.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the lease is lost. After an error some may have been added: adding all again is safe.
    pub async fn add_trail_files(
        &self,
        part: &TrailPart,
        files: Vec<(TrailFile, KeptEvents)>,
        lease: &Lease,
    ) -> Result<usize, Error> {
        let mut parts = Vec::new();
        for (file, events) in files {
            let bytes = tokio::task::spawn_blocking(move || events.finish()).await;
            let bytes = bytes.map_err(|error| Error::invalid("compressing", &file.key, error))??;
            let ready = Ready { file, events: self.put_blob(bytes).await? };
            // Its place in the sequence, which is not known yet, has the same size as any other.
            parts.push(Part { changes: both(part, 0, &ready)?.into(), of: ready });
        }
        let mut new = 0;
        let with = With { each: vec![self.holds_lease(lease)], last: Vec::new() };
        for batch in packed(parts, &with) {
            new += self.add_batch(part, batch.into_iter().map(|part| part.of).collect(), lease).await?;
        }
        Ok(new)
    }

    async fn add_batch(
        &self,
        part: &TrailPart,
        mut batch: Vec<Ready>,
        lease: &Lease,
    ) -> Result<usize, Error> {
        let mut names = HashSet::new();
        batch.retain(|ready| names.insert((ready.file.bucket.clone(), ready.file.key.clone())));
        let mut backoff = Backoff::default();
        while !batch.is_empty() {
            let last = self.last_trail_file(part).await?;
            let mut changes = vec![self.holds_lease(lease)];
            for (seq, ready) in (last + 1..).zip(&batch) {
                changes.extend(both(part, seq, ready)?);
            }
            match self.transact(&changes).await? {
                Transaction::Done => return Ok(batch.len()),
                Transaction::Refused(places) if places.contains(&0) => {
                    return Err(refusal(&changes, &places));
                }
                Transaction::Refused(places) => {
                    // Those that are in already; when there is none, somebody else has taken their places.
                    let mut place = 1;
                    batch.retain(|_| {
                        let known = places.contains(&place);
                        place += 2;
                        !known
                    });
                }
                Transaction::Busy => (),
            }
            if !backoff.wait().await {
                let resource = part.to_string();
                return Err(Error::Throttled { operation: "adding log files", resource });
            }
        }
        Ok(0)
    }

    /// The place of the last file; 0: there is none.
    async fn last_trail_file(&self, part: &TrailPart) -> Result<u64, Error> {
        let query = self.partition(keys::trail(part), keys::FILE).scan_index_forward(false);
        let last = self.first(query.projection_expression("pk, sk"), 1).await?;
        last.first().map_or(Ok(0), place)
    }
}

/// The item by the file's name, and the one in the sequence: neither may be there.
fn both(part: &TrailPart, seq: u64, ready: &Ready) -> Result<[Change; 2], Error> {
    let file = TrailFile { seq, ..ready.file.clone() };
    let mut mark = vec![(SEQ, n(seq)), (SHA256, s(&file.sha256))];
    if let Some(refused) = &file.refused {
        mark.push((REFUSED, s(refused)));
    }
    let mut whole = vec![(keys::BODY, json(Thing::TrailFile, &file)?), (SEQ, n(seq))];
    whole.extend(ready.events.clone());
    let known = keys::trail_known(&file.bucket, &file.key);
    let put =
        |key, attributes: Vec<_>| Change::put(Thing::TrailFile, &file.key, key, attributes).when_absent();
    Ok([put(known, mark), put(keys::trail_file(part, seq), whole)])
}
