//! A transparency log as plain files: c2sp.org/tlog-tiles with checkpoints (tlog-checkpoint) that are signed notes
//! (signed-note) and may be cosigned by witnesses (tlog-cosignature v1), and proofs of single entries (tlog-proof). Hashes are
//! those of RFC 6962.
//!
//! Bytes to bytes: knows neither where the files lie nor what the entries say.

mod bundle;
mod checkpoint;
mod keys;
mod path;
mod proof;
mod proof_file;
mod tree;

pub use bundle::{Damaged, MAX_ENTRY, entries};
pub use checkpoint::{Checkpoint, Cosignature, NotACheckpoint, Opened};
pub use keys::{KeyError, PublicKey, SigningKey};
pub use path::{CHECKPOINT, bundle_of, bundle_path, tile_path, witness_path};
pub use proof::{Inclusion, Needs, NotProven, consistency, inclusion};
pub use proof_file::{NotAProof, ProofFile};
pub use tree::{File, TooLong, Tree};

pub use tlog_tiles::tlog::{Hash, record_hash};

/// How many entries a bundle, and how many hashes a tile has.
pub const WIDTH: usize = 256;
