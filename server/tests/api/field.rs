//! Files in the shapes that people really have, given to the command: each is read for what it says, or refused with the
//! remedy. The only right finding about `field/base` is the unauthorized issuance of `4fa2…`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::harness::scratch;

const CA: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";
const ROGUE: &str = "4fa21b00c3d4e5f60718293a4b5c6d7e";
const MADE: [&str; 2] = ["--report-created-at", "2026-11-20T12:00:00Z"];
const ISSUERS: [&str; 4] = [
    "--issuer",
    "arn:aws:iam::111122223333:role/service/provisioning",
    "--issuer",
    "arn:aws:iam::222233334444:role/cert-manager",
];

fn field(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/field").join(name)
}

fn run(arguments: &[&str], paths: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear().args(arguments);
    for (name, path) in paths {
        command.arg(name).arg(path);
    }
    command.output().unwrap()
}

fn reconcile(report: &Path, inventory: &Path, more: &[&str]) -> Output {
    run(
        &[&["reconcile", "--format", "json"], more].concat(),
        &[("--report", report), ("--inventory", inventory)],
    )
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// (kind, serial number) of each finding.
fn findings(output: &Output) -> Vec<(String, String)> {
    let found: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    found["findings"].as_array().unwrap().iter().map(|one| (text(one, "kind"), text(one, "serial"))).collect()
}

#[track_caller]
fn only_the_rogue(name: &str, output: &Output) {
    assert_eq!(output.status.code(), Some(2), "{name}: {}", said(output));
    assert_eq!(findings(output), [("unauthorized_issuance".to_owned(), ROGUE.to_owned())], "{name}");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (found["verdict"].as_str(), &found["incomplete"]),
        (Some("findings"), &serde_json::json!([])),
        "{name}"
    );
}

/// It could not run, and says all this.
#[track_caller]
fn refused(name: &str, output: &Output, parts: &[&str]) {
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(1), true), "{name}: {}", said(output));
    for part in parts {
        assert!(said(output).contains(part), "{name}: {part}: {}", said(output));
    }
}

/// A copy with another time of its file, in seconds since 1970.
fn aged(name: &str, seconds: u64) -> PathBuf {
    let path = scratch(&format!("field-aged-{seconds}-{}", name.replace('/', "-"))).join("report.json");
    std::fs::copy(field(name), &path).unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    path
}

#[test]
fn inventories_are_read_in_every_form_that_is_clear() {
    let report = field("base/report.json");
    for name in [
        "base/inventory.json",
        "inv/scan-output.json",
        "inv/pynamodb-times.json",
        "inv/naive-isoformat.json",
        "inv/epoch-millis.json",
        "inv/decimal-serial.json",
        "inv/serial-number-type.json",
        "inv/openssl-serial.json",
        "inv/subject-case.json",
        "inv/untyped.json",
        "inv/export.ion",
    ] {
        only_the_rogue(name, &reconcile(&report, &field(name), &MADE));
    }
}

#[test]
fn what_is_no_inventory_is_refused_by_name_with_the_remedy() {
    let report = field("base/report.json");
    for (name, parts) in [
        ("inv/incremental-export.json", ["incremental export", "Ask DynamoDB for a full export"]),
        ("inv/empty.json", ["the inventory has no item", "Is it the right file?"]),
        ("base/report.json", ["this is no inventory", "--report"]),
        ("inv", ["manifest-summary.json", "Download the whole folder"]),
    ] {
        refused(name, &reconcile(&report, &field(name), &MADE), &parts);
    }
}

#[test]
fn a_report_must_bear_out_when_it_was_made() {
    let inventory = field("base/inventory.json");
    let old = aged("base/report.json", 315_532_800);
    refused("1980", &reconcile(&old, &inventory, &[]), &["1980-01-01", "--report-created-at"]);
    only_the_rogue("said", &reconcile(&old, &inventory, &MADE));
    let early = ["--report-created-at", "2026-10-01T00:00:00Z"];
    refused(
        "too early",
        &reconcile(&old, &inventory, &early),
        &["2026-11-01 08:00:00 UTC", "--report-created-at"],
    );
    // Half an hour after its newest row.
    let fresh = aged("base/report.json", 1_793_520_000 + 1800);
    let output = reconcile(&fresh, &inventory, &[]);
    only_the_rogue("a guess", &output);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["inputs"]["report"]["guessed"], true);
    let late = aged("rep/downloaded-late.json", 1_795_800_000);
    let inventory = field("rep/downloaded-late-inventory.json");
    refused("late", &reconcile(&late, &inventory, &[]), &["copied long after", "--report-created-at"]);
    let output = reconcile(&late, &inventory, &MADE);
    assert_eq!((output.status.code(), findings(&output)), (Some(0), vec![]), "{}", said(&output));
    // Where it may be a guess, what happened after the newest row is too young.
    let near = aged("rep/downloaded-late.json", 1_793_520_000 + 80_000);
    let output = reconcile(&near, &inventory, &[]);
    assert_eq!((output.status.code(), findings(&output)), (Some(0), vec![]), "{}", said(&output));
}

