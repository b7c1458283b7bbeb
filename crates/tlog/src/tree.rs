//! A log that grows: what is not complete yet of each level of tiles, and of the last bundle. Whoever writes it and whoever
//! verifies it do the same: entries in, files out, which are written or compared.

use tlog_tiles::tile::Tile;
use tlog_tiles::tlog::{EMPTY_HASH, HASH_SIZE, Hash, node_hash, record_hash};

use crate::bundle::{Damaged, entries, framed};
use crate::path::{bundle_path, tile_path};
use crate::{MAX_ENTRY, WIDTH};

/// An entry has more octets than a bundle takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an entry has {0} octets, and the ledger takes {MAX_ENTRY} at most")]
pub struct TooLong(pub usize);

/// A file of the log, by its path below the log's prefix. All but the checkpoint have one content for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// The right edge of a log. Its memory is bounded: a bundle, and a tile for each level.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    size: u64,
    /// The hashes of the last tile of each level, less than 256 each.
    levels: Vec<Vec<Hash>>,
    /// The last bundle as far as it goes.
    bundle: Vec<u8>,
}

impl Tree {
    /// The files that [`Tree::resume`] needs, the bundle first if there is one.
    pub fn edge(size: u64) -> Vec<String> {
        let mut paths = Vec::new();
        if let (number, width @ 1..) = last(size) {
            paths.push(bundle_path(number, width));
        }
        let mut hashes = size;
        for level in 0.. {
            if hashes == 0 {
                break;
            }
            if let (number, width @ 1..) = last(hashes) {
                paths.push(tile_path(level, number, width));
            }
            hashes /= WIDTH as u64;
        }
        paths
    }

    /// A log of `size` entries from the files that [`Tree::edge`] names, in that order. Compare its [`Tree::root`].
    ///
    /// # Errors
    /// One of them is not what it is called.
    pub fn resume(size: u64, files: &[Vec<u8>]) -> Result<Self, Damaged> {
        let missing = || Damaged("a file of the log's edge is missing".to_owned());
        let mut files = files.iter();
        let mut tree = Self { size, ..Self::default() };
        if let (number, width @ 1..) = last(size) {
            tree.bundle = files.next().ok_or_else(missing)?.clone();
            let found = entries(&tree.bundle)?.len();
            if found != width {
                return Err(Damaged(format!("the bundle {number} has {found} entries and not {width}")));
            }
        }
        let mut hashes = size;
        while hashes > 0 {
            let (number, width) = last(hashes);
            let mut level = Vec::new();
            if width > 0 {
                level = tile(files.next().ok_or_else(missing)?);
                if level.len() != width {
                    let found = level.len();
                    return Err(Damaged(format!("the tile {number} has {found} hashes and not {width}")));
                }
            }
            tree.levels.push(level);
            hashes /= WIDTH as u64;
        }
        Ok(tree)
    }

    /// How many entries it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends an entry; tiles and bundles that it completes go to `complete`.
    ///
    /// # Errors
    /// It is too long: nothing was done.
    pub fn append(&mut self, entry: &[u8], complete: &mut Vec<File>) -> Result<(), TooLong> {
        self.bundle.extend(framed(entry).ok_or(TooLong(entry.len()))?);
        let mut hash = record_hash(entry);
        self.size += 1;
        let mut hashes = self.size;
        if self.size.is_multiple_of(WIDTH as u64) {
            let path = bundle_path(self.size / WIDTH as u64 - 1, WIDTH);
            complete.push(File { path, bytes: std::mem::take(&mut self.bundle) });
        }
        for level in 0.. {
            let place = usize::from(level);
            if self.levels.len() == place {
                self.levels.push(Vec::new());
            }
            let tile = &mut self.levels[place];
            tile.push(hash);
            if tile.len() < WIDTH {
                break;
            }
            let bytes = octets(&std::mem::take(tile));
            hash = Tile::subtree_hash(&bytes);
            hashes /= WIDTH as u64;
            complete.push(File { path: tile_path(level, hashes - 1, WIDTH), bytes });
        }
        Ok(())
    }

    /// What is not complete: the last bundle and the last tile of each level, as far as they go.
    pub fn partial(&self) -> Vec<File> {
        let bundle = Some(last(self.size)).filter(|(_, width)| *width > 0);
        let bundle = bundle
            .map(|(number, width)| File { path: bundle_path(number, width), bytes: self.bundle.clone() });
        let mut hashes = self.size;
        let tiles = (0_u8..).zip(&self.levels).filter_map(move |(level, tile)| {
            let (number, width) = last(hashes);
            hashes /= WIDTH as u64;
            (width > 0).then(|| File { path: tile_path(level, number, width), bytes: octets(tile) })
        });
        bundle.into_iter().chain(tiles).collect()
    }

    /// The entries of the last bundle, if it is not complete.
    ///
    /// # Errors
    /// Never of a tree that was made here.
    pub fn newest(&self) -> Result<Vec<&[u8]>, Damaged> {
        entries(&self.bundle)
    }

    /// The hash that stands for all entries (RFC 6962 §2.1).
    pub fn root(&self) -> Hash {
        // From right to left: the largest complete subtrees, the smallest first.
        let mut root = None;
        for tile in &self.levels {
            let mut end = tile.len();
            while end > 0 {
                let width = 1 << end.trailing_zeros();
                let left = Tile::subtree_hash(&octets(&tile[end - width..end]));
                root = Some(root.map_or(left, |right| node_hash(left, right)));
                end -= width;
            }
        }
        root.unwrap_or(EMPTY_HASH)
    }
}

/// Which tile the last of so many hashes are in, and how many of them; 0: the one before is complete.
fn last(hashes: u64) -> (u64, usize) {
    (hashes / WIDTH as u64, (hashes % WIDTH as u64) as usize)
}

fn octets(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

fn tile(bytes: &[u8]) -> Vec<Hash> {
    let (hashes, rest) = bytes.as_chunks::<HASH_SIZE>();
    // A cut hash makes a tile of another width.
    hashes.iter().copied().chain((!rest.is_empty()).then_some([0; HASH_SIZE])).map(Hash).collect()
}
