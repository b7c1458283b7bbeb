//! One row of an audit report: what the CA says it signed.

use serde::{Deserialize, Serialize};

use crate::authority::AuthorityArn;
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// A certificate as the authority's audit report lists it.
/// Source: AWS Private CA User Guide, "Use audit reports with your private CA".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportRow {
    /// The CA whose report it is.
    pub authority: AuthorityArn,
    /// Its serial number.
    pub serial: Serial,
    /// RFC 2253-like, most specific part first; foreign text. `None`: the report does not say it, or the certificate names
    /// its subject by alternative names alone (RFC 5280 §4.1.2.6).
    pub subject: Option<String>,
    /// The beginning of its validity (RFC 5280 §4.1.2.5).
    pub not_before: Timestamp,
    /// The end of its validity (RFC 5280 §4.1.2.5).
    pub not_after: Timestamp,
    /// When the CA issued it; it sets [`ReportRow::not_before`] 60 minutes back by default.
    pub issued_at: Timestamp,
    /// The one criterion of being revoked: a reason without this time does not count.
    pub revoked_at: Option<Timestamp>,
    /// As written; AWS's names where we know them.
    pub revocation_reason: Option<String>,
    /// Absent in reports from before March 2020.
    pub template: Option<String>,
    /// The AWS service that asked for it (`acm.amazonaws.com`), if one did.
    pub requested_by_service: Option<String>,
}

impl ReportRow {
    /// A certificate of a CA, or one that signs OCSP answers, by its template: no device's.
    pub(crate) fn is_infrastructure(&self) -> bool {
        self.template.as_deref().is_some_and(is_infrastructure)
    }

    /// One that signs OCSP answers.
    pub(crate) fn is_ocsp(&self) -> bool {
        self.template.as_deref().is_some_and(|template| template_name(template).starts_with(OCSP))
    }

    /// The CA's own certificate, signed by itself.
    pub fn is_root(&self) -> bool {
        self.template.as_deref().is_some_and(is_root)
    }
}

const ROOT: [&str; 2] = ["RootCACertificate", "BlankRootCACertificate"];
const OCSP: &str = "OCSPSigningCertificate";

/// Whether a template, by its ARN or name, is that of a CA's certificate or of one that signs OCSP answers. Whoever asks
/// for a certificate chooses the template: it says what a certificate can do, and nothing of who should have it.
pub(crate) fn is_infrastructure(template: &str) -> bool {
    let other = ["SubordinateCACertificate", "BlankSubordinateCACertificate", OCSP];
    let own = template_name(template);
    ROOT.iter().chain(&other).any(|name| own.starts_with(name))
}

/// Whether a template, by its ARN or name, is that of a root CA's own certificate: it signs the CA's own request and no
/// other. Source: AWS Private CA User Guide, "Understanding certificate templates".
pub fn is_root(template: &str) -> bool {
    let own = template_name(template);
    ROOT.iter().any(|name| own.starts_with(name))
}

/// What follows `template/` in a template's ARN.
pub(crate) fn template_name(template: &str) -> &str {
    template.split_once("template/").map_or(template, |(_, name)| name)
}
