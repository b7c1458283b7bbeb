//! Findings, by authority and certificate, and by the time of their last change.

mod changed;
mod get;
mod list;
mod of_certificate;
mod open;
mod write;

pub use changed::Written;
pub use list::{FindingKey, Narrow};
