//! Revocation requests: frozen targets, decisions by other people, and what came of each certificate.

mod decide;
mod decision;
mod execution;
#[cfg(test)]
pub(crate) mod fixture;
mod intervene;
mod intervention;
mod marking;
#[cfg(test)]
mod model;
mod pasted;
mod policy;
mod proof;
mod request;
mod state;
mod target;

pub use decide::{Approved, NotExecutable, Outcome, Pending, Refusal};
pub use decision::{Decision, Verdict};
pub use execution::{Channels, Execution, ItemProgress, ItemState, Mode, OcspSeen, ProgressCounts};
pub use intervene::CannotStepIn;
pub use intervention::{Intervention, Step};
pub use marking::{Mark, NotMarked, Stored};
pub use pasted::{NotConfirmed, PastedError, confirmed, read_pasted};
pub use policy::{Asked, AskedBefore, Policy, QuorumRule};
pub use proof::{Intent, NotProven, Proof, Proven, Salt, Vouched};
pub use request::{Draft, DraftError, MAX_TARGETS, Request};
pub use state::RequestState;
pub use target::{Target, TargetHash};

pub use crate::ids::RequestId;
