//! One certificate at its CA: reading it, and revoking it, which cannot be taken back.

mod answers;
mod get;
mod revoke;

pub use get::Issued;
pub use revoke::{NotYet, Revocation, UNDER_WAY};
