//! `RevokeCertificate`, with the executor's credentials. Nothing here asks whether it was approved.

use std::time::Duration;

use aws_sdk_acmpca::config::Builder;
use aws_sdk_acmpca::config::retry::RetryConfig;
use aws_sdk_acmpca::config::timeout::TimeoutConfig;
use aws_sdk_acmpca::error::ProvideErrorMetadata;
use domain::{AuthorityArn, RevocationReason, Serial};

use super::answers::{Meaning, meaning};
use crate::error::sdk;
use crate::{Aws, Error, Thing};

const OPERATION: &str = "acm-pca:RevokeCertificate";
/// How long a connection to the CA may take to come about: a call that is begun is on its way after this.
pub const UNDER_WAY: Duration = Duration::from_secs(2);
/// How long an answer is waited for. Whoever calls gives up before that when they may no longer call.
const ANSWER: Duration = Duration::from_secs(60);

/// What the CA said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    Revoked,
    /// It was before: by an earlier try whose answer was lost, or by somebody else.
    AlreadyRevoked,
    /// Not possible, now or later; what the CA said about why.
    Refused(String),
}

/// Why there is no answer about this certificate yet.
#[derive(Debug, thiserror::Error)]
pub enum NotYet {
    /// It may go better in a moment. Whether it was done is not known.
    #[error(transparent)]
    Later(Error),
    /// So too, but it says nothing of others: the CA is about this one already.
    #[error(transparent)]
    Busy(Error),
    /// No certificate of this authority can be revoked until somebody has seen to it.
    #[error(transparent)]
    Authority(Error),
    /// Nothing can be revoked until somebody has seen to it.
    #[error(transparent)]
    Everything(Error),
}

impl NotYet {
    /// What AWS said.
    pub fn error(self) -> Error {
        match self {
            Self::Later(error) | Self::Busy(error) | Self::Authority(error) | Self::Everything(error) => {
                error
            }
        }
    }
}

impl Aws {
    /// Revokes at the CA: one call, which the SDK does not repeat, so that each is counted and each answer is of a call
    /// that is known. Asking twice does no harm.
    pub async fn revoke_certificate(
        &self,
        authority: &AuthorityArn,
        serial: Serial,
        reason: RevocationReason,
    ) -> Result<Revocation, NotYet> {
        let executor = self.executor(OPERATION).map_err(NotYet::Everything)?;
        let times = TimeoutConfig::builder()
            .connect_timeout(UNDER_WAY)
            .operation_attempt_timeout(ANSWER)
            .operation_timeout(ANSWER);
        let once = Builder::new().retry_config(RetryConfig::disabled()).timeout_config(times.build());
        let call = executor.acmpca.revoke_certificate().certificate_authority_arn(authority.as_str());
        let call = call.certificate_serial(serial.colons()).revocation_reason(reason.aws().into());
        let Err(error) = call.customize().config_override(once).send().await else {
            return Ok(Revocation::Revoked);
        };
        let code = error.code().unwrap_or_default();
        let said = error.message().unwrap_or(code).to_owned();
        let meaning = meaning(code);
        let ours = sdk(OPERATION, Thing::Authority, authority.as_str());
        match meaning {
            Meaning::Done => Ok(Revocation::AlreadyRevoked),
            Meaning::Refused => Ok(Revocation::Refused(said)),
            Meaning::Later => Err(NotYet::Later(ours(error))),
            Meaning::Busy => Err(NotYet::Busy(ours(error))),
            Meaning::Authority => Err(NotYet::Authority(ours(error))),
            Meaning::Everything => Err(NotYet::Everything(ours(error))),
        }
    }
}
