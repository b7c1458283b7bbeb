//! Revocation reasons: the eight of RFC 5280 §5.3.1 that RevokeCertificate of AWS Private CA takes.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

/// A reason by its name in RFC 5280 §5.3.1, with its code there; serialised under the name AWS uses (`KEY_COMPROMISE`). AWS has no certificateHold and no removeFromCRL.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
    strum::Display,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RevocationReason {
    /// keyCompromise (1).
    KeyCompromise,
    /// superseded (4).
    Superseded,
    /// cessationOfOperation (5).
    CessationOfOperation,
    /// affiliationChanged (3).
    AffiliationChanged,
    /// privilegeWithdrawn (9).
    PrivilegeWithdrawn,
    /// cACompromise (2).
    CertificateAuthorityCompromise,
    /// aACompromise (10).
    #[strum(serialize = "A_A_COMPROMISE")]
    AACompromise,
    /// unspecified (0).
    Unspecified,
}

use RevocationReason::*;

impl RevocationReason {
    /// In the order in which they are offered.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in the AWS API and the audit report.
    pub fn aws(self) -> &'static str {
        self.into()
    }

    /// The CRLReason code of RFC 5280 §5.3.1.
    pub fn code(self) -> u8 {
        match self {
            Unspecified => 0,
            KeyCompromise => 1,
            CertificateAuthorityCompromise => 2,
            AffiliationChanged => 3,
            Superseded => 4,
            CessationOfOperation => 5,
            PrivilegeWithdrawn => 9,
            AACompromise => 10,
        }
    }

    /// What pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Unspecified => "Unspecified",
            KeyCompromise => "Key compromise",
            CertificateAuthorityCompromise => "CA compromise",
            AffiliationChanged => "Affiliation changed",
            Superseded => "Superseded",
            CessationOfOperation => "Cessation of operation",
            PrivilegeWithdrawn => "Privilege withdrawn",
            AACompromise => "AA compromise",
        }
    }

    /// When to choose it, in one sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Unspecified => "None of the others fits. Say why in the justification.",
            KeyCompromise => {
                "The private key, or something else the certificate vouches for, is known or suspected to be in the wrong hands."
            }
            CertificateAuthorityCompromise => "The same for the key of a certificate authority.",
            AffiliationChanged => {
                "The subject's name or other information in the certificate has changed; the key is safe."
            }
            Superseded => "Another certificate has taken its place; the key is safe.",
            CessationOfOperation => "The device or service is no longer in use; the key is safe.",
            PrivilegeWithdrawn => {
                "A privilege that the certificate grants has been withdrawn, or it should never have been issued."
            }
            AACompromise => "An attribute authority's assertions in the certificate are compromised.",
        }
    }
}

/// A text names none of the eight reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a revocation reason that AWS Private CA takes")]
pub struct ReasonError;

impl FromStr for RevocationReason {
    type Err = ReasonError;

    fn from_str(name: &str) -> Result<Self, ReasonError> {
        Self::ALL.iter().copied().find(|reason| reason.aws() == name).ok_or(ReasonError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_aws_in_text_and_json() {
        for &reason in RevocationReason::ALL {
            assert_eq!(reason.aws().parse(), Ok(reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.aws());
        }
        assert_eq!("CERTIFICATE_HOLD".parse::<RevocationReason>(), Err(ReasonError));
    }
}
