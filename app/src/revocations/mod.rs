//! Revocations: the list of requests, a new one with its dry run, and one request to decide on and to watch.

mod api;
mod break_glass;
mod decide;
mod draft;
mod drill;
mod dry_run;
mod form;
mod list;
mod new;
mod progress;
mod request;
mod same_keys;
mod step_in;
mod targets;
mod terms;
mod together;

pub use api::{CancelRequest, Decide, GetRequest, ListRequests, PlanRevocation, RequestRevocation, StepIn};
#[cfg(feature = "ssr")]
pub use api::{not_decided, not_requested, requested};
pub use draft::Draft;
pub(crate) use list::name;
pub use list::{Revocations, RevocationsPage};
pub use new::{NewRevocationPage, Propose};
pub use request::{OneRequest, RevocationPage};
