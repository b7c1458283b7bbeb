//! The user's table of issued certificates. Countersign reads it and sets the attributes of a revocation, nothing else.

mod follow;
mod get;
mod item;
mod record_revocation;
mod scan;

pub use follow::{Follower, ItemChange};
pub use item::UnreadableItem;
pub use record_revocation::Recorded;
