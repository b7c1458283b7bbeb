//! Findings, by authority and certificate, and by the time of their last change.

mod changed;
mod get;
mod item;
mod of_certificate;
mod open;
mod write;

pub use changed::Written;
