//! Runs: start one, watch it, read what it found.

mod api;
mod list;
mod page;
mod parts;

pub use api::{GetRun, ListRuns, StartRun};
pub use list::RunsPage;
pub use page::RunPage;
