//! Findings: what disagrees, the worst first, and the handling of one.

mod api;
mod evidence;
mod finding;
mod handle;
mod headline;
mod history;
mod list;
mod records;
mod together;

pub use api::{
    AcknowledgeFinding, AcknowledgeFindings, DismissFinding, DismissFindings, GetFinding,
    GetFindingsTogether, ListFindings,
};
pub use evidence::{Issued, Trail};
pub use finding::{FindingPage, OneFinding};
pub use headline::{Headline, headline};
pub use list::{Findings, FindingsPage};
pub use together::{Together, TogetherPage};
