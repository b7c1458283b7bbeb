//! The sandbox as a whole, over its endpoints: it is filled as it says, it survives a restart, it runs a console,
//! and its trail is what AWS would have written.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod aws_tools;
mod child;
mod filled;
mod incident;
mod large;
#[path = "../boto3/python.rs"]
mod python;
mod restart;
mod support;
mod trail;
mod trail_files;
