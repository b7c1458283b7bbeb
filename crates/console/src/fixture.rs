//! Records for tests: an authority with any number of certificates, on both sides and in the files that AWS writes.

use std::fmt::Write as _;

use domain::{AuthorityArn, InventoryItem, ReportRow, Serial, Timestamp};

pub(crate) const ARN: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";
pub(crate) const OTHER: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/99999999-1234-1122-2233-112233445566";

pub(crate) fn arn() -> AuthorityArn {
    ARN.parse().unwrap()
}

/// Minutes after the moment at which the reports of tests are made.
pub(crate) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_unix(1_760_000_000 + minutes * 60).unwrap()
}

/// Spread as a CA's serial numbers are, and yet the same each time.
pub(crate) fn serial(number: u64) -> Serial {
    let spread = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Serial::from_bytes(&[spread.to_be_bytes(), number.to_be_bytes()].concat()).unwrap()
}

/// A certificate that was issued long ago and lives for long.
pub(crate) fn row(number: u64) -> ReportRow {
    ReportRow {
        authority: arn(),
        serial: serial(number),
        subject: Some(format!("CN=sensor-{number:06},O=Example")),
        not_before: at(-10_060),
        not_after: at(500_000),
        issued_at: at(-10_000),
        revoked_at: None,
        revocation_reason: None,
        template: Some("arn:aws:acm-pca:::template/EndEntityCertificate/V1".to_owned()),
        requested_by_service: None,
    }
}

pub(crate) fn item(number: u64) -> InventoryItem {
    InventoryItem {
        authority: arn(),
        serial: serial(number),
        decimal: None,
        device: format!("sensor-{number:06}").parse().unwrap(),
        serial_key: serial(number).colons(),
        subject: Some(format!("CN=sensor-{number:06},O=Example")),
        issued_at: Some(at(-10_000)),
        expires_at: Some(at(500_000)),
        revoked_at: None,
        revocation_unread: false,
        revocation_reason: None,
    }
}

/// A report as AWS writes it.
pub(crate) fn report_json(rows: &[ReportRow]) -> String {
    let time = |at: Timestamp| at.to_string().replace('Z', "+0000");
    let rows = rows.iter().map(|row| {
        let mut value = serde_json::json!({
            "awsAccountId": "111122223333", "certificateArn": row.authority.certificate(row.serial),
            "serial": row.serial.colons(), "subject": row.subject, "notBefore": time(row.not_before),
            "notAfter": time(row.not_after), "issuedAt": time(row.issued_at), "templateArn": row.template,
        });
        if let Some(at) = row.revoked_at {
            value["revokedAt"] = time(at).into();
        }
        value.to_string()
    });
    format!("[{}]", rows.collect::<Vec<_>>().join(",\n"))
}

/// A file of an export as DynamoDB writes it.
pub(crate) fn export_json(items: &[InventoryItem]) -> String {
    let mut lines = String::new();
    for item in items {
        let mut value = serde_json::json!({
            "device_id": {"S": item.device.as_str()}, "cert_serial": {"S": item.serial_key},
            "ca_arn": {"S": item.authority.as_str()}, "firmware": {"M": {"version": {"S": "1.2"}}},
        });
        for (name, at) in
            [("issued_at", item.issued_at), ("expires_at", item.expires_at), ("revoked_at", item.revoked_at)]
        {
            if let Some(at) = at {
                value[name] = serde_json::json!({"S": at.to_string()});
            }
        }
        if let Some(subject) = &item.subject {
            value["subject"] = serde_json::json!({"S": subject});
        }
        writeln!(lines, "{}", serde_json::json!({ "Item": value })).unwrap();
    }
    lines
}
