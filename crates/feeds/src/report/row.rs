//! One row of a report as it is written, made into one that we rely on.

use domain::foreign::Text;
use domain::{AuthorityArn, ReportRow, Serial, Timestamp};
use serde::Deserialize;

use crate::said::Said;

/// A row with AWS's names. Unknown keys are ignored; absent and empty are the same.
/// Source: AWS Private CA User Guide, "Use audit reports with your private CA".
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawRow<'a> {
    #[serde(borrow)]
    pub certificate_arn: Option<Said<'a>>,
    #[serde(borrow)]
    pub serial: Option<Said<'a>>,
    /// One AWS page spells it with a capital.
    #[serde(alias = "Subject", borrow)]
    pub subject: Option<Said<'a>>,
    #[serde(borrow)]
    pub not_before: Option<Said<'a>>,
    #[serde(borrow)]
    pub not_after: Option<Said<'a>>,
    #[serde(borrow)]
    pub issued_at: Option<Said<'a>>,
    #[serde(borrow)]
    pub revoked_at: Option<Said<'a>>,
    #[serde(borrow)]
    pub revocation_reason: Option<Said<'a>>,
    #[serde(borrow)]
    pub template_arn: Option<Said<'a>>,
    #[serde(borrow)]
    pub requested_by_service_principal: Option<Said<'a>>,
}

impl RawRow<'_> {
    /// The certificate that the row is about, whatever else is wrong with it. `before`: the authority of the row before; mostly
    /// it is the same.
    pub fn certificate(&self, before: &mut Option<AuthorityArn>) -> Option<(AuthorityArn, Serial)> {
        let arn = &self.certificate_arn.as_ref()?.0;
        let of = |before: &AuthorityArn| Some((before.clone(), before.serial_of(arn)?));
        before.as_ref().and_then(of).or_else(|| {
            let certificate = AuthorityArn::parse_certificate(arn).ok();
            certificate.inspect(|(authority, _)| *before = Some(authority.clone()))
        })
    }

    /// The row, or what is wrong with it. `certificate`: what [`Self::certificate`] gave.
    pub fn read(&self, certificate: Option<&(AuthorityArn, Serial)>) -> Result<ReportRow, String> {
        let arn = needed("certificateArn", &self.certificate_arn)?;
        let (authority, serial) = match certificate {
            Some(certificate) => certificate.clone(),
            None => {
                AuthorityArn::parse_certificate(arn).map_err(|error| format!("certificateArn: {error}"))?
            }
        };
        if let Some(text) = present(&self.serial) {
            let (hex, decimal) = Serial::read(text).map_err(|error| format!("serial: {error}"))?;
            if hex != serial && decimal != Some(serial) {
                return Err("serial and certificateArn name two different certificates".to_owned());
            }
        }
        Ok(ReportRow {
            authority,
            serial,
            subject: kept(&self.subject),
            not_before: moment("notBefore", needed("notBefore", &self.not_before)?)?,
            not_after: moment("notAfter", needed("notAfter", &self.not_after)?)?,
            issued_at: moment("issuedAt", needed("issuedAt", &self.issued_at)?)?,
            revoked_at: present(&self.revoked_at).map(|text| moment("revokedAt", text)).transpose()?,
            revocation_reason: kept(&self.revocation_reason),
            template: kept(&self.template_arn),
            requested_by_service: kept(&self.requested_by_service_principal),
        })
    }
}

fn kept(text: &Option<Said<'_>>) -> Option<String> {
    present(text).map(|text| Text::new(text).into())
}

fn present<'a>(text: &'a Option<Said<'_>>) -> Option<&'a str> {
    text.as_ref().map(|text| &*text.0).filter(|text| !text.is_empty())
}

fn needed<'a>(name: &str, text: &'a Option<Said<'_>>) -> Result<&'a str, String> {
    present(text).ok_or_else(|| format!("{name} is missing"))
}

fn moment(name: &str, text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|error| format!("{name}: {error}"))
}
