//! The ledger: everything that people and the system did here, newest first, and the proof that nothing was changed.

mod api;
mod entry;
mod list;
mod one;
mod verification;
mod witness;

pub use api::{GetEntry, GetLedger, VerifyLedger};
pub use list::{Entries, LedgerPage};
pub use one::{EntryPage, OneEntry};
pub use verification::{Proof, VerificationPage};
