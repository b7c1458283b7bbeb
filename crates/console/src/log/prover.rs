//! Proofs for many entries of a log, one after the other: the tiles that they share are read once.

use std::collections::BTreeMap;

use tlog::{Checkpoint, Inclusion, Needs, inclusion, record_hash};

use super::Log;
use crate::Error;

/// How many tiles are kept, of 8 KiB each.
const KEPT: usize = 256;

/// Makes proofs to one checkpoint.
#[derive(Debug)]
pub struct Prover {
    log: Log,
    at: Checkpoint,
    tiles: BTreeMap<String, Vec<u8>>,
}

impl Prover {
    pub fn new(log: Log, at: Checkpoint) -> Self {
        Self { log, at, tiles: BTreeMap::new() }
    }

    /// The proof that `entry` is the one at `index`, from 0. `None`: the log does not show it there, or not yet.
    ///
    /// # Errors
    /// Its files cannot be read.
    pub async fn prove(&mut self, index: u64, entry: &str) -> Result<Option<Inclusion>, Error> {
        if index >= self.at.size {
            return Ok(None);
        }
        if self.tiles.len() > KEPT {
            self.tiles.clear();
        }
        let leaf = record_hash(entry.as_bytes());
        // Once for what it needs, and once with all of it.
        for _ in 0..2 {
            match inclusion(&self.at, index, leaf, &self.tiles) {
                Ok(Needs::Made(proof)) => return Ok(Some(proof)),
                Ok(Needs::Tiles(paths)) => {
                    for path in paths {
                        let Some(file) = self.log.files.read(&path).await? else { return Ok(None) };
                        self.tiles.insert(path, file.bytes);
                    }
                }
                Err(_) => return Ok(None),
            }
        }
        Ok(None)
    }
}
