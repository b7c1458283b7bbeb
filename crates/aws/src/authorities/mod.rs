//! Private CAs themselves: what they are, and where their revocations show.

mod certificate;
mod crl_place;
mod describe;

pub use certificate::AuthorityCertificate;
pub use crl_place::{CrlKind, CrlPlace};
pub use describe::{AuthorityDetails, OcspPlace};
