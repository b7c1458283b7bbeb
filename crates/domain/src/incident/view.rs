//! Incidents as their pages show them.

use serde::{Deserialize, Serialize};

use super::{Facts, Incident};
use crate::certificate::CertificateStatus;
use crate::finding::FindingId;
use crate::views::{Authority, CertificateQuery, IdentityKey, Judgement, Standing, Test, Token, Words};

/// What an incident is to be opened about, as the address of the form says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentQuery {
    /// The finding that it is opened from: who is behind it says the finding.
    pub finding: Option<FindingId>,
    /// The caller that it is opened about.
    pub caller: Option<IdentityKey>,
}

/// The list of them, with the form that opens one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentsView {
    /// The open ones, the newest first, [`IncidentsView::MOST`] at most.
    pub open: Vec<Incident>,
    /// Those of late that are closed, the newest first.
    pub closed: Vec<Incident>,
    /// Whom one would be about that is opened by the form; a finding says it.
    pub callers: Vec<IdentityKey>,
    /// What it would be called.
    pub title: String,
}

impl IncidentsView {
    /// How many are listed of each.
    pub const MOST: u32 = 100;
}

/// A case with what the records say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentView {
    /// As it is stored.
    pub incident: Incident,
    /// What the records say.
    pub facts: Facts,
    /// All that are configured, for their names.
    pub authorities: Vec<Authority>,
}

/// Which of the unauthorised certificates of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All that the lists have.
    All,
    /// Neither revoked nor expired.
    Valid,
    /// Revoked.
    Revoked,
    /// Expired, and not revoked.
    Expired,
    /// Those that the inventory has.
    Recorded,
}

/// The list of certificates, narrowed to these.
pub fn unauthorised_of(key: &IdentityKey, which: Which) -> CertificateQuery {
    let by = match key.clone() {
        IdentityKey::Principal(principal) => Test::Issuer(Words::Is(principal)),
        IdentityKey::AccessKey(key) => Test::AccessKey(Words::Is(key)),
        IdentityKey::Address(address) => Test::Address(Words::Is(address)),
    };
    let mut query = CertificateQuery::of(by);
    query.filter.push(Test::Judgement(Judgement::Unauthorised).into());
    let status = |status| Test::Status(Standing::Is(status));
    let not = |test| Token { not: true, test };
    match which {
        Which::All => (),
        Which::Valid => {
            query.filter.push(not(status(CertificateStatus::Revoked)));
            query.filter.push(not(status(CertificateStatus::Expired)));
        }
        Which::Revoked => query.filter.push(status(CertificateStatus::Revoked).into()),
        Which::Expired => query.filter.push(status(CertificateStatus::Expired).into()),
        Which::Recorded => query.filter.push(Test::InInventory(true).into()),
    }
    query
}
