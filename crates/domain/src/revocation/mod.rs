//! Revocation requests: frozen targets, decisions by other people, and what came of each certificate.

mod decide;
mod execution;
#[cfg(test)]
pub(crate) mod fixture;
mod policy;
mod request;
mod state;

pub use decide::{Approved, Decision, NotExecutable, Outcome, Pending, Refusal, Verdict};
pub use execution::{Execution, ItemProgress, ItemState, Mode, ProgressCounts};
pub use policy::{Policy, QuorumRule};
pub use request::{Draft, DraftError, MAX_TARGETS, Request, RequestId, Target, TargetHash};
pub use state::RequestState;
