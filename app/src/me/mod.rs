//! A person's own page.

mod api;
mod page;
mod sessions;

pub use api::{EndOtherSessions, EndSession};
pub use page::{Me, MePage};
