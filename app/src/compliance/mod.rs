//! What auditors ask: the numbers of a time with the lists behind them, and which controls they serve.

mod api;
mod certificates;
mod controls;
mod exceptions;
mod findings;
mod page;
mod proven;
mod rest;
mod revocations;

pub use controls::{Controls, ControlsPage};
pub use page::{Compliance, CompliancePage};
