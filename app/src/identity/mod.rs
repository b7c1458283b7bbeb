//! Identity: everything that one principal, access key or source address did to the authorities, on one page.

mod api;
mod certificates;
mod page;
mod parts;

pub use api::GetIdentity;
pub use page::{IdentityPage, OneIdentity};
