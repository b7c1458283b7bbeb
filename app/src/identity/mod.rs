//! Identity: everything that one principal, access key or source address did to the authorities, on one page.

mod api;
mod certificates;
mod deeds;
mod page;
mod strip;

pub use api::GetIdentity;
pub use page::{IdentityPage, OneIdentity};
