//! A log in memory grows, is resumed, and proves what is in it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use tlog::{Checkpoint, File, Hash, Inclusion, Needs, Tree, bundle_of, entries, record_hash};
use tlog_tiles::tlog::{HashReader, stored_hashes, tree_hash};

/// The files of a log by their paths.
type Files = BTreeMap<String, Vec<u8>>;

fn entry(number: u64) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

fn checkpoint(tree: &Tree) -> Checkpoint {
    Checkpoint { origin: "example.com/log".to_owned(), size: tree.size(), root: tree.root() }
}

/// A file that is there has this content for good.
fn keep(files: &mut Files, new: Vec<File>) {
    for File { path, bytes } in new {
        assert!(files.get(&path).is_none_or(|there| *there == bytes), "{path}");
        files.insert(path, bytes);
    }
}

/// Appends until the log has `size` entries, and publishes it.
fn grow(tree: &mut Tree, size: u64, files: &mut Files) -> Checkpoint {
    let mut complete = Vec::new();
    while tree.size() < size {
        tree.append(&entry(tree.size()), &mut complete).unwrap();
    }
    keep(files, complete);
    keep(files, tree.partial());
    checkpoint(tree)
}

struct Stored(Vec<Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::tlog::Error> {
        Ok(indexes.iter().map(|index| self.0[*index as usize]).collect())
    }
}

fn proven<T>(
    files: &Files,
    make: impl Fn(&Files) -> Result<Needs<T>, tlog::NotProven>,
) -> Result<T, tlog::NotProven> {
    let mut read = Files::new();
    loop {
        match make(&read)? {
            Needs::Made(proof) => return Ok(proof),
            Needs::Tiles(paths) => {
                read.extend(paths.into_iter().map(|path| (path.clone(), files[&path].clone())))
            }
        }
    }
}

fn included(files: &Files, at: &Checkpoint, index: u64) -> Result<Inclusion, tlog::NotProven> {
    proven(files, |tiles| tlog::inclusion(at, index, record_hash(&entry(index)), tiles))
}

#[test]
fn the_root_is_that_of_the_library_at_every_size() {
    let (mut tree, mut stored) = (Tree::default(), Stored(Vec::new()));
    for number in 0..1_000 {
        assert_eq!(tree.root(), tree_hash(number, &stored).unwrap(), "{number}");
        tree.append(&entry(number), &mut Vec::new()).unwrap();
        let hashes = stored_hashes(number, &entry(number), &stored).unwrap();
        stored.0.extend(hashes);
    }
}

#[test]
fn a_log_of_three_levels_is_that_of_the_library() {
    let mut files = Files::new();
    let mut tree = Tree::default();
    let size = 256 * 256 + 300;
    let at = grow(&mut tree, size, &mut files);
    for path in ["tile/2/000.p/1", "tile/1/000", "tile/1/001.p/1", "tile/0/256", "tile/0/257.p/44"] {
        assert!(files.contains_key(path), "{path}");
    }
    assert!(files.contains_key("tile/entries/257.p/44"));
    for index in [0, 255, 256, 65_535, 65_536, size - 1] {
        let proof = included(&files, &at, index).unwrap();
        proof.verify(&at, &entry(index)).unwrap();
        assert!(proof.verify(&at, &entry(index + 1)).is_err());
        let (path, place) = bundle_of(index, size);
        assert_eq!(entries(&files[&path]).unwrap()[place], entry(index));
    }
    let edge: Vec<_> = Tree::edge(size).iter().map(|path| files[path].clone()).collect();
    assert_eq!(Tree::resume(size, &edge).unwrap(), tree);
}

#[test]
fn an_entry_that_is_too_long_is_refused_and_nothing_was_done() {
    let mut tree = Tree::default();
    tree.append(&vec![7; tlog::MAX_ENTRY], &mut Vec::new()).unwrap();
    let before = tree.clone();
    assert!(tree.append(&vec![7; tlog::MAX_ENTRY + 1], &mut Vec::new()).is_err());
    assert_eq!(tree, before);
}

#[test]
fn an_edge_with_a_damaged_file_is_refused_or_has_another_root() {
    let (mut tree, mut files) = (Tree::default(), Files::new());
    let at = grow(&mut tree, 700, &mut files);
    let edge: Vec<_> = Tree::edge(700).iter().map(|path| files[path].clone()).collect();
    for file in 1..edge.len() {
        let mut damaged = edge.clone();
        damaged[file][3] ^= 1;
        assert_ne!(Tree::resume(700, &damaged).unwrap().root(), at.root);
        damaged[file].pop();
        assert!(Tree::resume(700, &damaged).map_or(true, |tree| tree.root() != at.root));
        damaged.truncate(file);
        assert!(Tree::resume(700, &damaged).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However it grows and is interrupted, it is the same log, and each state of it goes on from each before.
    #[test]
    fn a_log_goes_on_from_what_it_was(mut sizes in prop::collection::vec(0_u64..1_400, 1..6), place in any::<u64>()) {
        sizes.sort_unstable();
        let (mut files, mut tree, mut seen) = (Files::new(), Tree::default(), Vec::new());
        for size in sizes {
            let edge: Vec<_> = Tree::edge(tree.size()).iter().map(|path| files[path].clone()).collect();
            tree = Tree::resume(tree.size(), &edge).unwrap();
            seen.push(grow(&mut tree, size, &mut files));
        }
        let last = seen.last().unwrap();
        let mut whole = Tree::default();
        prop_assert_eq!(&grow(&mut whole, last.size, &mut Files::new()), last);
        for old in &seen {
            prop_assert!(proven(&files, |tiles| tlog::consistency(old, last, tiles)).is_ok());
            if old.size > 0 {
                let forged = Checkpoint { root: Hash([1; 32]), ..old.clone() };
                prop_assert!(proven(&files, |tiles| tlog::consistency(&forged, last, tiles)).is_err());
            }
            if old.size < last.size {
                prop_assert!(proven(&files, |tiles| tlog::consistency(last, old, tiles)).is_err());
            }
        }
        if last.size > 0 {
            let proof = included(&files, last, place % last.size).unwrap();
            prop_assert!(proof.verify(last, &entry(place % last.size)).is_ok());
        }
    }
}
