use std::time::Instant;

use domain::{InventoryItem, ReportRow, Severity};

use super::*;
use crate::fixture::{ARN, OTHER, arn, at, export_json, item, report_json, row, serial};

/// Files in a directory that goes with it.
struct Directory(PathBuf);

impl Drop for Directory {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

impl Directory {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("countersign-test-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn compare(&self, report: &str, inventory: &str) -> Result<Reconciliation, OfflineError> {
        reconcile(&self.files(report, inventory))
    }

    fn files(&self, report: &str, inventory: &str) -> Files {
        Files {
            report: self.file("report", report),
            inventory: vec![self.file("inventory", inventory)],
            authority: None,
            attributes: InventoryAttributes::default(),
            grace: Duration::from_secs(900),
            report_created_at: Some(at(0)),
        }
    }
}

fn kinds(reconciliation: &Reconciliation) -> Vec<(FindingKind, domain::Serial)> {
    reconciliation.findings.iter().map(|finding| (finding.kind, finding.serial)).collect()
}

#[test]
fn planted_trouble_is_found_all_of_it_and_nothing_else() {
    let directory = Directory::new();
    let mut rows: Vec<ReportRow> = (0..40).map(row).collect();
    let mut items: Vec<InventoryItem> = (0..40).map(item).collect();
    items.remove(7);
    rows.remove(8);
    rows[10].revoked_at = Some(at(-100));
    items[20].revoked_at = Some(at(-100));
    items[30].expires_at = Some(at(400_000));
    items.push(InventoryItem { device: "imposter".parse().unwrap(), ..item(39) });
    items.push(InventoryItem { authority: OTHER.parse().unwrap(), ..item(50) });
    let revoked = rows[10].serial;
    let found = directory.compare(&report_json(&rows), &export_json(&items)).unwrap();
    let mut expected = vec![
        (FindingKind::UnauthorizedIssuance, serial(7)),
        (FindingKind::RevocationNotEffective, items[20].serial),
        (FindingKind::IssuanceWithoutCertificate, serial(8)),
        (FindingKind::RevocationNotRecorded, revoked),
        (FindingKind::DatesDiffer, items[30].serial),
        (FindingKind::Duplicate, serial(39)),
    ];
    expected.sort_by_key(|(kind, serial)| (kind.severity(), *kind, *serial));
    assert_eq!(kinds(&found), expected);
    assert_eq!((found.at_least(Severity::Critical), found.at_least(Severity::Low)), (2, 6));
    assert_eq!((found.inputs.report_rows, found.inputs.inventory_items), (39, 40));

    let mut json = Vec::new();
    found.write_json(&mut json).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["counts"].as_object().unwrap().len(), FindingKind::ALL.len());
    assert_eq!(json["counts"]["unauthorized_issuance"], 1);
    assert_eq!(json["counts"]["revocation_not_countersigned"], 0);
    assert_eq!(json["not_judged"], serde_json::json!(["revocation_not_countersigned"]));
    let finding = &json["findings"][0];
    assert_eq!((finding["severity"].as_str(), finding["authority"].as_str()), (Some("critical"), Some(ARN)));
    let without =
        json["findings"].as_array().unwrap().iter().find(|f| f["kind"] == "unauthorized_issuance").unwrap();
    assert_eq!(
        (&without["device"], &without["serial"]),
        (&serde_json::Value::Null, &serial(7).to_string().into())
    );
    assert_eq!(
        (without["report"]["subject"].as_str(), without["inventory"].as_array().map(Vec::len)),
        (Some("CN=sensor-000007,O=Example"), Some(0))
    );
}

