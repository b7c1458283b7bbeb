//! The certificate of a CA itself: its key signs the CRLs.

use domain::AuthorityArn;

use crate::error::sdk;
use crate::{Aws, Error, Thing};

/// A CA's own certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityCertificate {
    pub pem: String,
    /// From its issuer up to the root, PEM; `None` for a root.
    pub chain: Option<String>,
}

impl Aws {
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] while it has none.
    pub async fn authority_certificate(
        &self,
        authority: &AuthorityArn,
    ) -> Result<AuthorityCertificate, Error> {
        let operation = "acm-pca:GetCertificateAuthorityCertificate";
        let call = self.own.acmpca.get_certificate_authority_certificate();
        let answer = call.certificate_authority_arn(authority.as_str()).send().await;
        let answer = answer.map_err(sdk(operation, Thing::Authority, authority.as_str()))?;
        let pem = answer.certificate.ok_or_else(|| {
            Error::invalid(operation, authority.as_str(), "the answer holds no certificate")
        })?;
        Ok(AuthorityCertificate { pem, chain: answer.certificate_chain })
    }
}