#[test]
fn reports_that_were_saved_by_a_spreadsheet_are_refused_with_the_reason() {
    let inventory = field("base/inventory.json");
    let authority = [&MADE[..], &["--authority", CA]].concat();
    for more in [&MADE[..], &authority] {
        let output = reconcile(&field("rep/spreadsheet-dates.csv"), &inventory, more);
        refused("dates", &output, &["row 1: notBefore: a time is not of the form", "row 3"]);
        let output = reconcile(&field("rep/excel-semicolon.csv"), &inventory, more);
        refused("semicolon", &output, &["`;` instead of `,`", "as AWS Private CA wrote it"]);
        let output = reconcile(&field("rep/arn-not-serial.json"), &inventory, more);
        refused("arn", &output, &["row 1: serial and certificateArn name two different certificates"]);
    }
}

#[test]
fn the_report_of_a_new_authority_is_a_report() {
    for more in [&MADE[..], &[&MADE[..], &["--authority", CA]].concat()] {
        let output = reconcile(&field("rep/empty.json"), &field("base/inventory.json"), more);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        let kinds: Vec<_> = findings(&output).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["issuance_without_certificate"; 2]);
    }
    let output = reconcile(&field("rep/empty.json"), &field("base/inventory.json"), &[]);
    refused("without a time", &output, &["--report-created-at"]);
}

#[test]
fn what_most_of_cannot_be_read_calls_nothing_unauthorized() {
    let folder = scratch("field-mostly");
    let items = std::fs::read_to_string(field("base/inventory.json")).unwrap();
    let first = items.lines().next().unwrap();
    let inventory = folder.join("inventory.json");
    std::fs::write(&inventory, format!("{first}\n{{\"Item\": {{}}}}\n{{\"Item\": {{}}}}\n")).unwrap();
    let output = reconcile(&field("base/report.json"), &inventory, &MADE);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), findings(&output)), (Some(3), vec![]), "{}", said(&output));
    assert_eq!(
        (found["verdict"].as_str(), &found["inputs"]["unjudged"]["count"]),
        (Some("incomplete"), &2.into())
    );
    let text = run(
        &["reconcile", MADE[0], MADE[1]],
        &[("--report", &field("base/report.json")), ("--inventory", &inventory)],
    );
    let shown = said(&text);
    assert!(
        shown.contains("INCOMPLETE: 2 items of the inventory cannot be read.") && !shown.contains("agree"),
        "{shown}"
    );
    assert!(
        shown.contains("Could not be judged: 1b:97:") && shown.contains("Unauthorized issuance"),
        "{shown}"
    );
}

#[test]
fn a_serial_number_that_may_be_two_is_settled_by_the_report_or_not_judged() {
    let folder = scratch("field-unclear");
    let items = std::fs::read_to_string(field("base/inventory.json")).unwrap();
    let report = std::fs::read_to_string(field("base/report.json")).unwrap();
    // Read as hexadecimal it is one of the report's, as decimal another.
    let (hex, decimal) = ("36677123925347219458131785544873315742", "1b97c1d2e3f405162738495a6b7c8d9e");
    let pairs: Vec<String> =
        hex.as_bytes().chunks(2).map(|two| String::from_utf8_lossy(two).into_owned()).collect();
    let also = report
        .replace(ROGUE, hex)
        .replace("4f:a2:1b:00:c3:d4:e5:f6:07:18:29:3a:4b:5c:6d:7e", &pairs.join(":"));
    let (both, inventory) = (folder.join("report.json"), folder.join("inventory.json"));
    std::fs::write(&both, also).unwrap();
    std::fs::write(&inventory, items.replace(decimal, hex)).unwrap();
    let output = reconcile(&both, &inventory, &MADE);
    assert_eq!((output.status.code(), findings(&output)), (Some(3), vec![]), "{}", said(&output));
    let neither = items.replace("0a6707447683a9b7f4055627ffd55ceb", "99");
    std::fs::write(&inventory, format!("{items}{}", neither.lines().next().unwrap())).unwrap();
    let output = reconcile(&field("base/report.json"), &inventory, &MADE);
    assert_eq!(findings(&output).len(), 1, "{}", said(&output));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["inputs"]["unjudged"], serde_json::json!({"count": 1, "serials": ["99"]}));
}

