//! The list of certificates, and one of them.

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::authority::Authority;
use super::filter::{Test, Token};
use super::filter_value::Standing;
use super::place::Place;
use super::timeline::Moment;
use super::trail::NoIssuance;
use crate::authority::AuthorityId;
use crate::certificate::{CertificateLine, CertificateStatus, X509Details};
use crate::finding::Finding;
use crate::inventory::InventoryItem;
use crate::reason::RevocationReason;
use crate::report::ReportRow;
use crate::revocation::Request;
use crate::serial::Serial;
use crate::timestamp::Timestamp;
use crate::trail::{Issuance, RevocationCall};

/// What the list of certificates is sorted by.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CertificateSort {
    /// By the device's name.
    #[default]
    Device,
    /// By the serial number, as an integer.
    Serial,
    /// By the subject's distinguished name.
    Subject,
    /// By the authority that issued it.
    Authority,
    /// By the end of validity (notAfter).
    Expiry,
    /// By when it was issued.
    Issued,
    /// By expiry, with all that is revoked behind what is not.
    Status,
}

impl CertificateSort {
    /// Every order, in that of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in URLs.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Which certificates a list shows; the URL is its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateQuery {
    /// All must hold; none: all certificates.
    pub filter: Vec<Token>,
    /// What the lines are sorted by.
    pub sort: CertificateSort,
    /// The last one first.
    pub descending: bool,
    /// Which page of them.
    pub place: Place,
}

impl CertificateQuery {
    /// All of which this holds.
    pub fn of(test: Test) -> Self {
        Self { filter: vec![test.into()], ..Self::default() }
    }

    /// Those whose device, subject or serial number has this text in it.
    pub fn search(text: &str) -> Self {
        Self::of(Test::Text(text.to_owned()))
    }

    /// Those that have this status now.
    pub fn status(status: CertificateStatus) -> Self {
        Self::of(Test::Status(Standing::Is(status)))
    }

    /// The one authority that it is narrowed to, if it is.
    pub fn authority(&self) -> Option<&AuthorityId> {
        self.filter.iter().find_map(|token| match token {
            Token { not: false, test: Test::Authority(id) } => Some(id),
            _ => None,
        })
    }
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// As many as were counted.
    pub number: u64,
    /// There are more: nobody counted on.
    pub more: bool,
}

/// One page of the list of certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificatePage {
    /// In the order of the query, [`PAGE_SIZE`](super::PAGE_SIZE) at most.
    pub lines: Vec<CertificateLine>,
    /// How many lines all pages have.
    pub total: Total,
    /// How many lines are before the page's; `None`: nobody counted.
    pub before: Option<u64>,
    /// Where the neighbouring pages are; `None`: there is none.
    pub previous: Option<Place>,
    /// See [`CertificatePage::previous`].
    pub next: Option<Place>,
    /// When the records behind it were read; `None`: not yet, the first reading is under way or has failed.
    pub as_of: Option<Timestamp>,
    /// What keeps the records from being read, if anything does.
    pub problem: Option<String>,
}

/// That a certificate is revoked, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// When it was revoked, by what it rests on.
    pub at: Timestamp,
    /// Who says so.
    pub rests_on: RestsOn,
}

/// What it rests on that a certificate is shown as revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestsOn {
    /// The newest report.
    Report,
    /// An entry of a CRL that the CA signed; the newest report is older, or lacks it.
    Crl {
        /// Of the list that first had it.
        made: Timestamp,
        /// As the list has it (RFC 5280, 5.3.1). `None`: it gives none.
        reason: Option<RevocationReason>,
    },
    /// A request that was carried out here; the same holds of the report.
    Request,
    /// A call that an intact event of the trail shows; the same holds of the report.
    Trail,
    /// The inventory alone, which is a claim.
    Inventory,
}

impl RestsOn {
    /// The rest of a sentence that begins with when it was revoked.
    pub fn words(self) -> String {
        let words = match self {
            Self::Report => "as the newest audit report says",
            Self::Crl { made, reason } => {
                let reason = reason.map_or("no reason given", RevocationReason::label);
                return format!(
                    "as the CRL of {} lists it ({reason}); no audit report that was read shows it yet",
                    made.absolute()
                );
            }
            Self::Request => "by a request of this console; no audit report that was read shows it yet",
            Self::Trail => "by a call that the trail shows; no audit report that was read shows it yet",
            Self::Inventory => "as the inventory alone says; nothing of the CA that was read shows it yet",
        };
        words.to_owned()
    }
}

/// How far the CRLs of an authority were read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrlsRead {
    /// When the newest one was made of which the entries count; `None`: none was read.
    pub newest: Option<Timestamp>,
    /// What keeps some from being read, or from counting.
    pub problem: Option<String>,
}

/// Everything about one certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateView {
    /// The CA that issued it, with the name that people know it by.
    pub authority: Authority,
    /// Its serial number.
    pub serial: Serial,
    /// What it is now, by all of that.
    pub status: CertificateStatus,
    /// `None`: it is not.
    pub revoked: Option<Revoked>,
    /// Read from the table now.
    pub inventory: Vec<InventoryItem>,
    /// From the newest report that was read.
    pub report: Option<ReportRow>,
    /// When that report was made; `None`: none was read.
    pub report_as_of: Option<Timestamp>,
    /// What was read of the authority's CRLs.
    pub crls: CrlsRead,
    /// What the trail says of it, or why it says nothing.
    pub issuance: Result<Issuance, NoIssuance>,
    /// Who called RevokeCertificate, as an intact event says; `None`: none says it.
    pub revocation: Option<RevocationCall>,
    /// Read from the CA now; the error's text when that failed.
    pub x509: Result<X509Details, String>,
    /// All findings about it, in any state.
    pub findings: Vec<Finding>,
    /// Requests that have it among their targets, newest first.
    pub requests: Vec<Request>,
    /// What has happened to it and what is to come, oldest first.
    pub timeline: Vec<Moment>,
    /// Why no revocation can be requested now; `None`: it can.
    pub cannot_revoke: Option<String>,
}
