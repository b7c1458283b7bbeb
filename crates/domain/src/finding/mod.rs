//! Findings: disagreements between the records, stable over runs, with the state of their handling.

mod bulk;
mod dismissal;
mod evidence;
mod handling;
mod history;
mod id;
mod remedy;
mod seen;
mod state;
#[cfg(test)]
mod tests;

pub use bulk::{Bulk, BulkEnd, NotTyped, Triage};
pub use dismissal::dismissers;
pub use evidence::{AlertFacts, Disagreement, Evidence, LeftOut};
pub use handling::{Finding, FindingRefusal};
pub use history::{FindingChange, FindingEvent};
pub use id::{FindingId, FindingIdError, Subject};
pub use remedy::{Remedy, became};
pub use seen::{Seen, SeenError};
pub use state::{FindingState, FindingStateName};
