//! `RevokeCertificate`, with the executor's credentials. Nothing here asks whether it was approved.

use aws_sdk_acmpca::error::ProvideErrorMetadata;
use aws_sdk_acmpca::operation::revoke_certificate::RevokeCertificateError as Refused;
use domain::{AuthorityArn, RevocationReason, Serial};

use crate::error::sdk;
use crate::{Aws, Error, Thing};

/// What the CA said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    Revoked,
    /// It was before: by an earlier try whose answer was lost, or by somebody else.
    AlreadyRevoked,
    /// Not possible, now or later; what the CA said about why.
    Refused(String),
}

impl Aws {
    /// Revokes at the CA. Asking twice does no harm.
    ///
    /// # Errors
    /// All but [`Error::Denied`] and [`Error::Invalid`] may go better in a moment. The SDK repeats what looks like
    /// throttling; `LimitExceededException`, a hard quota, looks like it to the SDK and is refused here only then.
    pub async fn revoke_certificate(
        &self,
        authority: &AuthorityArn,
        serial: Serial,
        reason: RevocationReason,
    ) -> Result<Revocation, Error> {
        let operation = "acm-pca:RevokeCertificate";
        let executor = self.executor(operation)?;
        let call = executor.acmpca.revoke_certificate().certificate_authority_arn(authority.as_str());
        let call = call.certificate_serial(serial.colons()).revocation_reason(reason.aws().into());
        let Err(error) = call.send().await else {
            return Ok(Revocation::Revoked);
        };
        let resource = authority.certificate(serial);
        match error.as_service_error() {
            Some(Refused::RequestAlreadyProcessedException(_)) => Ok(Revocation::AlreadyRevoked),
            Some(
                Refused::InvalidArnException(_)
                | Refused::InvalidRequestException(_)
                | Refused::InvalidStateException(_)
                | Refused::LimitExceededException(_)
                | Refused::RequestFailedException(_)
                | Refused::ResourceNotFoundException(_),
            ) => {
                let text = error.message().or(error.code()).unwrap_or("no reason given");
                Ok(Revocation::Refused(text.to_owned()))
            }
            Some(Refused::RequestInProgressException(_) | Refused::ConcurrentModificationException(_)) => {
                Err(Error::Throttled { operation, resource })
            }
            _ => Err(sdk(operation, Thing::Certificate, resource)(error)),
        }
    }
}
