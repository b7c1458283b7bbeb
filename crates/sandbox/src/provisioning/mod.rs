//! The provisioning service: gives devices their certificates and writes the inventory, through the AWS SDK
//! and with an access key of its own, as a customer's service would.

pub(crate) mod inventory;
mod issue;
mod service;

pub(crate) use issue::{Certificate, Issuer, Requested, TEMPLATE, dns_name, signing_request};
pub(crate) use service::serve;
