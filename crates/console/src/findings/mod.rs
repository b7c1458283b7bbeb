//! Findings: what waits, one of them, and what people do about it. Runs open and close them.

mod list;
mod step;
mod triage;

pub(crate) use step::Step;
