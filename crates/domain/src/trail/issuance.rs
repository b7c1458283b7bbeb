//! What the events say about one certificate: who had it issued, and who revoked it.

use serde::{Deserialize, Serialize};

use super::event::EventId;
use super::identity::Identity;
use crate::key::KeyHash;
use crate::timestamp::Timestamp;

/// Who had a certificate issued: IssueCertificate and IssueCertificateDetails taken together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuance {
    /// IssueCertificate, where it is there.
    pub event: EventId,
    /// `eventTime` of that event.
    pub at: Timestamp,
    /// Who had it issued.
    pub identity: Identity,
    /// `None`: only IssueCertificateDetails is there, which does not say.
    pub address: Option<String>,
    /// `userAgent` of the call; `None`: only IssueCertificateDetails is there.
    pub user_agent: Option<String>,
    /// `None`: neither event says; AWS then takes EndEntityCertificate/V1.
    pub template: Option<String>,
    /// Its public key; `None`: neither event says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyHash>,
}

/// A call of RevokeCertificate that succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationCall {
    /// The event of the call.
    pub event: EventId,
    /// `eventTime` of that event.
    pub at: Timestamp,
    /// Who called, as the event says.
    pub identity: Identity,
    /// The address that the call came from: foreign text.
    pub address: Option<String>,
    /// The reason that was given, in AWS's words; `None`: the record does not say.
    pub reason: Option<String>,
}
