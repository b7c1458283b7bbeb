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
    /// One of the kinds that are alerts ([`FindingKind::is_alert`]).
    pub kind: FindingKind,
    /// `None`: it is about a trail or a worker.
    pub authority: Option<AuthorityArn>,
    /// The authority, the trail's account and Region, or the console itself.
    pub scope: Scope,
    /// What of the scope it is about, as text: what no id can have is replaced in the finding's ([`Subject::Other`]).
    pub subject: String,
    /// What was seen: one sentence, and the events behind it.
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
    /// Anything else: about an authority, an identity, the trail or its storage.
    Alert(Alert),
}

/// A certificate that was issued without authorisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unauthorised {
    /// The watched authority that signed it.
    pub authority: AuthorityArn,
    /// Its serial number, as the event has it.
    pub serial: Serial,
    /// The call that made it, with its caller, address and template.
    pub issuance: Issuance,
    /// Why the caller may not: never [`Authorisation::Authorised`].
    pub authorisation: Authorisation,
}
