//! The sandbox as a whole, over its endpoints: it is filled as it says, it survives a restart, and it runs a
//! console.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod child;
mod filled;
mod restart;
mod support;
