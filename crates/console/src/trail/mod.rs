//! The trail: who asked Private CA for what, and how far the record of it can be trusted.

mod activity;
mod coverage;
mod event;
mod identity;
mod settings;

pub use settings::TrailSettings;
