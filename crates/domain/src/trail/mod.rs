//! What the trail says: who asked Private CA for what, whether they may, and whether the record of it is whole.
//! Source: AWS CloudTrail User Guide, "CloudTrail record contents".

mod coverage;
mod event;
mod identity;
mod issuance;
mod issuers;
mod month;
mod part;
mod problem;
mod whole;

pub use coverage::{Coverage, Hour, Proof, Span};
pub use event::{
    ACCESS_CALLS, AccessChange, Denies, Event, EventId, Failure, Outcome, RevocationMeans, What,
};
pub use identity::{Identity, IdentityKind};
pub use issuance::{Issuance, RevocationCall};
pub use issuers::{Authorisation, Issuer, IssuerError, Issuers};
pub use month::MonthLoad;
pub use part::TrailPart;
pub use problem::{About, Problem};
pub use whole::{DigestPosition, Wholeness};
