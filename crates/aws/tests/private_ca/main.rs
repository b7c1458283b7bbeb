//! The ways to Private CA and S3, walked in a small sandbox with each principal's own access key.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod environment;
mod reports;
mod revocation;
mod support;
