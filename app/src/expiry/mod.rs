//! When certificates expire: a chart and a calendar, whose parts lead into the list of certificates.

mod api;
mod month;
mod page;

pub use api::GetExpiry;
pub use page::{Expiry, ExpiryPage};
