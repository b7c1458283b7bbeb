//! Reports that are not what AWS wrote, or not whole.

use std::path::Path;
use std::time::Duration;

use reqwest::StatusCode;
use sandbox::{Description, Trouble};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::client::Client;
use crate::harness::{Console, own_sandbox};
use crate::verbs::{authority, troubled, until};

/// A console that reads the newest report that is there.
fn reusing(sandbox: &Description, name: &str) -> Console {
    Console::start(sandbox, name, |config| {
        config.replace("report_max_age = \"0s\"", "report_max_age = \"1h\"")
    })
}

/// Takes the certificate out of the report in this file.
fn strike_out(report: &Path, serial: &str) {
    let rows: Vec<Value> = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let colons = |row: &Value| row["serial"].as_str().unwrap().replace(':', "") == serial;
    let rest: Vec<&Value> = rows.iter().filter(|row| !colons(row)).collect();
    assert_eq!(rest.len() + 1, rows.len(), "the report has it");
    std::fs::write(report, serde_json::to_vec(&rest).unwrap()).unwrap();
    // What the sandbox's S3 remembers of the object's checksum is for the old content.
    let root = report.ancestors().nth(4).unwrap();
    for file in std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()) {
        if file.to_string_lossy().ends_with(".internal.json") {
            std::fs::remove_file(file).unwrap();
        }
    }
}

/// Waits until the trail has shown that the certificate was issued.
async fn alerted(browser: &Client, authority: &str, serial: &str) {
    let page = format!("/findings/unauthorized_issuance.{authority}.{serial}");
    until("the alert", async || (browser.get(&page).await.status == StatusCode::OK).then_some(())).await;
}

#[tokio::test]
async fn attack_40_a_report_overrules_no_event() {
    let sandbox = own_sandbox("not-whole");
    let arn = &sandbox.authorities[0].arn;
    let devices = authority(&sandbox, "devices");
    let serial = sandbox.issue("legacy-deploy", arn).await.unwrap();
    let report = sandbox.report(arn).await.unwrap();
    let written = std::fs::metadata(&report).unwrap().modified().unwrap();
    strike_out(&report, &serial);
    // Whoever can write to a bucket with a clock of their own could do the same.
    std::fs::File::options().append(true).open(&report).unwrap().set_modified(written).unwrap();

    let console = reusing(&sandbox, "not-whole-console");
    let operator = console.browser();
    operator.sign_in("operator").await;
    alerted(&operator, &devices, &serial).await;
    let run = operator.run(&devices).await;
    assert_eq!(
        (&run["state"], &run["inputs"]["report"]["reused"]),
        (&"finished".into(), &true.into()),
        "{run}"
    );
    for kind in ["unauthorized_issuance", "issuance_not_reported"] {
        let finding = operator.finding(kind, &devices, &serial).await;
        assert_eq!(finding["state"]["state"], "open", "{kind}: {finding}");
    }
}

#[tokio::test]
async fn attack_40_a_report_that_was_changed_is_not_read() {
    let sandbox = own_sandbox("changed");
    let arn = &sandbox.authorities[0].arn;
    let devices = authority(&sandbox, "devices");
    let report = sandbox.report(arn).await.unwrap();
    let written = std::fs::metadata(&report).unwrap().modified().unwrap();
    let modify = |at| std::fs::File::options().append(true).open(&report).unwrap().set_modified(at).unwrap();
    let console = reusing(&sandbox, "changed-console");
    let operator = console.browser();
    operator.sign_in("operator").await;
    // The run and the ledger say which object it was.
    let run = operator.run(&devices).await;
    assert_eq!(run["state"], "finished", "{run}");
    let sha256 = run["inputs"]["report"]["sha256"].as_str().unwrap().to_owned();
    assert_eq!(sha256, hex(&Sha256::digest(std::fs::read(&report).unwrap())));
    assert_eq!(operator.told("run_finished", &sha256).await, 1);

    // Modified long after AWS had finished it.
    modify(written + Duration::from_secs(45 * 60));
    let late = operator.run(&devices).await;
    assert_eq!(late["state"], "failed", "{late}");
    assert!(late["failure"].as_str().unwrap().contains("its object was modified at"), "{late}");
    // Another content under the old time.
    let serial = troubled(&sandbox, &devices, Trouble::RogueIssuer).remove(0);
    strike_out(&report, &serial);
    modify(written);
    let other = operator.run(&devices).await;
    assert!(other["failure"].as_str().unwrap().contains("had another one"), "{other}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
