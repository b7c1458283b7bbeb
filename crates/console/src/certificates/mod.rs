//! Certificates: the list from the read model, and one of them read from its sources.

mod list;
mod one;
mod revocable;
mod timeline;
mod unattributed;

pub(crate) use revocable::asked_for;
