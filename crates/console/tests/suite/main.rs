//! Revocations and runs on real endpoints: the sandbox's DynamoDB, S3 and Private CA, and as many consoles as it takes. The
//! names are those of the attacks in the security design.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod alerts;
mod alerts_planted;
mod asked;
mod attribution;
mod break_glass;
mod bulk;
mod chaos;
mod child;
mod compared;
mod crash;
mod decide;
mod drill;
mod endpoints;
mod execute;
mod fence;
mod findings;
mod humans;
mod identity;
mod items;
mod ledger;
mod notify;
mod own;
mod policy;
mod proofs;
mod prove;
mod request;
mod revoking;
mod runs;
mod same_keys;
mod schedule;
mod sequencer;
mod signed;
mod status;
mod stolen;
#[path = "../../../../server/tests/api/stub.rs"]
#[expect(dead_code, reason = "what the tests of sign-in need besides")]
mod stub;
mod support;
mod together;
mod trail;
mod watcher;
