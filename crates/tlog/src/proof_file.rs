//! An entry with the proof that it is in a log, as a file that is verified by itself (c2sp.org/tlog-proof). The entry is the
//! file's `extra`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tlog_tiles::tlog::{Hash, RecordProof};

use crate::keys::PublicKey;
use crate::{Checkpoint, Inclusion, NotACheckpoint, NotProven, Opened};

const HEAD: &str = "c2sp.org/tlog-proof@v1";
const EXTRA: &str = "extra ";
const INDEX: &str = "index ";

/// A file that proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAProof {
    #[error("it is not a proof as c2sp.org/tlog-proof describes it")]
    Malformed,
    #[error("it has no entry in it (extra): what it proves is not known")]
    Empty,
    #[error("its checkpoint is not to be believed: {0}")]
    Checkpoint(#[from] NotACheckpoint),
    #[error("its entry is not the one that the log has at this place")]
    NotProven,
}

impl From<NotProven> for NotAProof {
    fn from(NotProven: NotProven) -> Self {
        Self::NotProven
    }
}

/// An entry, where it is in the log, and the checkpoint that it is under.
#[derive(Clone, Debug, PartialEq)]
pub struct ProofFile {
    pub entry: Vec<u8>,
    /// From 0.
    pub index: u64,
    pub path: RecordProof,
    /// The checkpoint with all its signatures.
    pub note: Vec<u8>,
}

impl ProofFile {
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { entry, index, path, note } = self;
        let mut text = format!("{HEAD}\n{EXTRA}{}\n{INDEX}{index}\n", BASE64_STANDARD.encode(entry));
        for hash in path {
            text += &format!("{hash}\n");
        }
        [text.as_bytes(), b"\n", note].concat()
    }

    /// Reads a file. Nothing of it is believed yet: [`ProofFile::verify`].
    ///
    /// # Errors
    /// It is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotAProof> {
        let text = std::str::from_utf8(bytes).map_err(|_| NotAProof::Malformed)?;
        let (head, note) = text.split_once("\n\n").ok_or(NotAProof::Malformed)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEAD) {
            return Err(NotAProof::Malformed);
        }
        let entry = lines.next_if(|line| line.starts_with(EXTRA)).ok_or(NotAProof::Empty)?;
        let entry = BASE64_STANDARD.decode(&entry[EXTRA.len()..]).map_err(|_| NotAProof::Malformed)?;
        let index = lines.next().and_then(|line| line.strip_prefix(INDEX)).ok_or(NotAProof::Malformed)?;
        let written = index;
        let index: u64 = index.parse().map_err(|_| NotAProof::Malformed)?;
        if index.to_string() != written {
            return Err(NotAProof::Malformed);
        }
        let hash = |line: &str| {
            let hash = BASE64_STANDARD.decode(line).ok().and_then(|hash| hash.try_into().ok());
            hash.map(Hash).ok_or(NotAProof::Malformed)
        };
        let path = lines.map(hash).collect::<Result<_, _>>()?;
        Ok(Self { entry, index, path, note: note.as_bytes().to_vec() })
    }

    /// Whether the entry is where it says in the log `origin`, whose checkpoint one of `keys` has signed.
    ///
    /// # Errors
    /// It is not, or nothing shows it.
    pub fn verify(
        &self,
        origin: &str,
        keys: &[PublicKey],
        witnesses: &[PublicKey],
    ) -> Result<Opened, NotAProof> {
        let opened = Checkpoint::open(&self.note, origin, keys, witnesses)?;
        let size = opened.checkpoint.size;
        if self.index >= size {
            return Err(NotAProof::NotProven);
        }
        let inclusion = Inclusion { index: self.index, size, path: self.path.clone() };
        inclusion.verify(&opened.checkpoint, &self.entry)?;
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Needs, SigningKey, Tree, inclusion, record_hash};

    const ORIGIN: &str = "example.com/log";

    fn proofs() -> (SigningKey, Vec<ProofFile>) {
        let key = SigningKey::generate(ORIGIN).unwrap();
        let (mut tree, mut files) = (Tree::default(), Vec::new());
        let entries: Vec<Vec<u8>> = (0..300).map(|number| format!("entry {number}").into_bytes()).collect();
        for entry in &entries {
            tree.append(entry, &mut files).unwrap();
        }
        files.extend(tree.partial());
        let tiles: BTreeMap<String, Vec<u8>> =
            files.into_iter().map(|file| (file.path, file.bytes)).collect();
        let at = Checkpoint { origin: ORIGIN.to_owned(), size: tree.size(), root: tree.root() };
        let note = at.sign(&key).unwrap();
        let proof = |index: u64, entry: &Vec<u8>| {
            let Needs::Made(made) = inclusion(&at, index, record_hash(entry), &tiles).unwrap() else {
                panic!("all tiles are there");
            };
            ProofFile { entry: entry.clone(), index, path: made.path, note: note.clone() }
        };
        let proofs = (0..).zip(&entries).map(|(index, entry)| proof(index, entry)).collect();
        (key, proofs)
    }

    #[test]
    fn a_proof_goes_into_a_file_and_comes_back() {
        let (key, proofs) = proofs();
        for proof in proofs {
            let read = ProofFile::parse(&proof.to_bytes()).unwrap();
            assert_eq!(read, proof);
            let opened = read.verify(ORIGIN, &[key.public().clone()], &[]).unwrap();
            assert_eq!(opened.checkpoint.size, 300);
        }
    }

    #[test]
    fn whatever_is_changed_is_no_proof() {
        let (key, proofs) = proofs();
        let keys = [key.public().clone()];
        let verify = |proof: &ProofFile| proof.verify(ORIGIN, &keys, &[]).map(drop);
        let good = &proofs[257];
        assert_eq!(verify(good), Ok(()));
        let entry = b"entry 258".to_vec();
        assert_eq!(verify(&ProofFile { entry, ..good.clone() }), Err(NotAProof::NotProven));
        for index in [0, 256, 258, 300, u64::MAX] {
            assert_eq!(verify(&ProofFile { index, ..good.clone() }), Err(NotAProof::NotProven), "{index}");
        }
        let path = good.path[1..].to_vec();
        assert_eq!(verify(&ProofFile { path, ..good.clone() }), Err(NotAProof::NotProven));
        let another = SigningKey::generate(ORIGIN).unwrap();
        let others = good.verify(ORIGIN, &[another.public().clone()], &[]);
        assert!(matches!(others, Err(NotAProof::Checkpoint(NotACheckpoint::Unsigned(_)))));
        let bytes = good.to_bytes();
        for end in 0..bytes.len() {
            let cut = ProofFile::parse(&bytes[..end]).and_then(|proof| verify(&proof));
            assert!(cut.is_err(), "{end}");
        }
        let text = String::from_utf8(bytes).unwrap();
        let without: String = text.split_inclusive('\n').filter(|line| !line.starts_with(EXTRA)).collect();
        assert_eq!(ProofFile::parse(without.as_bytes()), Err(NotAProof::Empty));
        let odd = text.replace("index 257", "index +257");
        assert_eq!(ProofFile::parse(odd.as_bytes()), Err(NotAProof::Malformed));
    }
}
