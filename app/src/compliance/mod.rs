//! What auditors ask: the numbers of a time with the lists behind them, and which controls they serve.

mod api;
mod certificates;
mod controls;
mod evidence;
mod exceptions;
mod findings;
mod page;
mod proven;
mod rest;
mod revocations;

pub use controls::{Controls, ControlsPage};
pub use evidence::{Evidence, EvidencePage, OnePack, PackPage};
pub use page::{Compliance, CompliancePage};
