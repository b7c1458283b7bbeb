use std::time::Instant;

use domain::trail::Issuer;
use domain::{InventoryItem, ReportRow, Severity};

use domain::trail::{Issuers, Proof};

use feeds::trail::Limits;

use super::*;
use crate::fixture::{ARN, OTHER, arn, at, export_json, item, report_json, row, serial};
use crate::reconciliation::Verdict;

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
            known: std::collections::BTreeSet::new(),
            expired_after: None,
            report_created_at: Some(at(0)),
            trail: None,
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
    found.write_json(Severity::Low, &mut json).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["counts"].as_object().unwrap().len(), FindingKind::ALL.len());
    assert_eq!(json["counts"]["unauthorized_issuance"], 1);
    assert_eq!(json["counts"]["revocation_not_countersigned"], 0);
    let not_judged = [
        "revocation_not_countersigned",
        "rogue_issuer",
        "unattributed_issuance",
        "unrecorded_issuance",
        "issuance_not_reported",
    ];
    assert_eq!(json["not_judged"], serde_json::json!(not_judged));
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
    // What is there but cannot be read is not missing: row 5. Of row 11 nobody can tell what it is about.
    assert_eq!(kinds(&found), [(FindingKind::IssuanceWithoutCertificate, serial(11))]);
    assert_eq!((found.inputs.report_rows, found.inputs.report_unreadable.count), (18, 3));
    assert_eq!((found.inputs.inventory_items, found.inputs.inventory_unreadable.count), (20, 2));
    assert_eq!(
        (found.inputs.inventory_unread.count, found.verdict(Severity::Critical)),
        (1, Verdict::Incomplete)
    );
    assert_eq!(found.inputs.report_unreadable.examples[0].place, "row 6");
    let mut text = Vec::new();
    found.write_text(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("row 6: serial: ") && text.contains("Not judged: Revocation not countersigned, "),
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
        let other = InventoryItem { authority: OTHER.parse().unwrap(), ..item(2) };
        let files = Files { authority, ..directory.files(report, &export_json(&[item(1), other])) };
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

/// A record of IssueCertificate.
fn called(id: &str, number: u64, user: serde_json::Value) -> serde_json::Value {
    serde_json::json!({
        "eventVersion": "1.09", "eventID": id, "eventTime": at(-10_001).to_string(), "awsRegion": "eu-central-1",
        "eventSource": "acm-pca.amazonaws.com", "eventName": "IssueCertificate", "sourceIPAddress": "10.20.0.15",
        "userAgent": "test", "userIdentity": user, "readOnly": false, "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
        "requestParameters": {"certificateAuthorityArn": ARN},
        "responseElements": {"certificateArn": arn().certificate(serial(number))},
    })
}

fn role() -> serde_json::Value {
    serde_json::json!({
        "type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/provisioning/fleet",
        "accountId": "111122223333", "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ISSUER, "userName": "provisioning"}},
    })
}

const ISSUER: &str = "arn:aws:iam::111122223333:role/service/provisioning";

impl Directory {
    /// A log file of the trail, delivered in this minute.
    fn log(&self, unique: &str, content: &str) {
        let folder = self.0.join("AWSLogs/111122223333/CloudTrail/eu-central-1/2025/10/02");
        std::fs::create_dir_all(&folder).unwrap();
        let name = format!("111122223333_CloudTrail_eu-central-1_20251002T1015Z_{unique}.json.gz");
        std::fs::write(folder.join(name), content).unwrap();
    }

    fn trail(&self) -> TrailFiles {
        TrailFiles {
            folder: self.0.clone(),
            public_keys: None,
            issuers: Issuers::new(vec![Issuer::new(ISSUER).unwrap()]),
            delay: Duration::from_secs(3600),
            limits: Limits::default(),
        }
    }
}

#[test]
fn a_downloaded_trail_says_who_issued_what_and_its_bad_parts_are_counted() {
    let directory = Directory::new();
    let rows: Vec<ReportRow> = (0..10).map(row).collect();
    let items: Vec<InventoryItem> = (3..10).map(item).collect();
    let user =
        || serde_json::json!({"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/m", "userName": "m"});
    let mut records: Vec<_> = (4..10).map(|number| called(&format!("e{number}"), number, role())).collect();
    // Not in the inventory: 0 by the issuer, 1 by a stranger, 2 by nobody knows whom. In it: 3 by a stranger.
    records.extend([called("e0", 0, role()), called("e1", 1, user()), called("e3", 3, user())]);
    records.push(serde_json::json!({"eventSource": "acm-pca.amazonaws.com", "eventName": 7}));
    let log = serde_json::json!({ "Records": records }).to_string();
    directory.log("one", &log);
    directory.log("same", &log);
    directory.log("torn", &log[..log.len() - 10]);
    directory.log("other", "this is no log file");
    let files = directory.files(&report_json(&rows), &export_json(&items));
    let found = reconcile(&Files { trail: Some(directory.trail()), ..files.clone() }).unwrap();
    let mut expected = vec![
        (FindingKind::UnrecordedIssuance, serial(0)),
        (FindingKind::UnauthorizedIssuance, serial(1)),
        (FindingKind::UnauthorizedIssuance, serial(2)),
        (FindingKind::RogueIssuer, serial(3)),
    ];
    expected.sort_by_key(|(kind, serial)| (kind.severity(), *kind, *serial));
    assert_eq!(kinds(&found), expected);
    let trail = found.inputs.trail.as_ref().unwrap();
    assert_eq!((trail.attributed, trail.not_covered), (9, 1));
    assert_eq!(trail.unreadable.count, 4, "a record in two files, and two files: {trail:?}");
    let examples = &trail.unreadable.examples;
    assert!(examples.iter().any(|one| one.place.ends_with("_same.json.gz, record 10")), "{examples:?}");
    assert_eq!(trail.hours.keys().copied().collect::<Vec<_>>(), [Proof::Unproven]);
    assert_eq!(found.not_judged, [FindingKind::RevocationNotCountersigned]);
    let mut text = Vec::new();
    found.write_text(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("m from 10.20.0.15") && text.contains("1 hours unproven"), "{text}");
    let mut json = Vec::new();
    found.write_json(Severity::Low, &mut json).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let rogue = json["findings"].as_array().unwrap().iter().find(|f| f["kind"] == "rogue_issuer").unwrap();
    assert_eq!(
        (&rogue["issuance"]["event"], &rogue["authorisation"]),
        (&"e3".into(), &"not_an_issuer".into())
    );

    // Without it, everything unknown is the worst case, and nothing else is said.
    let without = reconcile(&files).unwrap();
    assert!(without.inputs.trail.is_none() && without.not_judged.contains(&FindingKind::RogueIssuer));
    let unknown = [0, 1, 2].map(serial);
    assert!(
        kinds(&without)
            .iter()
            .all(|(kind, serial)| { *kind == FindingKind::UnauthorizedIssuance && unknown.contains(serial) })
    );
    let bad_keys = TrailFiles { public_keys: Some(files.report.clone()), ..directory.trail() };
    let error = reconcile(&Files { trail: Some(bad_keys), ..files }).unwrap_err();
    assert!(matches!(error, OfflineError::PublicKeys { .. }), "{error:?}");
}
