//! The list of certificates, and one of them.

use serde::{Deserialize, Serialize};

use super::authority::Authority;
use super::timeline::Moment;
use super::trail::NoIssuance;
use crate::authority::AuthorityId;
use crate::certificate::{CertificateLine, CertificateStatus, X509Details};
use crate::finding::Finding;
use crate::inventory::InventoryItem;
use crate::report::ReportRow;
use crate::revocation::Request;
use crate::serial::Serial;
use crate::timestamp::Timestamp;
use crate::trail::{Issuance, RevocationCall};

/// What the list of certificates is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateSort {
    #[default]
    Device,
    Expiry,
    Issued,
}

/// Which certificates a list shows; the URL is its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateQuery {
    /// A device id (or its beginning), or a serial number in any form.
    pub search: Option<String>,
    pub authority: Option<AuthorityId>,
    pub status: Option<CertificateStatus>,
    pub sort: CertificateSort,
    pub descending: bool,
    /// From 0.
    pub page: u32,
}

/// One page of the list of certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificatePage {
    pub lines: Vec<CertificateLine>,
    pub total: u64,
    pub page: u32,
    /// When the records behind it were read; `None`: not yet, the first reading is under way or has failed.
    pub as_of: Option<Timestamp>,
    /// What keeps the records from being read, if anything does.
    pub problem: Option<String>,
}

/// Everything about one certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateView {
    pub authority: Authority,
    pub serial: Serial,
    pub status: CertificateStatus,
    /// Read from the table now.
    pub inventory: Vec<InventoryItem>,
    /// From the newest report that was read.
    pub report: Option<ReportRow>,
    pub report_as_of: Option<Timestamp>,
    /// What the trail says of it, or why it says nothing.
    pub issuance: Result<Issuance, NoIssuance>,
    pub revocation: Option<RevocationCall>,
    /// Read from the CA now; the error's text when that failed.
    pub x509: Result<X509Details, String>,
    pub findings: Vec<Finding>,
    /// Requests that have it among their targets, newest first.
    pub requests: Vec<Request>,
    /// What has happened to it and what is to come, oldest first.
    pub timeline: Vec<Moment>,
    /// Why no revocation can be requested now; `None`: it can.
    pub cannot_revoke: Option<String>,
}
