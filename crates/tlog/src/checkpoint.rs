//! Checkpoints: how large the log is and what its root is, signed by the log and, maybe, cosigned by witnesses.

use signed_note::{Note, NoteError, Signature};
use tlog_tiles::Checkpoint as Text;
use tlog_tiles::tlog::Hash;

use crate::keys::{PublicKey, SigningKey};

/// How large a log is, and the root over its entries.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The name of the log.
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

/// A text that is not a checkpoint of the log that it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotACheckpoint {
    #[error("it is not a signed checkpoint (c2sp.org/tlog-checkpoint)")]
    Malformed,
    #[error("it is signed by none of the log's keys, but by {0}")]
    Unsigned(String),
    #[error("the signature of {0} does not verify")]
    Forged(String),
    #[error("it is of the log {0}")]
    Another(String),
}

/// A witness has seen this checkpoint, and that it goes on from those that it saw before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    pub witness: String,
    /// Seconds since 1970.
    pub at: u64,
}

/// A checkpoint that was read and verified.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    pub checkpoint: Checkpoint,
    pub cosignatures: Vec<Cosignature>,
}

impl Checkpoint {
    /// What the log's key signs.
    pub fn text(&self) -> Vec<u8> {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root).into_bytes()
    }

    /// The checkpoint as a note that the log's key signs.
    ///
    /// # Errors
    /// The log's name is not one.
    pub fn sign(&self, key: &SigningKey) -> Result<Vec<u8>, NotACheckpoint> {
        self.signed(std::slice::from_ref(key.public()), key.sign(&self.text()))
    }

    /// The same with a signature over [`Checkpoint::text`] that was made elsewhere.
    ///
    /// # Errors
    /// None of `keys` has made it.
    pub fn signed(&self, keys: &[PublicKey], signed: Vec<u8>) -> Result<Vec<u8>, NotACheckpoint> {
        let text = self.text();
        let key = keys.iter().find(|key| !key.cosigns() && key.verifies(&text, &signed));
        let key = key.ok_or_else(|| NotACheckpoint::Unsigned("another".to_owned()))?;
        Ok(Note::new(&text, &[signature(key, signed)?]).map_err(malformed)?.to_bytes())
    }

    /// Reads a note, and verifies that one of `keys` has signed it. Cosignatures by `witnesses` are verified, others are
    /// passed over. An extension is refused: nothing of ours writes one.
    ///
    /// # Errors
    /// It is not a checkpoint of the log `origin` by one of these keys.
    pub fn open(
        bytes: &[u8],
        origin: &str,
        keys: &[PublicKey],
        witnesses: &[PublicKey],
    ) -> Result<Opened, NotACheckpoint> {
        let note = Note::from_bytes(bytes).map_err(malformed)?;
        let text = Text::from_bytes(note.text()).map_err(|_| NotACheckpoint::Malformed)?;
        if !text.extension().is_empty() {
            return Err(NotACheckpoint::Malformed);
        }
        let checkpoint = Self { origin: text.origin().to_owned(), size: text.size(), root: *text.hash() };
        let signatures = signatures(bytes, &note)?;
        let mut signed = false;
        for signature in &signatures {
            let Some(key) = keys.iter().find(|key| !key.cosigns() && key.is_named_by(signature)) else {
                continue;
            };
            if !key.verifies(note.text(), signature.signature()) {
                return Err(NotACheckpoint::Forged(key.to_string()));
            }
            signed = true;
        }
        if !signed {
            let names: Vec<String> =
                signatures.iter().map(|one| format!("{}+{:08x}", one.name(), one.id())).collect();
            return Err(NotACheckpoint::Unsigned(names.join(", ")));
        }
        if checkpoint.origin != origin {
            return Err(NotACheckpoint::Another(checkpoint.origin));
        }
        let mut cosignatures = Vec::new();
        for signature in &signatures {
            let Some(key) = witnesses.iter().find(|key| key.cosigns() && key.is_named_by(signature)) else {
                continue;
            };
            let cosignature = cosigned(key, note.text(), signature.signature());
            cosignatures.push(cosignature.ok_or_else(|| NotACheckpoint::Forged(key.to_string()))?);
        }
        Ok(Opened { checkpoint, cosignatures })
    }

    /// The line that a witness adds to a note (c2sp.org/tlog-cosignature, version 1).
    ///
    /// # Errors
    /// The witness's name is not one.
    pub fn cosign(&self, key: &SigningKey, at: u64) -> Result<Vec<u8>, NotACheckpoint> {
        let signed = [at.to_be_bytes().as_slice(), &key.sign(&message(at, &self.text()))].concat();
        Ok(signature(&key.cosigner(), signed)?.to_bytes())
    }
}

