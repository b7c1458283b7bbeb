//! Runs of one authority, newest first by their id.

mod found;
mod get;
mod list;
mod write;

/// "running", "finished", "failed".
const STATE: &str = "item_state";
/// The counter of the lease under which the run was last written.
const FENCE: &str = "fence";
/// The run that is under way.
const RUN: &str = "run_id";
