//! Runs: start one, watch it, read what it found, and how that differs from another.

mod api;
mod compare;
mod inputs;
mod list;
mod run;
mod schedule;

pub use api::{CompareRuns, GetRun, ListRuns, StartRun};
pub use compare::{Comparison, ComparisonPage};
pub use list::{Runs, RunsPage};
pub use run::{OneRun, RunPage};
