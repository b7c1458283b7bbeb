//! A restart takes over the inventory that the process before it had read.

use serde_json::{Value, json};

use crate::harness::{Console, own_sandbox};
use crate::processes::without_executor;
use crate::restored::dynamodb;
use crate::verbs::{authority, until};

/// How often the process has asked for a page of a scan.
async fn scans(console: &Console) -> u64 {
    let text = console.operator().get("/metrics").await.text;
    let scans = text
        .lines()
        .filter(|line| line.starts_with("countersign_aws_calls_total") && line.contains(":Scan\""));
    scans.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
}

/// The certificates that the list shows of a device, once there is a list that was read after `since`.
async fn listed(console: &Console, device: &str, since: &str) -> (usize, String) {
    let auditor = console.browser();
    auditor.sign_in("auditor").await;
    until("a list", async || {
        let list = auditor.get(&format!("/exports/certificates.jsonl?device={device}")).await.text;
        let (first, lines) = list.split_once('\n')?;
        let first: Value = serde_json::from_str(first).unwrap();
        let as_of = first["as_of"].as_str().filter(|as_of| *as_of > since)?;
        Some((lines.lines().count(), as_of.to_owned()))
    })
    .await
}

#[tokio::test]
async fn after_a_crash_the_inventory_is_followed_on_and_not_scanned_again() {
    let sandbox = own_sandbox("kept");
    authority(&sandbox, "devices");
    let start = || Console::run(&["serve"], &sandbox, "kept-console", without_executor, &[]);
    let mut console = start();
    let (none, as_of) = listed(&console, "written-meanwhile", "").await;
    assert_eq!(none, 0);
    assert!(scans(&console).await > 0, "there was nothing to take over");
    // A moment later it knows more, and has noted that.
    listed(&console, "written-meanwhile", &as_of).await;
    console.kill();
    let item = json!({
        "device_id": { "S": "written-meanwhile" },
        "cert_serial": { "S": "0a:0b:0c:0d" },
        "ca_arn": { "S": sandbox.authorities[0].arn },
    });
    dynamodb(&sandbox, "PutItem", json!({ "TableName": sandbox.tables.inventory, "Item": item })).await;
    let mut console = start();
    let (one, as_of) = listed(&console, "written-meanwhile", &as_of).await;
    assert_eq!((one, scans(&console).await), (1, 0), "as of {as_of}");
    console.kill();

    // What another configuration has read is read anew.
    let of_another =
        |config| without_executor(config).replace("subject = \"subject\"", "subject = \"other\"");
    let console = Console::run(&["serve"], &sandbox, "kept-console", of_another, &[]);
    let (one, _) = listed(&console, "written-meanwhile", &as_of).await;
    assert_eq!(one, 1);
    assert!(scans(&console).await > 0);
}
