//! One certificate at its CA: reading it, and revoking it, which cannot be taken back.

mod get;
mod revoke;

pub use get::Issued;
pub use revoke::Revocation;
