//! One event: a CloudTrail record about Private CA, or about the trail itself.

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::identity::Identity;
use crate::authority::AuthorityArn;
use crate::id::id;
use crate::key::KeyHash;
use crate::serial::Serial;
use crate::timestamp::Timestamp;

id!(
    /// The `eventID` that AWS gave it: the same event delivered twice has the same.
    EventId,
    "an event id (letters, digits, `-` and `_`, 64 at most)",
    |text| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    }
);

/// Why a call failed, in AWS's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// `errorCode`, as `AccessDenied` or `AccessDeniedException`.
    pub code: String,
    /// `errorMessage`; `None`: the record has none.
    pub message: Option<String>,
}

impl Failure {
    /// Whether a policy refused it, in either spelling that services use.
    pub fn is_denied(&self) -> bool {
        self.code.starts_with("AccessDenied") || self.code == "UnauthorizedOperation"
    }
}

/// How a call ended.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::VariantArray, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// It did what was asked for.
    Succeeded,
    /// Failed for any reason.
    Failed,
    /// Refused by a policy.
    Denied,
}

impl Outcome {
    /// Every outcome, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in URLs and files.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What an event is about, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// IssueCertificate. Without a serial number the call failed.
    Issuance {
        /// `templateArn` of the request; `None`: it named none.
        template: Option<String>,
    },
    /// IssueCertificateDetails: how an asynchronous issuance ended.
    IssuanceDetails {
        /// Whether a certificate was made: `status` is `ISSUED`.
        issued: bool,
        /// The template's ARN; `None`: the record does not say.
        template: Option<String>,
        /// `statusReason`: why none was made; `None`: one was, or the record does not say.
        reason: Option<String>,
    },
    /// RevokeCertificate.
    Revocation {
        /// `revocationReason` of the request, in AWS's words.
        reason: Option<String>,
    },
    /// UpdateCertificateAuthority.
    #[serde(alias = "status_change")]
    AuthorityUpdate {
        /// `status` of the request, as `DISABLED`; `None`: it was not to be changed.
        #[serde(default)]
        status: Option<String>,
        /// The means of revocation that it switched off.
        #[serde(default)]
        off: Vec<RevocationMeans>,
    },
    /// PutPolicy, CreatePermission: somebody else may use the authority. `with`: to whom a permission was given.
    Sharing {
        /// `principal` of CreatePermission; `None`: it was PutPolicy, or does not say.
        with: Option<String>,
    },
    /// ImportCertificateAuthorityCertificate.
    CertificateImport,
    /// DeleteCertificateAuthority.
    Deletion,
    /// CreateCertificateAuthorityAuditReport.
    AuditReport {
        /// `s3BucketName` of the request; `None`: the record does not say.
        bucket: Option<String>,
    },
    /// A call that ends or narrows logging: StopLogging, DeleteTrail, UpdateTrail, PutEventSelectors.
    TrailChange,
    /// A call of S3 or KMS that changes who may write, read or remove evidence, or for how long it is kept.
    StorageChange {
        /// The bucket, for S3.
        bucket: Option<String>,
        /// The key's id or ARN, for KMS.
        key: Option<String>,
    },
    /// A call of IAM that takes somebody's access away, or gives it.
    AccessChange {
        /// Whose, and how.
        access: AccessChange,
    },
    /// Anything else that Private CA does or is asked for.
    Other,
}

/// The calls of IAM that take a principal's access away or give it, which is how an incident is contained (docs/RUNBOOK.md).
pub const ACCESS_CALLS: [&str; 13] = [
    "UpdateAccessKey",
    "DeleteAccessKey",
    "CreateAccessKey",
    "PutRolePolicy",
    "DeleteRolePolicy",
    "AttachRolePolicy",
    "DetachRolePolicy",
    "PutUserPolicy",
    "DeleteUserPolicy",
    "AttachUserPolicy",
    "DetachUserPolicy",
    "UpdateAssumeRolePolicy",
    "DeleteLoginProfile",
];

