//! The trail in the table: log files with the events kept of them, how far they are verified, and who has read how far.
//!
//! A log file is in, whole and once, or it is not: what is kept of it is written in one transaction with the item that
//! remembers it. Ingestion tells the ledger nothing; the trail's own digests vouch for what was ingested.

mod add;
mod alerts;
mod blob;
mod cursor;
mod events;
mod file;
mod known;
mod months;
mod public_keys;
mod read;
mod state;
mod status;

pub use events::{Kept, KeptEvents};
pub use file::TrailFile;
pub use known::KnownFile;
pub use public_keys::PublicKey;
pub use state::TrailState;
pub use status::TrailStatus;
