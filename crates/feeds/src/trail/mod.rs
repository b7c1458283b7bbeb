//! CloudTrail's files: log files, digests, the keys under which they lie, and the proof that they are whole.
//!
//! Log files are read in bounded memory and only records about Private CA, or about the trail itself, are kept. Whether
//! the trail is whole is decided by pure functions over what was read: nothing here asks S3 or AWS.
//! Source: AWS CloudTrail User Guide, "CloudTrail log file examples", "Validating CloudTrail log file integrity".

mod chain;
mod chains;
mod digest;
mod directory;
pub mod key;
mod log;
mod public_keys;
mod record;
mod stray;
mod verification;

pub use chain::{Absent, Chain, Delivered, Known, Signature, Verdict};
pub use chains::Chains;
pub use digest::{Digest, DigestError, LogFile, Previous};
pub use directory::{Directory, Stored};
pub use log::{LogReader, Record, Summary, content_sha256};
pub use public_keys::{PublicKeys, PublicKeysError};
pub use stray::{NEXT_DIGEST, stray};
pub use verification::{Chained, Limits, Place, Verification, verify};

/// The most that a log file may have uncompressed, in bytes. CloudTrail delivers 50 MB at most ("Quotas in AWS
/// CloudTrail").
pub const LIMIT: u64 = 64 * 1024 * 1024;
