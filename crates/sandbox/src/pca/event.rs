//! What happens here that others may take note of: every answered call, and what Private CA does by itself.

use std::sync::Arc;

use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::call::Call;
use super::stamp::Stamp;
use super::x509;

/// Something that happened. Nothing is answered, issued or published without it.
pub enum Event<'a> {
    /// A request was answered, or refused.
    Called(&'a Call),
    /// A request to IAM was answered, or refused.
    CalledIam(&'a Call),
    /// A certificate was signed.
    Issued(&'a Issuance),
    /// A CRL was published.
    ListPublished {
        /// ARN of the authority.
        authority: &'a str,
        at: Stamp,
    },
}

/// Is told every event, in the thread in which it happens.
pub type Observer = Arc<dyn Fn(Event<'_>) + Send + Sync>;

/// Everything about one issuance.
#[derive(Clone, Debug)]
pub struct Issuance {
    /// ARN of the authority.
    pub authority: String,
    /// ARN of the certificate.
    pub certificate: String,
    /// Who asked: an ARN, or a service's name.
    pub requester: String,
    /// Big-endian.
    pub serial: Vec<u8>,
    /// As audit reports write names.
    pub subject: String,
    pub issuer: String,
    /// Serial of the issuer's own certificate, big-endian.
    pub issuer_serial: Vec<u8>,
    pub issuer_key_id: Vec<u8>,
    /// ARN.
    pub template: String,
    pub not_before: Stamp,
    pub not_after: Stamp,
    pub issued_at: Stamp,
    /// When the issuance was finished.
    pub ready_at: Stamp,
    /// DER of the TBSCertificate.
    pub tbs: Vec<u8>,
}

/// What only the certificates know of an issuance.
pub(super) struct Names {
    pub issuer: String,
    pub issuer_serial: Vec<u8>,
    pub tbs: Vec<u8>,
}

impl Names {
    /// Read from a certificate that was just signed and its issuer's own; a root's first one has no issuer but
    /// itself.
    pub fn read(der: &[u8], issuer: Option<&[u8]>) -> anyhow::Result<Self> {
        let (_, signed) = X509Certificate::from_der(der)?;
        let (_, own) = X509Certificate::from_der(issuer.unwrap_or(der))?;
        Ok(Self {
            issuer: x509::rfc2253(signed.issuer().as_raw()).unwrap_or_default(),
            issuer_serial: own.raw_serial().to_vec(),
            tbs: signed.tbs_certificate.as_ref().to_vec(),
        })
    }
}
