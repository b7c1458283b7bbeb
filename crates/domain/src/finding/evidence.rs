//! What a finding rests on: what the records said, or what an alert saw.

use serde::{Deserialize, Serialize};

use super::id::{FindingId, Subject};
use crate::authority::AuthorityArn;
use crate::finding_kind::FindingKind;
use crate::inventory::InventoryItem;
use crate::report::ReportRow;
use crate::scope::Scope;
use crate::serial::Serial;
use crate::timestamp::Timestamp;
use crate::trail::{Authorisation, EventId, Identity, Issuance, RevocationCall};

/// What the records said when it was last seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub report: Option<ReportRow>,
    /// More than one only for a duplicate.
    pub inventory: Vec<InventoryItem>,
    /// Who had the certificate issued, where the trail says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuance: Option<Issuance>,
    /// Whether that identity may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorisation: Option<Authorisation>,
    /// Who called RevokeCertificate, where the trail says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation: Option<RevocationCall>,
    /// What an alert saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertFacts>,
}

/// What an alert saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertFacts {
    pub at: Timestamp,
    /// One sentence in our words; names in it are foreign.
    pub what: String,
    pub identity: Option<Identity>,
    pub address: Option<String>,
    /// The events behind it, the first ones; none for a digest.
    pub events: Vec<EventId>,
    /// How many there were.
    pub count: u64,
}

impl AlertFacts {
    /// How many events are named.
    pub const EVENTS: usize = 20;
}

/// What a run says: there is a disagreement of this kind about this certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disagreement {
    pub kind: FindingKind,
    pub authority: AuthorityArn,
    pub serial: Serial,
    pub evidence: Evidence,
}

impl Disagreement {
    pub fn id(&self) -> FindingId {
        FindingId {
            kind: self.kind,
            scope: Scope::from(&self.authority),
            subject: Subject::Certificate(self.serial),
        }
    }
}
