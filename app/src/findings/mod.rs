//! Findings: what disagrees, the worst first, and the handling of one.

mod api;
mod handle;
mod history;
mod list;
mod page;
mod records;

pub use api::{AcknowledgeFinding, DismissFinding, GetFinding, ListFindings};
pub use list::FindingsPage;
pub use page::{FindingPage, OneFinding};
