//! Revocation requests: frozen targets, decisions by other people, and what came of each certificate.

mod approved;
mod decide;
mod decision;
mod demands;
mod evidence;
mod execution;
#[cfg(test)]
pub(crate) mod fixture;
mod intervene;
mod intervention;
mod missing;
mod pasted;
mod policy;
mod proof;
mod request;
mod state;
mod target;

pub use approved::{Approved, NotExecutable};
pub use decide::{Outcome, Pending, Refusal};
pub use decision::{Decision, Verdict};
pub use demands::{Demands, Represented, Weak};
pub use evidence::{Evidence, Evident, NotEvident};
pub use execution::{Channels, Execution, ItemProgress, ItemState, Mode, OcspSeen, ProgressCounts};
pub use intervene::CannotStepIn;
pub use intervention::{Intervention, Step};
pub use missing::Missing;
pub use pasted::{NotConfirmed, PastedError, confirmed, read_pasted};
pub use policy::{Asked, AskedBefore, Policy, QuorumRule};
pub use proof::{Intent, NotProven, Proof, Proven, Salt, Vouched};
pub use request::{Draft, DraftError, MAX_TARGETS, Request};
pub use state::RequestState;
pub use target::{Target, TargetHash};

pub use crate::ids::RequestId;