#[test]
fn bad_records_are_counted_and_the_rest_is_reconciled() {
    let directory = Directory::new();
    let rows: Vec<ReportRow> = (0..20).map(row).collect();
    let items: Vec<InventoryItem> = (0..20).map(item).collect();
    let foreign = ReportRow { authority: OTHER.parse().unwrap(), ..row(3) };
    let report = report_json(&[&rows[..], &[foreign]].concat());
    let report = report.replace(&serial(5).colons(), "no serial").replacen(
        "\"subject\"",
        "\"colour\":\"red\",\"subject\"",
        1,
    );
    let report = report.replace(&arn().certificate(serial(11)), "arn:aws:s3:::bucket");
    let bad_date = |line: &str| match line.contains(&serial(9).colons()) {
        true => line.replace("expires_at\":{\"S\":\"2", "expires_at\":{\"S\":\"x"),
        false => line.to_owned(),
    };
    let export = export_json(&items).lines().map(bad_date).collect::<Vec<_>>().join("\n");
    let without_serial = r#"{"Item":{"device_id":{"S":"\u001b[31msensor"},"ca_arn":{"S":"x"}}}"#;
    let mut files = directory.files(&report, &format!("{without_serial}\nrubbish\n{export}"));
    assert!(matches!(reconcile(&files), Err(OfflineError::Report { .. })), "two authorities");
    files.authority = Some(arn());
    let found = reconcile(&files).unwrap();
    // What is there but cannot be read is not missing: row 5 and item 9. Of row 11 nobody can tell what it is about.
    assert_eq!(kinds(&found), [(FindingKind::IssuanceWithoutCertificate, serial(11))]);
    assert_eq!((found.inputs.report_rows, found.inputs.report_unreadable.count), (18, 3));
    assert_eq!((found.inputs.inventory_items, found.inputs.inventory_unreadable.count), (19, 3));
    assert_eq!(found.inputs.report_unreadable.examples[0].place, "row 6");
    let mut text = Vec::new();
    found.write_text(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("row 6: serial: ") && text.contains("Not judged: Revocation not countersigned."),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_truncated_report_proves_no_absence_and_a_truncated_inventory_nothing() {
    let directory = Directory::new();
    let rows: Vec<ReportRow> = (0..20).map(row).collect();
    let report = report_json(&rows);
    let export = export_json(&rows.iter().enumerate().map(|(n, _)| item(n as u64)).collect::<Vec<_>>());
    let found = directory.compare(&report[..report.len() / 2], &export).unwrap();
    assert_eq!((kinds(&found), found.inputs.report_truncated), (vec![], true));
    assert!(found.not_judged.contains(&FindingKind::IssuanceWithoutCertificate));
    let cut = directory.compare(&report, &export[..export.len() - 30]);
    assert!(matches!(cut, Err(OfflineError::CutShort { .. })), "{cut:?}");
}

#[test]
fn what_cannot_be_compared_is_refused_with_the_reason() {
    let directory = Directory::new();
    let foreign = report_json(&[ReportRow { authority: OTHER.parse().unwrap(), ..row(1) }]);
    for (report, authority, reason) in [
        (foreign.as_str(), Some(arn()), "of another authority"),
        ("[]", None, "which authority it is of"),
        ("<html>", None, "not an audit report"),
        ("", None, "empty"),
    ] {
        let files = Files { authority, ..directory.files(report, "") };
        let error = reconcile(&files).unwrap_err().to_string();
        assert!(error.contains(reason), "{error} / {reason}");
    }
    let missing = Files { report: directory.0.join("missing"), ..directory.files("[]", "") };
    assert!(matches!(reconcile(&missing), Err(OfflineError::File { .. })));
}

#[test]
fn many_certificates_are_compared_in_a_moment() {
    let directory = Directory::new();
    let rows: Vec<ReportRow> = (0..20_000).map(row).collect();
    let items: Vec<InventoryItem> = (1..20_000).map(item).collect();
    let files = directory.files(&report_json(&rows), &export_json(&items));
    let started = Instant::now();
    let found = reconcile(&files).unwrap();
    eprintln!("compared in {:?}", started.elapsed());
    assert_eq!(kinds(&found), [(FindingKind::UnauthorizedIssuance, serial(0))]);
    assert!(started.elapsed().as_secs() < 90, "{:?}", started.elapsed());
}
