//! Findings: what disagrees, the worst first, and the handling of one.

mod api;
mod bulk;
mod correct;
mod evidence;
mod finding;
mod handle;
mod headline;
mod history;
mod list;
mod matching;
mod owner;
mod records;
mod remedy;
mod together;

pub use api::{
    AcknowledgeFinding, AcknowledgeFindings, AcknowledgeMatching, DismissFinding, DismissFindings,
    DismissMatching, GetBulk, GetFinding, GetFindingsMatching, GetFindingsTogether, ListFindings,
    RevokeMatching, StopBulk,
};
pub use bulk::{BulkPage, OneBulk};
pub use evidence::{Issued, Trail};
pub use finding::{FindingPage, OneFinding};
pub use headline::{Headline, headline, headline_of};
pub use list::{Findings, FindingsPage};
pub use matching::{Matching, MatchingPage};
pub use together::{Together, TogetherPage};
