//! The trail: who asked Private CA for what, and how far the record of it can be trusted.

mod activity;
mod catch_up;
mod coverage;
mod covered;
mod event;
mod events;
mod identity;
mod indent;
mod settings;

pub(crate) use catch_up::Events;
pub(crate) use covered::covered;
pub(crate) use events::{DeedCursor, Deeds, EventFile, add, all_deeds, create, mark_bad};
pub use settings::TrailSettings;
