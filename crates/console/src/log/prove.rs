//! Entries of a log with the proof that they are in it.

use std::collections::BTreeMap;

use tlog::{Checkpoint, Inclusion, Needs, NotProven, ProofFile, bundle_of, entries, record_hash};

use super::{Log, Signed};
use crate::Error;

/// An entry, and that it is in the log of a checkpoint.
#[derive(Clone, Debug)]
pub struct Proven {
    pub entry: Vec<u8>,
    pub inclusion: Inclusion,
}

impl Log {
    /// The entry at `index`, from 0, as the log has it.
    ///
    /// # Errors
    /// The files cannot be read. `Ok(Err(_))`: they are not what the checkpoint says.
    pub async fn prove(&self, at: &Checkpoint, index: u64) -> Result<Result<Proven, NotProven>, Error> {
        if index >= at.size {
            return Ok(Err(NotProven));
        }
        let (path, place) = bundle_of(index, at.size);
        let Some(bundle) = self.files.read(&path).await? else { return Ok(Err(NotProven)) };
        let entry =
            entries(&bundle.bytes).ok().and_then(|entries| entries.get(place).map(|one| one.to_vec()));
        let Some(entry) = entry else { return Ok(Err(NotProven)) };
        let leaf = record_hash(&entry);
        let inclusion = self.proof(|tiles| tlog::inclusion(at, index, leaf, tiles)).await?;
        Ok(inclusion.map(|inclusion| Proven { entry, inclusion }))
    }

    /// The same as a file that is verified by itself. `at`: the log's checkpoint.
    ///
    /// # Errors
    /// As [`Log::prove`].
    pub async fn proof_file(&self, at: &Signed, index: u64) -> Result<Result<ProofFile, NotProven>, Error> {
        let proven = self.prove(&at.opened.checkpoint, index).await?;
        Ok(proven.map(|Proven { entry, inclusion }| ProofFile {
            entry,
            index,
            path: inclusion.path,
            note: at.note.clone(),
        }))
    }

    /// Shows that the log of `new` begins with all that was in `old`.
    ///
    /// # Errors
    /// The files cannot be read. `Ok(Err(_))`: it does not.
    pub async fn goes_on(&self, old: &Checkpoint, new: &Checkpoint) -> Result<Result<(), NotProven>, Error> {
        Ok(self.proof(|tiles| tlog::consistency(old, new, tiles)).await?.map(drop))
    }

    async fn proof<T>(
        &self,
        make: impl Fn(&BTreeMap<String, Vec<u8>>) -> Result<Needs<T>, NotProven>,
    ) -> Result<Result<T, NotProven>, Error> {
        let mut tiles = BTreeMap::new();
        // Once for what it needs, and once with all of it.
        for _ in 0..2 {
            match make(&tiles) {
                Ok(Needs::Made(proof)) => return Ok(Ok(proof)),
                Ok(Needs::Tiles(paths)) => {
                    for path in paths {
                        let Some(file) = self.files.read(&path).await? else { return Ok(Err(NotProven)) };
                        tiles.insert(path, file.bytes);
                    }
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Err(NotProven))
    }
}
