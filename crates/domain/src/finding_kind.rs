//! The kinds of finding, how bad each is and what to do about it (design §4).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How bad; the worst sorts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Critical,
    High,
    Medium,
    Low,
}

impl Severity {
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    pub fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// The kinds of design §4 that the report and the inventory can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    UnauthorizedIssuance,
    RevocationNotEffective,
    RevocationNotCountersigned,
    SubjectDiffers,
    IssuanceWithoutCertificate,
    RevocationNotRecorded,
    DatesDiffer,
    Duplicate,
}

use FindingKind::*;

impl FindingKind {
    pub const ALL: [Self; 8] = [
        UnauthorizedIssuance,
        RevocationNotEffective,
        RevocationNotCountersigned,
        SubjectDiffers,
        IssuanceWithoutCertificate,
        RevocationNotRecorded,
        DatesDiffer,
        Duplicate,
    ];

    /// The name in URLs, keys and JSON.
    pub fn name(self) -> &'static str {
        match self {
            UnauthorizedIssuance => "unauthorized_issuance",
            RevocationNotEffective => "revocation_not_effective",
            RevocationNotCountersigned => "revocation_not_countersigned",
            SubjectDiffers => "subject_differs",
            IssuanceWithoutCertificate => "issuance_without_certificate",
            RevocationNotRecorded => "revocation_not_recorded",
            DatesDiffer => "dates_differ",
            Duplicate => "duplicate",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            UnauthorizedIssuance => "Unauthorized issuance",
            RevocationNotEffective => "Revocation not effective",
            RevocationNotCountersigned => "Revocation not countersigned",
            SubjectDiffers => "Subject differs",
            IssuanceWithoutCertificate => "Issuance without certificate",
            RevocationNotRecorded => "Revocation not recorded",
            DatesDiffer => "Dates differ",
            Duplicate => "Duplicate",
        }
    }

    pub fn severity(self) -> Severity {
        match self {
            UnauthorizedIssuance | RevocationNotEffective => Severity::Critical,
            RevocationNotCountersigned | SubjectDiffers => Severity::High,
            IssuanceWithoutCertificate | RevocationNotRecorded | DatesDiffer | Duplicate => Severity::Medium,
        }
    }

    /// What happened, as the rest of a sentence that begins "Certificate 4f:a2… ".
    pub fn sentence(self) -> &'static str {
        match self {
            UnauthorizedIssuance => "was issued by the CA, but the inventory does not know it",
            RevocationNotEffective => "is revoked in the inventory, but the CA still vouches for it",
            RevocationNotCountersigned => "was revoked at the CA without an approved request here",
            SubjectDiffers => "has one subject at the CA and another in the inventory",
            IssuanceWithoutCertificate => "is in the inventory, but the CA never issued it",
            RevocationNotRecorded => "is revoked at the CA, but active in the inventory",
            DatesDiffer => "has other dates at the CA than in the inventory",
            Duplicate => "is more than once in the inventory",
        }
    }

    /// What to do about it, one sentence or two.
    pub fn advice(self) -> &'static str {
        match self {
            UnauthorizedIssuance => {
                "Find out who asked for it. Unless somebody can account for it, request its revocation: whoever holds its key passes for one of your devices."
            }
            RevocationNotEffective => {
                "Somebody believes this certificate is revoked, and it is not. Request its revocation here."
            }
            RevocationNotCountersigned => {
                "Find out who called RevokeCertificate and why. A revocation cannot be undone; dismiss the finding with the reason once it is known."
            }
            SubjectDiffers => {
                "The CA signed another name than was meant. Unless the inventory is wrong, request the revocation and issue it again."
            }
            IssuanceWithoutCertificate => {
                "The asynchronous issuance failed, or the record is false. Check the device: it has no valid certificate of this serial number."
            }
            RevocationNotRecorded => {
                "The provisioning service still takes the device's certificate for valid. Record the revocation in the inventory."
            }
            DatesDiffer => "Correct the inventory: renewals are planned by its dates.",
            Duplicate => "Two devices claim one certificate. Find out which of them holds its key.",
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text names no kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of finding")]
pub struct FindingKindError;

impl FromStr for FindingKind {
    type Err = FindingKindError;

    fn from_str(name: &str) -> Result<Self, FindingKindError> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or(FindingKindError)
    }
}
