//! Revocation requests: frozen targets, decisions by other people, and what came of each certificate.

mod approved;
mod break_glass;
mod confirmed;
mod covered;
mod decide;
mod decision;
mod demands;
mod draft;
mod drill;
mod evidence;
mod execution;
#[cfg(test)]
pub(crate) mod fixture;
mod intervene;
mod intervention;
mod list;
mod marking;
mod missing;
#[cfg(test)]
mod model;
mod origin;
mod policy;
mod proof;
mod proving;
mod request;
mod signed;
mod state;
mod target;
mod together;
mod tree;

pub use approved::{Approved, NotExecutable};
pub use break_glass::{Alone, BreakGlass};
pub use confirmed::{NotConfirmed, confirmed};
pub use covered::NotCovered;
pub use decide::{Outcome, Pending, Refusal};
pub use decision::{Decision, Verdict};
pub use demands::{Demands, Represented, Weak};
pub use draft::{Draft, DraftError, MAX_TARGETS};
pub use drill::{DrillReport, DrillStep};
pub use evidence::{Evidence, Evident, EvidentTargets, NotEvident};
pub use execution::{Channels, Execution, ItemProgress, ItemState, Mode, OcspSeen, ProgressCounts};
pub use intervene::CannotStepIn;
pub use intervention::{Intervention, Step};
pub use list::{ListId, SerialList, Unread, UnreadLine};
pub use marking::{Mark, NotMarked, Stored};
pub use missing::Missing;
pub use origin::Origin;
pub use policy::{Asked, AskedBefore, Policy, QuorumRule};
pub use proof::{Intent, NotProven, Other, Proof, Proven, Salt, Vouched};
pub use proving::ProvingRun;
pub use request::Request;
pub use signed::{NotSigned, Signed, Signs, Unsigned};
pub use state::RequestState;
pub use target::{Target, TargetHash};
pub use together::MAX_TOGETHER;

pub use crate::ids::RequestId;
