//! Certificates: the list, and everything about one.

mod api;
mod issuer;
mod list;
mod page;
mod records;

pub use api::{GetCertificate, ListCertificates};
pub use list::CertificatesPage;
pub use page::CertificatePage;
