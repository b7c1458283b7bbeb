//! Runs: start one, watch it, read what it found.

mod api;
mod inputs;
mod list;
mod run;

pub use api::{GetRun, ListRuns, StartRun};
pub use list::{Runs, RunsPage};
pub use run::{OneRun, RunPage};
