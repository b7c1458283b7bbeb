//! X.509: requests in, certificates, names and lists out. It knows DER and keys, and nothing of the API or state.

mod certificate;
mod csr;
mod list;
mod name;
mod pem;
mod subject;
mod template;

pub use certificate::{Issued, Issuer, key_id};
pub use csr::Csr;
pub use list::{ListEntry, reason_code, sign_list};
pub use name::{distinguished_name, plain_name};
pub use pem::{decode as decode_pem, decode_all as decode_all_pem, encode as encode_pem};
pub use subject::rfc2253;
pub use template::Template;
