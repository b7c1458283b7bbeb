//! The certificate itself.

use aws_sdk_acmpca::operation::get_certificate::GetCertificateError;
use domain::{AuthorityArn, Serial};

use crate::error::sdk;
use crate::{Aws, Error, Thing};

/// What the CA has under a serial number. Revoked and expired certificates are there, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issued {
    /// PEM, and its chain up to the root.
    Ready { pem: String, chain: Option<String> },
    /// It was asked for, and is not signed yet.
    InProgress,
    /// The CA knows no such certificate, or its issuance failed.
    Unknown,
}

impl Aws {
    pub async fn certificate(&self, authority: &AuthorityArn, serial: Serial) -> Result<Issued, Error> {
        let arn = authority.certificate(serial);
        let call = self.own.acmpca.get_certificate().certificate_authority_arn(authority.as_str());
        match call.certificate_arn(&arn).send().await {
            Ok(answer) => Ok(match answer.certificate {
                Some(pem) => Issued::Ready { pem, chain: answer.certificate_chain },
                None => Issued::Unknown,
            }),
            Err(error) => match error.as_service_error() {
                Some(GetCertificateError::RequestInProgressException(_)) => Ok(Issued::InProgress),
                // The issuance of a certificate can fail after IssueCertificate has answered.
                Some(
                    GetCertificateError::ResourceNotFoundException(_)
                    | GetCertificateError::RequestFailedException(_),
                ) => Ok(Issued::Unknown),
                _ => Err(sdk("acm-pca:GetCertificate", Thing::Certificate, arn)(error)),
            },
        }
    }
}
