//! Private CAs themselves: what they are, and where their CRLs go.

mod certificate;
mod describe;

pub use certificate::AuthorityCertificate;
pub use describe::{AuthorityDetails, CrlPlace};
