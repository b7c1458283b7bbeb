//! The Private CA endpoint, walked over its real wire: the AWS SDK on one side, S3 from `s3s-fs` on the other.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod authorities;
mod boto3;
mod callers;
mod crls;
mod issuance;
mod ocsp;
#[path = "../boto3/python.rs"]
mod python;
mod reports;
mod restart;
mod revocation;
mod support;
