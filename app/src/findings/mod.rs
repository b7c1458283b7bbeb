//! Findings: what disagrees, the worst first, and the handling of one.

mod api;
mod evidence;
mod handle;
mod headline;
mod history;
mod list;
mod page;
mod records;

pub use api::{AcknowledgeFinding, DismissFinding, GetFinding, ListFindings};
pub use evidence::{Issued, Trail};
pub use headline::{Headline, headline};
pub use list::FindingsPage;
pub use page::{FindingPage, OneFinding};
