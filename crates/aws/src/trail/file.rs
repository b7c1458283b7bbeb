//! A log file as it is remembered.

use domain::Timestamp;
use domain::run::Unreadable;
use serde::{Deserialize, Serialize};

/// A log file that has been read, or that could not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailFile {
    /// Its place in the sequence of its part, from 1 without gaps; given by [`crate::Aws::add_trail_files`].
    pub seq: u64,
    pub bucket: String,
    pub key: String,
    /// Lower-case hex SHA-256 of the uncompressed content, as far as it could be read.
    pub sha256: String,
    /// Uncompressed.
    pub bytes: u64,
    pub records: u64,
    /// How many events were kept.
    pub kept: u64,
    pub unreadable: Unreadable,
    /// Why the file as a whole could not be read; events from before the trouble are kept all the same.
    pub refused: Option<String>,
    /// When S3 got it.
    pub delivered_at: Timestamp,
    pub read_at: Timestamp,
    /// The times of the kept events.
    pub oldest: Option<Timestamp>,
    pub newest: Option<Timestamp>,
}
