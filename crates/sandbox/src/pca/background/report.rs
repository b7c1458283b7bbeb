//! An audit report's bytes, exactly as the user guide shows them (PcaAuditReport), in JSON and CSV.

use std::io::Write;

use rusqlite::Connection;
use serde::Serialize;

use super::super::stamp::Stamp;
use super::super::store::{AuthorityId, ReportFormat, ReportedCertificate};

const CSV_HEADER: [&str; 11] = [
    "awsAccountId",
    "requestedByServicePrincipal",
    "certificateArn",
    "serial",
    "subject",
    "notBefore",
    "notAfter",
    "issuedAt",
    "revokedAt",
    "revocationReason",
    "templateArn",
];

/// A row; a member without a value is left out in JSON and empty in CSV.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    aws_account_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_by_service_principal: Option<&'a str>,
    certificate_arn: String,
    serial: String,
    subject: &'a str,
    not_before: String,
    not_after: String,
    issued_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revocation_reason: Option<&'a str>,
    template_arn: &'a str,
}

impl<'a> Row<'a> {
    fn of(certificate: &'a ReportedCertificate, account: &'a str, authority_arn: &str) -> Self {
        let digits = hex::encode(certificate.serial);
        let requested_by = certificate.requested_by.as_str();
        Self {
            aws_account_id: account,
            requested_by_service_principal: (!requested_by.starts_with("arn:")).then_some(requested_by),
            certificate_arn: format!("{authority_arn}/certificate/{digits}"),
            serial: with_colons(&digits),
            subject: &certificate.subject,
            not_before: certificate.not_before.report(),
            not_after: certificate.not_after.report(),
            issued_at: certificate.issued_at.report(),
            revoked_at: certificate.revoked_at.map(Stamp::report),
            revocation_reason: certificate.revocation_reason.as_deref(),
            template_arn: &certificate.template,
        }
    }

    fn cells(&self) -> [&str; 11] {
        [
            self.aws_account_id,
            self.requested_by_service_principal.unwrap_or_default(),
            &self.certificate_arn,
            &self.serial,
            self.subject,
            &self.not_before,
            &self.not_after,
            &self.issued_at,
            self.revoked_at.as_deref().unwrap_or_default(),
            self.revocation_reason.unwrap_or_default(),
            self.template_arn,
        ]
    }
}

/// `00:11:22` of `001122`.
fn with_colons(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() * 3 / 2);
    for (at, digit) in digits.char_indices() {
        if at > 0 && at % 2 == 0 {
            out.push(':');
        }
        out.push(digit);
    }
    out
}

/// What a report is of.
pub struct Contents {
    pub authority: AuthorityId,
    pub authority_arn: String,
    pub account: String,
    /// Certificates still in progress then are left out.
    pub now: Stamp,
}

impl Contents {
    /// Writes the report row by row; nothing of it stays in memory.
    pub fn write(&self, db: &Connection, format: ReportFormat, mut out: impl Write) -> anyhow::Result<()> {
        match format {
            ReportFormat::Json => {
                let mut separator = "[\n";
                self.each(db, |row| {
                    out.write_all(separator.as_bytes())?;
                    separator = ",\n";
                    Ok(serde_json::to_writer(&mut out, &row)?)
                })?;
                out.write_all(if separator == "[\n" { b"[]\n" } else { b"\n]\n" })?;
            }
            ReportFormat::Csv => {
                let mut csv = csv::Writer::from_writer(&mut out);
                csv.write_record(CSV_HEADER)?;
                self.each(db, |row| Ok(csv.write_record(row.cells())?))?;
                csv.flush()?;
            }
        }
        Ok(out.flush()?)
    }

    fn each(
        &self,
        db: &Connection,
        mut row: impl FnMut(Row<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        ReportedCertificate::for_each(db, self.authority, self.now, |certificate| {
            row(Row::of(&certificate, &self.account, &self.authority_arn))
        })
    }
}
