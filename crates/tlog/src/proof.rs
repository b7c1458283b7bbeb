//! Proofs, made of a log's tiles: that an entry is in it, and that it goes on from what it was.
//!
//! Which tiles a proof needs is asked first, so that whoever has the files can read them as they please.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use tlog_tiles::tile::Tile;
use tlog_tiles::tlog::{
    Error, Hash, HashReader, RecordProof, TreeProof, check_record, check_tree, prove_record, prove_tree,
    record_hash,
};

use crate::path::tile_path;
use crate::{Checkpoint, WIDTH};

/// Of a tile, in powers of two.
const HEIGHT: u8 = 8;

/// The tiles do not lead to what the checkpoints say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the log's tiles do not lead to the root of its checkpoint")]
pub struct NotProven;

/// Shows that an entry is in a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Inclusion {
    /// From 0.
    pub index: u64,
    pub size: u64,
    pub path: RecordProof,
}

/// A proof, or the paths of the tiles that it needs.
pub enum Needs<T> {
    Tiles(Vec<String>),
    Made(T),
}

/// Tiles by path; what is asked of others is noted.
struct Tiles<'a> {
    size: u64,
    known: &'a BTreeMap<String, Vec<u8>>,
    missing: RefCell<BTreeSet<String>>,
}

impl HashReader for Tiles<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let read = |index: &u64| {
            let least = Tile::from_index(HEIGHT, *index);
            let (level, number) = (least.level(), least.level_index());
            let hashes = self.size >> (u32::from(level) * u32::from(HEIGHT));
            let width = hashes.saturating_sub(number * WIDTH as u64).min(WIDTH as u64);
            let width = u32::try_from(width).map_err(|_| Error::BadMath)?;
            if width < least.width() {
                return Err(Error::IndexesNotInTree);
            }
            let path = tile_path(level, number, width as usize);
            match self.known.get(&path) {
                Some(bytes) => Tile::new(HEIGHT, level, number, width, false).hash_at_index(bytes, *index),
                None => {
                    self.missing.borrow_mut().insert(path);
                    Ok(Hash::default())
                }
            }
        };
        indexes.iter().map(read).collect()
    }
}

fn made<T>(
    size: u64,
    known: &BTreeMap<String, Vec<u8>>,
    prove: impl FnOnce(&Tiles) -> Result<T, Error>,
) -> Result<Needs<T>, NotProven> {
    let tiles = Tiles { size, known, missing: RefCell::default() };
    let proof = prove(&tiles).map_err(|_| NotProven)?;
    let missing = tiles.missing.into_inner();
    Ok(if missing.is_empty() { Needs::Made(proof) } else { Needs::Tiles(missing.into_iter().collect()) })
}

/// The proof that the log of the checkpoint has an entry with the hash `leaf` at `index`. It is verified.
///
/// # Errors
/// It has not.
pub fn inclusion(
    checkpoint: &Checkpoint,
    index: u64,
    leaf: Hash,
    tiles: &BTreeMap<String, Vec<u8>>,
) -> Result<Needs<Inclusion>, NotProven> {
    let size = checkpoint.size;
    Ok(match made(size, tiles, |tiles| prove_record(size, index, tiles))? {
        Needs::Tiles(paths) => Needs::Tiles(paths),
        Needs::Made(path) => {
            check_record(&path, size, checkpoint.root, index, leaf).map_err(|_| NotProven)?;
            Needs::Made(Inclusion { index, size, path })
        }
    })
}

impl Inclusion {
    /// Whether the entry is at this place of the checkpoint's log.
    ///
    /// # Errors
    /// It is not.
    pub fn verify(&self, checkpoint: &Checkpoint, entry: &[u8]) -> Result<(), NotProven> {
        let Self { index, size, path } = self;
        if *size != checkpoint.size {
            return Err(NotProven);
        }
        check_record(path, *size, checkpoint.root, *index, record_hash(entry)).map_err(|_| NotProven)
    }
}

/// The proof that the log of `new` begins with all that was in `old`. It is verified.
///
/// # Errors
/// It does not: it was rewritten, or has shrunk.
pub fn consistency(
    old: &Checkpoint,
    new: &Checkpoint,
    tiles: &BTreeMap<String, Vec<u8>>,
) -> Result<Needs<TreeProof>, NotProven> {
    if old.size > new.size {
        return Err(NotProven);
    }
    if old.size == 0 {
        return Ok(Needs::Made(Vec::new()));
    }
    Ok(match made(new.size, tiles, |tiles| prove_tree(new.size, old.size, tiles))? {
        Needs::Tiles(paths) => Needs::Tiles(paths),
        Needs::Made(proof) => {
            check_tree(&proof, new.size, new.root, old.size, old.root).map_err(|_| NotProven)?;
            Needs::Made(proof)
        }
    })
}
