//! AWS and sign-in on loopback, for trying and testing the console: DynamoDB, S3, a Private CA, an OIDC
//! provider, and a provisioning service that issues certificates to a simulated fleet.
//!
//! The server program never links this crate; the console meets it over the network only.

pub mod clock;
pub mod pca;
