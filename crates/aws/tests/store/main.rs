//! The access patterns against a real DynamoDB endpoint: `dynoxide`, served in this process.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod bench;
mod findings;
mod fixture;
mod follow;
mod heartbeats;
mod inventory;
mod leases;
mod ledger;
mod lossy;
mod marks;
mod parts;
mod processes;
mod requests;
mod runs;
mod sessions;
mod tables;
mod trail;
