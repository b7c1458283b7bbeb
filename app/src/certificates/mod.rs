//! Certificates: the list, and everything about one.

mod api;
mod by_hand;
mod certificate;
mod filter;
mod issuer;
mod list;
mod records;

pub use api::{GetCertificate, ListCertificates};
pub use certificate::{CertificatePage, OneCertificate};
pub use issuer::PublicKey;
pub use list::{Certificates, CertificatesPage};
