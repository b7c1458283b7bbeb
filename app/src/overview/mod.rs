//! The first page: what must not wait, what waits for somebody, and how fresh the records are.

mod alarms;
mod api;
mod days;
mod page;
mod since;
mod trail;

pub use api::GetOverview;
pub use page::{Overview, OverviewPage};
