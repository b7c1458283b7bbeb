//! The trail: who asked Private CA for what, and how far the record of it can be trusted.

mod activity;
mod calendar;
mod catch_up;
mod coverage;
mod covered;
mod days;
mod event;
mod events;
mod identity;
mod indent;
mod ingest;
mod log_file;
mod memory;
mod months;
mod note;
mod object;
mod progress;
mod public_keys;
mod settings;
mod verify;

pub(crate) use catch_up::Events;
pub(crate) use covered::covered;
pub(crate) use events::{DeedCursor, Deeds, EventFile, add, all_deeds, create, mark_bad};
pub(crate) use memory::TrailMemory;
pub(crate) use note::is_gap;
pub use settings::TrailSettings;
