//! Findings, by authority and certificate, and listed by state with the worst first.

mod get;
mod list;
mod of_certificate;
mod open;
mod write;

pub use list::{FindingKey, Narrow};
