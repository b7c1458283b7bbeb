//! Activity: what the trail says was done to the authorities, newest first, and one event with everything about it.

mod api;
mod event;
mod freshness;
mod list;
mod sentence;
mod table;

pub use api::{GetEvent, ListActivity};
pub use event::{EventPage, OneEvent};
pub use freshness::{Freshness, NoTrail, Unread};
pub use list::{Activity, ActivityPage};
pub use table::Events;
