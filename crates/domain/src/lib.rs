//! The nouns of Countersign and the rules between them: pure, without I/O, clock or async, so that the server, the
//! browser and the tests decide alike. Times are passed in. Words are those of `docs/ARCHITECTURE.md`.

#![warn(missing_docs)]

pub mod alerts;
pub mod authority;
mod calendar;
pub mod certificate;
pub mod count;
pub mod dry_run;
pub mod finding;
mod finding_kind;
pub mod foreign;
pub mod found;
mod id;
mod ids;
pub mod incident;
pub mod inventory;
pub mod key;
pub mod ledger;
pub mod notify;
mod number;
pub mod people;
pub mod preferences;
pub mod reason;
pub mod reconcile;
pub mod report;
pub mod revocable;
pub mod revocation;
pub mod run;
pub mod schedule;
pub mod scope;
pub mod serial;
pub mod subject;
pub mod timestamp;
pub mod trail;
pub mod views;
pub mod worker;

pub use authority::{AuthorityArn, AuthorityId};
pub use calendar::{CalendarKey, CalendarSecret};
pub use finding::{Finding, FindingId, FindingState};
pub use finding_kind::{FindingKind, Severity};
pub use id::IdError;
pub use ids::{BulkId, IncidentId, PackId, RequestId, RunId};
pub use inventory::{DeviceId, InventoryAttributes, InventoryItem};
pub use key::KeyHash;
pub use people::{Actor, Permission, PersonId, Role, Roles};
pub use reason::RevocationReason;
pub use report::ReportRow;
pub use run::{Run, RunState};
pub use scope::Scope;
pub use serial::Serial;
pub use timestamp::Timestamp;
