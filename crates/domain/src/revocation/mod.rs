//! Revocation requests: frozen targets, decisions by other people, and what came of each certificate (design §5).

mod decide;
mod execution;
#[cfg(test)]
pub(crate) mod fixture;
mod pasted;
mod policy;
mod request;
mod state;

pub use decide::{Approved, Decision, NotExecutable, Outcome, Pending, Refusal, Verdict};
pub use execution::{Execution, ItemProgress, ItemState, Mode, ProgressCounts};
pub use pasted::{NotConfirmed, PastedError, confirmed, read_pasted};
pub use policy::{Policy, QuorumRule};
pub use request::{Draft, DraftError, MAX_TARGETS, Request, RequestId, Target, TargetHash};
pub use state::RequestState;