/// Whose access a call of IAM changes, as far as the record says it. Texts are foreign.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessChange {
    /// The user's name.
    pub user: Option<String>,
    /// The role's name.
    pub role: Option<String>,
    /// The id of the access key.
    pub access_key: Option<String>,
    /// `status` of UpdateAccessKey, as `Inactive`.
    pub status: Option<String>,
    /// The name of an inline policy, or the ARN of an attached one.
    pub policy: Option<String>,
    /// Whether that policy keeps its principal from having certificates issued.
    #[serde(default)]
    pub denies: Denies,
}

/// What a policy keeps its principal from, whatever others allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denies {
    /// Nothing that would keep it from having certificates issued, or not under all circumstances.
    #[default]
    Nothing,
    /// Sessions that were begun before a moment (`aws:TokenIssueTime`), which no access key of a user is.
    OlderSessions {
        /// That moment.
        before: Timestamp,
    },
    /// Having certificates issued.
    Everything,
}

/// How a CA tells of its revocations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationMeans {
    /// A certificate revocation list (RFC 5280 §5).
    Crl,
    /// The Online Certificate Status Protocol (RFC 6960).
    Ocsp,
}

impl RevocationMeans {
    /// What sentences call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Crl => "the CRL",
            Self::Ocsp => "OCSP",
        }
    }
}

/// One event. Texts in it are foreign: who called chose them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// `eventID`.
    pub id: EventId,
    /// `eventTime`.
    pub time: Timestamp,
    /// `eventName`.
    pub name: String,
    /// `eventSource`, as `acm-pca.amazonaws.com`.
    pub source: String,
    /// `awsRegion`: where the call was made.
    pub region: String,
    /// The account whose trail has it.
    pub account: Option<String>,
    /// Who stands behind it; for IssueCertificateDetails, who had asked for the certificate.
    pub identity: Identity,
    /// An address, or the name of a service.
    pub address: Option<String>,
    /// `userAgent`, as the caller gave it.
    pub user_agent: Option<String>,
    /// `requestID`; `None`: the record has none.
    pub request_id: Option<String>,
    /// `None`: it succeeded.
    pub failure: Option<Failure>,
    /// `readOnly`: the call changes nothing.
    pub read_only: bool,
    /// The authority that it names; `None`: it names none, or the call failed too early.
    pub authority: Option<AuthorityArn>,
    /// The certificate that it made, revoked or read.
    pub serial: Option<Serial>,
    /// The public key of the certificate that was asked for or made; `None`: it does not say, or was read before keys were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyHash>,
    /// The alternative names that it was asked for or made with, as `DNS:sensor-1.example`, as many as fit; none where the event
    /// does not say, or was read before names were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternative_names: Vec<String>,
    /// What was done, with the parameters that matter.
    #[serde(flatten)]
    pub what: What,
}

impl Event {
    /// How the call ended, or the issuance of which it tells.
    pub fn outcome(&self) -> Outcome {
        match (&self.failure, &self.what) {
            (Some(failure), _) if failure.is_denied() => Outcome::Denied,
            (Some(_), _) | (None, What::IssuanceDetails { issued: false, .. }) => Outcome::Failed,
            (None, _) => Outcome::Succeeded,
        }
    }

    /// Whether it was an attempt to have a certificate issued.
    pub fn is_issuance(&self) -> bool {
        matches!(self.what, What::Issuance { .. } | What::IssuanceDetails { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_safe_in_addresses_and_keys() {
        assert!("7ed0a6a0-3f4f-4e3c-9a34-000000000001".parse::<EventId>().is_ok());
        for wrong in ["", "a b", "a/b", "é", "a#b", &"x".repeat(65)] {
            assert!(wrong.parse::<EventId>().is_err(), "{wrong}");
        }
    }
}
