//! One row of a report as it is written, made into one that we rely on.

use domain::foreign::Text;
use domain::{AuthorityArn, ReportRow, Serial, Timestamp};
use serde::Deserialize;

/// A row with AWS's names. Unknown keys are ignored; absent and empty are the same.
/// Source: AWS Private CA User Guide, "Use audit reports with your private CA".
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawRow {
    pub certificate_arn: Option<String>,
    pub serial: Option<String>,
    /// One AWS page spells it with a capital.
    #[serde(alias = "Subject")]
    pub subject: Option<Text>,
    pub not_before: Option<String>,
    pub not_after: Option<String>,
    pub issued_at: Option<String>,
    pub revoked_at: Option<String>,
    pub revocation_reason: Option<Text>,
    pub template_arn: Option<Text>,
    pub requested_by_service_principal: Option<Text>,
}

impl RawRow {
    /// The certificate that the row is about, whatever else is wrong with it.
    pub fn certificate(&self) -> Option<(AuthorityArn, Serial)> {
        AuthorityArn::parse_certificate(self.certificate_arn.as_deref()?).ok()
    }

    /// The row, or what is wrong with it.
    pub fn read(self) -> Result<ReportRow, String> {
        let arn = needed("certificateArn", self.certificate_arn)?;
        let (authority, serial) =
            AuthorityArn::parse_certificate(&arn).map_err(|error| format!("certificateArn: {error}"))?;
        if let Some(text) = present(self.serial) {
            let (hex, decimal) = Serial::read(&text).map_err(|error| format!("serial: {error}"))?;
            if hex != serial && decimal != Some(serial) {
                return Err("serial and certificateArn name two different certificates".to_owned());
            }
        }
        Ok(ReportRow {
            authority,
            serial,
            subject: kept(self.subject),
            not_before: moment("notBefore", needed("notBefore", self.not_before)?)?,
            not_after: moment("notAfter", needed("notAfter", self.not_after)?)?,
            issued_at: moment("issuedAt", needed("issuedAt", self.issued_at)?)?,
            revoked_at: present(self.revoked_at).map(|text| moment("revokedAt", text)).transpose()?,
            revocation_reason: kept(self.revocation_reason),
            template: kept(self.template_arn),
            requested_by_service: kept(self.requested_by_service_principal),
        })
    }
}

fn kept(text: Option<Text>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(String::from)
}

fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn needed(name: &str, text: Option<String>) -> Result<String, String> {
    present(text).ok_or_else(|| format!("{name} is missing"))
}

fn moment(name: &str, text: String) -> Result<Timestamp, String> {
    text.parse().map_err(|error| format!("{name}: {error}"))
}
