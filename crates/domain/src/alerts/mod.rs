//! Alerts: what events and digests of the trail say that nobody should wait for a run with.

mod alert;
mod changed;
mod defect;
mod event;
mod facts;
mod memory;
mod rules;

pub use alert::{Alert, Raised, Unauthorised};
pub use defect::Defect;
pub use event::alerts_of;
pub use memory::Memory;
pub use rules::{Rules, Watched};
