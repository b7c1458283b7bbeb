//! The ledger: everything that people and the system did here, newest first, and the proof that nothing was changed.

mod api;
mod entry;
mod list;
mod verification;

pub use api::{GetLedger, VerifyLedger};
pub use list::{Entries, LedgerPage};
pub use verification::{Proof, VerificationPage};
