//! What the rules raise.

use serde::{Deserialize, Serialize};

use crate::authority::AuthorityArn;
use crate::finding::{AlertFacts, FindingId, Subject};
use crate::finding_kind::FindingKind;
use crate::scope::Scope;
use crate::serial::Serial;
use crate::trail::{Authorisation, Issuance};

/// What rules make of events, digests and signs of life: there is trouble that no run compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub kind: FindingKind,
    /// `None`: it is about a trail or a worker.
    pub authority: Option<AuthorityArn>,
    pub scope: Scope,
    pub subject: String,
    pub facts: AlertFacts,
}

impl Alert {
    /// The finding it opens.
    pub fn id(&self) -> FindingId {
        FindingId { kind: self.kind, scope: self.scope.clone(), subject: Subject::other(&self.subject) }
    }
}

/// What rules make of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raised {
    /// A certificate was issued for an identity that may not.
    Issued(Unauthorised),
    /// The same, one of so many at once that one alert tells of them all.
    OfBurst(Unauthorised),
    Alert(Alert),
}

/// A certificate that was issued without authorisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unauthorised {
    pub authority: AuthorityArn,
    pub serial: Serial,
    pub issuance: Issuance,
    pub authorisation: Authorisation,
}