fn with_trail(name: &str, more: &[&str]) -> Output {
    let (report, inventory) = (field("base/report.json"), field("base/inventory.json"));
    run(
        &[&["reconcile", "--format", "json"], &MADE[..], &ISSUERS, more].concat(),
        &[("--report", &report), ("--inventory", &inventory), ("--trail", &field(name))],
    )
}

#[test]
fn log_files_are_found_by_their_names() {
    for name in ["trail/good", "trail/uncompressed"] {
        let output = with_trail(name, &[]);
        only_the_rogue(name, &output);
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["inputs"]["trail"]["attributed"], 1, "{name}");
    }
    let flat = scratch("field-flat");
    let log = "111122223333_CloudTrail_eu-central-1_20261101T0805Z_Ccccccccccccccc1.json";
    let below = "trail/uncompressed/AWSLogs/111122223333/CloudTrail/eu-central-1/2026/11/01";
    std::fs::copy(field(below).join(log), flat.join(log)).unwrap();
    let output = with_trail(flat.to_str().unwrap(), &[]);
    only_the_rogue("flat", &output);
    let output = with_trail("inv", &[]);
    refused("no trail", &output, &["no log file of eu-central-1", "files of other names"]);
}

#[test]
fn callers_of_other_accounts_and_services_are_judged_by_who_they_are() {
    for name in ["trail/shared-ca", "trail/shared-ca-details-only"] {
        only_the_rogue(name, &with_trail(name, &[]));
    }
    let odd = with_trail("trail/odd-records", &[]);
    let kinds: Vec<_> = findings(&odd).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["unauthorized_issuance", "rogue_issuer"], "a caller that is hidden is not authorised");
    let output = with_trail("trail/acm-forwarded", &[]);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rogue =
        found["findings"].as_array().unwrap().iter().find(|one| one["kind"] == "rogue_issuer").unwrap();
    let identity = &rogue["issuance"]["identity"];
    assert_eq!(
        (&identity["principal"], &identity["invoked_by"]),
        (&"arn:aws:iam::111122223333:role/Developers".into(), &"acm.amazonaws.com".into())
    );
    only_the_rogue("acm is named", &with_trail("trail/acm-forwarded", &["--issuer", "acm.amazonaws.com"]));
    // Who stands behind a service is not authorised to go through it.
    let person =
        with_trail("trail/acm-forwarded", &["--issuer", "arn:aws:iam::111122223333:role/Developers"]);
    let found: Value = serde_json::from_slice(&person.stdout).unwrap();
    assert_eq!(found["findings"][1]["authorisation"], "other_service", "{found}");
}

fn verify(name: &str, keys: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear().args(["trail", "verify"]).arg(field(name)).arg("--public-keys").arg(field(keys));
    command.args(more).output().unwrap()
}

