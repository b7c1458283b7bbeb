//! Revocations: the list of requests, a new one with its dry run, and one request to decide on and to watch.

mod api;
mod blast;
mod decide;
mod draft;
mod form;
mod list;
mod new;
mod page;
#[cfg(feature = "ssr")]
mod pasted;
mod plan;
mod progress;
mod sheet;
mod targets;

pub use api::{
    CancelRequest, Decide, GetRequest, ListRequests, PasteSerials, PlanRevocation, RequestRevocation,
};
pub use list::RevocationsPage;
pub use new::{NewRevocationPage, Propose};
pub use page::{OneRequest, RevocationPage};
pub use plan::Proposal;
pub use sheet::Sheet;