/// What a cosignature is over.
fn message(at: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {at}\n").as_bytes(), text].concat()
}

fn cosigned(key: &PublicKey, text: &[u8], signature: &[u8]) -> Option<Cosignature> {
    let (at, signature) = signature.split_first_chunk::<8>()?;
    let at = u64::from_be_bytes(*at);
    let cosignature = Cosignature { witness: key.name().to_owned(), at };
    key.verifies(&message(at, text), signature).then_some(cosignature)
}

fn signature(key: &PublicKey, signature: Vec<u8>) -> Result<Signature, NotACheckpoint> {
    Signature::new(key.name().to_owned(), key.id(), signature).map_err(malformed)
}

/// The library keeps a note's signatures to itself.
fn signatures(bytes: &[u8], note: &Note) -> Result<Vec<Signature>, NotACheckpoint> {
    let lines = bytes.get(note.text().len() + 1..).unwrap_or_default();
    let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| Signature::from_bytes(line).map_err(malformed)).collect()
}

fn malformed(_: NoteError) -> NotACheckpoint {
    NotACheckpoint::Malformed
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "example.com/countersign";

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: ORIGIN.to_owned(), size: 17, root: Hash([7; 32]) }
    }

    fn key(name: &str) -> SigningKey {
        SigningKey::generate(name).unwrap()
    }

    #[test]
    fn a_checkpoint_is_signed_and_cosigned() {
        let (log, witness) = (key(ORIGIN), key("auditor"));
        let mut note = checkpoint().sign(&log).unwrap();
        let end = note.len();
        note.extend(checkpoint().cosign(&witness, 1_700_000_000).unwrap());
        let keys = [key(ORIGIN).public().clone(), log.public().clone()];
        let opened = Checkpoint::open(&note, ORIGIN, &keys, &[witness.cosigner()]).unwrap();
        assert_eq!(opened.checkpoint, checkpoint());
        let cosignature = Cosignature { witness: "auditor".to_owned(), at: 1_700_000_000 };
        assert_eq!(opened.cosignatures, [cosignature]);
        assert_eq!(checkpoint().signed(&keys, log.sign(&checkpoint().text())).unwrap(), note[..end]);
        let another = checkpoint().signed(&keys, witness.sign(&checkpoint().text()));
        assert!(matches!(another, Err(NotACheckpoint::Unsigned(_))));
        // The library reads it as we do.
        let known = signed_note::StandardVerifier::new(&log.public().to_string()).unwrap();
        let known = signed_note::VerifierList::new(vec![Box::new(known)]);
        assert_eq!(Note::from_bytes(&note).unwrap().verify(&known).unwrap().0.len(), 1);
    }

    #[test]
    fn a_checkpoint_of_another_key_or_another_log_or_changed_is_none() {
        let (log, witness) = (key(ORIGIN), key("auditor"));
        let note = checkpoint().sign(&log).unwrap();
        let keys = [log.public().clone()];
        let open = |note: &[u8], origin| Checkpoint::open(note, origin, &keys, &[witness.cosigner()]);
        assert!(open(&note, ORIGIN).is_ok());
        let another = checkpoint().sign(&key(ORIGIN)).unwrap();
        assert!(matches!(open(&another, ORIGIN), Err(NotACheckpoint::Unsigned(_))));
        assert_eq!(open(&note, "example.com/other"), Err(NotACheckpoint::Another(ORIGIN.to_owned())));
        let changed = String::from_utf8(note.clone()).unwrap().replace("\n17\n", "\n16\n");
        assert!(matches!(open(changed.as_bytes(), ORIGIN), Err(NotACheckpoint::Forged(_))));
        let mut cosigned = note.clone();
        cosigned.extend(Checkpoint { size: 16, ..checkpoint() }.cosign(&witness, 1).unwrap());
        assert!(matches!(open(&cosigned, ORIGIN), Err(NotACheckpoint::Forged(_))));
        for end in 0..note.len() {
            assert!(open(&note[..end], ORIGIN).is_err(), "{end}");
        }
    }
}