#[test]
fn public_keys_are_read_as_every_shell_saves_them() {
    for name in ["keys/keys.json", "keys/keys-utf8-bom.json", "keys/keys-powershell-utf16.json"] {
        let output = verify("trail/signed-whole", name, &[]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", said(&output));
    }
}

#[test]
fn a_part_of_a_trail_is_whole_within_its_window() {
    let day = "trail/signed-day-only";
    let output = verify(day, "keys/keys.json", &[]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    for window in
        [&["--from", "2026-11-02"][..], &["--from", "2026-11-02T00:00:00Z", "--to", "2026-11-02T02:00:00Z"]]
    {
        let output = verify(day, "keys/keys.json", window);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }
    let nothing = verify(day, "keys/keys.json", &["--from", "2027-01-01"]);
    assert_eq!(nothing.status.code(), Some(2), "nothing is proven: {}", said(&nothing));
    let deleted = "trail/signed-two-deleted";
    let output = verify(deleted, "keys/keys.json", &["--format", "json"]);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (output.status.code(), &found["places"][0]["seconds"]["missing"]),
        (Some(2), &7200.into()),
        "{found}"
    );
    // What nobody can check for want of the digest after it stays unproven.
    let kept = verify(deleted, "keys/keys.json", &["--logs-expire-after", "1h", "--format", "json"]);
    let found: Value = serde_json::from_slice(&kept.stdout).unwrap();
    assert!(
        found["removed"].as_u64() > Some(0) && found["places"][0]["seconds"]["missing"].is_null(),
        "{found}"
    );
}

#[test]
fn what_expired_and_left_the_inventory_is_low() {
    let (report, inventory) = (field("rep/with-expired.json"), field("rep/with-expired-inventory.json"));
    let output = reconcile(&report, &inventory, &MADE);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (output.status.code(), &found["counts"]["expired_unrecorded"]),
        (Some(2), &2.into()),
        "{found}"
    );
    assert_eq!((findings(&output).len(), &found["findings"][0]["severity"]), (2, &"low".into()));
    let output = reconcile(&report, &inventory, &[&MADE[..], &["--fail-on", "medium"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    // Left out after an age, which the verdict states.
    let output = reconcile(&report, &inventory, &[&MADE[..], &["--expired-after", "30d"]].concat());
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), findings(&output)), (Some(0), vec![]), "{found}");
    assert_eq!(
        (&found["inputs"]["long_expired"], &found["inputs"]["expired_after"]),
        (&2.into(), &2_592_000.into())
    );
    let text = run(
        &["reconcile", MADE[0], MADE[1], "--expired-after", "30d"],
        &[("--report", &report), ("--inventory", &inventory)],
    );
    assert!(said(&text).contains("2 expired for more than 30 days"), "{}", said(&text));
    let output = reconcile(&report, &inventory, &[&MADE[..], &["--expired-after", "9000d"]].concat());
    assert_eq!(findings(&output).len(), 2, "{}", said(&output));
}

#[test]
fn a_cas_own_certificate_is_known_by_its_serial_number() {
    let folder = scratch("field-own-certificate");
    let report = std::fs::read_to_string(field("base/report.json")).unwrap();
    // The CA's certificate has the serial number 1, and the report names no templates.
    let zeros = ["00"; 15].join(":") + ":01";
    let report = report
        .replace(ROGUE, &zeros.replace(':', ""))
        .replace("4f:a2:1b:00:c3:d4:e5:f6:07:18:29:3a:4b:5c:6d:7e", &zeros);
    let mut rows: Value = serde_json::from_str(&report).unwrap();
    for row in rows.as_array_mut().unwrap() {
        row.as_object_mut().unwrap().remove("templateArn");
    }
    let (path, inventory) = (folder.join("report.json"), field("base/inventory.json"));
    std::fs::write(&path, rows.to_string()).unwrap();
    let output = reconcile(&path, &inventory, &MADE);
    assert_eq!(findings(&output), [("unauthorized_issuance".to_owned(), "01".to_owned())]);
    let own = field("crl/ca-printable.pem");
    let output =
        reconcile(&path, &inventory, &[&MADE[..], &["--ca-certificate", own.to_str().unwrap()]].concat());
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &found["inputs"]["infrastructure"]), (Some(0), &1.into()), "{found}");
    let wrong = [&MADE[..], &["--ca-certificate", path.to_str().unwrap()]].concat();
    refused("no certificate", &reconcile(&path, &inventory, &wrong), &["--ca-certificate", "not PEM"]);
}

#[test]
fn an_inventory_of_another_authority_calls_nothing_unauthorized() {
    let folder = scratch("field-other-authority");
    let items = std::fs::read_to_string(field("base/inventory.json")).unwrap();
    let inventory = folder.join("inventory.json");
    std::fs::write(&inventory, items.replace("11223344-1234", "99223344-1234")).unwrap();
    let output = reconcile(&field("base/report.json"), &inventory, &MADE);
    refused("other", &output, &["items of arn:aws:", "99223344-1234", "Are these the right files?"]);
}

#[test]
fn a_template_of_a_ca_excuses_nothing() {
    let folder = scratch("field-template");
    let report = std::fs::read_to_string(field("base/report.json")).unwrap();
    let path = folder.join("report.json");
    for template in ["SubordinateCACertificate_PathLen0", "OCSPSigningCertificate"] {
        std::fs::write(&path, report.replace("EndEntityCertificate", template)).unwrap();
        let output = reconcile(&path, &field("base/inventory.json"), &MADE);
        let kinds: Vec<_> = findings(&output).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["unauthorized_issuance", "rogue_issuer", "rogue_issuer"], "{template}");
    }
}
