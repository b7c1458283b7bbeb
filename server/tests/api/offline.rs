//! `countersign reconcile` on downloaded files: no configuration, no AWS, an exit status for pipelines.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::harness::scratch;

const CA: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

/// A row of a report, for a device of this number.
fn row(number: u32) -> Value {
    json!({
        "awsAccountId": "111122223333", "certificateArn": format!("{CA}/certificate/{number:04x}"),
        "serial": format!("{:02x}:{:02x}", number / 256, number % 256), "subject": format!("CN=sensor-{number}"),
        "notBefore": "2026-01-01T00:00:00+0000", "notAfter": "2030-01-01T00:00:00+0000",
        "issuedAt": "2026-01-01T00:00:01+0000",
        "templateArn": "arn:aws:acm-pca:::template/EndEntityCertificate/V1",
    })
}

/// The line of an export that goes with it.
fn item(number: u32) -> String {
    json!({"Item": {
        "device_id": {"S": format!("sensor-{number}")}, "cert_serial": {"S": format!("{number:04x}")},
        "ca_arn": {"S": CA}, "subject": {"S": format!("CN=sensor-{number}")},
        "issued_at": {"S": "2026-01-01T00:00:01Z"}, "expires_at": {"S": "2030-01-01T00:00:00Z"},
    }})
    .to_string()
}

struct Files(PathBuf);

impl Files {
    fn new(name: &str) -> Self {
        Self(scratch(name))
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Compares a report with an inventory, with more arguments.
    fn compare(&self, report: &str, inventory: &str, arguments: &[&str]) -> Output {
        let (report, inventory) = (self.write("report", report), self.write("inventory", inventory));
        run(&report, &inventory, arguments)
    }
}

fn run(report: &Path, inventory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear().arg("reconcile").arg("--report").arg(report).arg("--inventory").arg(inventory);
    command.args(["--report-created-at", "2026-02-01T00:00:00Z"]).args(arguments).output().unwrap()
}

fn report(rows: impl IntoIterator<Item = Value>) -> String {
    Value::from_iter(rows).to_string()
}

fn inventory(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn records_that_agree_are_clean() {
    let output = Files::new("clean").compare(&report((1..20).map(row)), &inventory((1..20).map(item)), &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("The records agree."));
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn findings_make_the_exit_status_2_from_their_severity_on() {
    let files = Files::new("findings");
    let (rows, mut items): (Vec<_>, Vec<_>) = ((1..20).map(row).collect(), (1..20).map(item).collect());
    items.push(item(77)); // issuance without certificate: medium
    let (report, inventory) = (report(rows), inventory(items));
    for (least, status) in [("low", 2), ("medium", 2), ("high", 0), ("critical", 0)] {
        let output = files.compare(&report, &inventory, &["--fail-on", least]);
        assert_eq!(output.status.code(), Some(status), "{least}: {output:?}");
    }
    let found = json_of(&files.compare(&report, &inventory, &["--format", "json"]));
    assert_eq!(found["counts"]["issuance_without_certificate"], 1);
    assert_eq!(found["counts"]["unauthorized_issuance"], 0);
    let finding = &found["findings"][0];
    assert_eq!(
        (finding["kind"].as_str(), finding["severity"].as_str()),
        (Some("issuance_without_certificate"), Some("medium"))
    );
    assert_eq!((finding["serial"].as_str(), finding["device"].as_str()), (Some("4d"), Some("sensor-77")));
    assert_eq!((finding["authority"].as_str(), finding["report"].is_null()), (Some(CA), true));
}

#[test]
fn what_cannot_be_read_is_counted_and_the_rest_is_compared() {
    let mut rows: Vec<Value> = (1..20).map(row).collect();
    rows[3]["serial"] = json!("not a serial");
    rows[4]["colour"] = json!("blue");
    rows.push(
        json!({"certificateArn": CA.replace("11223344-", "99999999-") + "/certificate/0a", "serial": "0a"}),
    );
    let mut items: Vec<String> = (1..20).map(item).collect();
    items.push(json!({"Item": {"device_id": {"S": "no-serial"}, "ca_arn": {"S": CA}}}).to_string());
    items.push("{\"Item\": nonsense".to_owned());
    let output = Files::new("unreadable").compare(&report(rows), &inventory(items), &["--format", "json"]);
    let found = json_of(&output);
    assert_eq!(found["inputs"]["report_unreadable"]["count"], 2, "{found}");
    assert_eq!(found["inputs"]["inventory_unreadable"]["count"], 2, "{found}");
    let examples = found["inputs"]["inventory_unreadable"]["examples"].as_array().unwrap();
    assert_eq!(examples.len(), 2);
    // The row that could not be read is there, whatever it says: that its device's item misses it is no finding.
    assert_eq!(found["findings"], json!([]), "{found}");
    assert_eq!((output.status.code(), found["verdict"].as_str()), (Some(3), Some("incomplete")));
    assert_eq!(found["inputs"]["unjudged"], json!({"count": 1, "serials": ["04"]}));
}

#[test]
fn a_report_that_was_cut_short_proves_no_absence() {
    let whole = report((1..20).map(row));
    let cut = &whole[..whole.len() / 2];
    let output = Files::new("cut").compare(cut, &inventory((1..20).map(item)), &["--format", "json"]);
    let found = json_of(&output);
    assert_eq!(found["inputs"]["report_truncated"], true);
    assert_eq!(found["counts"]["issuance_without_certificate"], 0, "{found}");
    assert!(found["not_judged"].as_array().unwrap().contains(&json!("issuance_without_certificate")));
    assert_eq!((output.status.code(), found["verdict"].as_str()), (Some(3), Some("incomplete")));
}

#[test]
fn what_cannot_be_compared_is_said_and_is_status_1() {
    let files = Files::new("impossible");
    let (good, items) = (report((1..5).map(row)), inventory((1..5).map(item)));
    let nowhere = files.0.join("nowhere");
    let inventory = files.write("inventory", &items);
    let other = CA.replace("11223344-", "99999999-");
    for (output, said) in [
        (run(&nowhere, &inventory, &[]), "nowhere"),
        (files.compare("", &items, &[]), "report"),
        (files.compare("<html>", &items, &[]), "report"),
        (files.compare(&good, &items, &["--authority", "devices"]), "--authority"),
        (files.compare(&good, &items, &["--authority", &other]), "report"),
        (files.compare(&good, &items, &["--grace", "soon"]), "--grace"),
    ] {
        assert_eq!(output.status.code(), Some(1), "{said}: {output:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(said) && !stderr.contains("panicked"), "{said}: {stderr}");
        assert!(output.stdout.is_empty(), "{said}: {output:?}");
    }
}

#[test]
fn attack_26_foreign_text_does_not_steer_the_terminal() {
    let mut rows: Vec<Value> = (1..3).map(row).collect();
    rows[0]["subject"] = json!("CN=evil\u{1b}[2J\r\nThe records agree.\u{202e}");
    let output = Files::new("terminal").compare(&report(rows), &item(77), &[]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']), "{text:?}");
    assert!(!text.lines().any(|line| line == "The records agree."), "{text}");
}
