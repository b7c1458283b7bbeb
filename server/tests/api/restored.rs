//! An old copy of the console's table put in the place of the newer one, as docs/BACKUP.md says: what comes of it is told.

use reqwest::StatusCode;
use sandbox::{Description, Trouble};
use serde_json::{Value, json};

use crate::harness::{Console, configuration, own_sandbox, program};
use crate::verbs::{authority, troubled, until};

/// Asks the sandbox's DynamoDB as an administrator would.
pub async fn dynamodb(sandbox: &Description, operation: &str, body: Value) -> Value {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let call = http
        .post(&sandbox.endpoints.dynamodb)
        .header("x-amz-target", format!("DynamoDB_20120810.{operation}"));
    let call = call.header("content-type", "application/x-amz-json-1.0");
    // Whoever asks is not looked at, but must look as if they had signed.
    let signed = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0";
    let call = call.header("authorization", signed).header("x-amz-date", "20260101T000000Z");
    let answer = call.body(body.to_string()).send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, StatusCode::OK, "{operation}: {text}");
    serde_json::from_str(&text).unwrap()
}

/// All items of a table.
async fn copied(sandbox: &Description, table: &str) -> Vec<Value> {
    let (mut items, mut from) = (Vec::new(), Value::Null);
    loop {
        let mut scan = json!({ "TableName": table, "ConsistentRead": true });
        if !from.is_null() {
            scan["ExclusiveStartKey"] = from;
        }
        let mut page = dynamodb(sandbox, "Scan", scan).await;
        items.extend(page["Items"].as_array().unwrap().iter().cloned());
        from = page["LastEvaluatedKey"].take();
        if from.is_null() {
            return items;
        }
    }
}

const RESTORED: &str = "countersign-restored";

#[tokio::test]
async fn attack_34_a_restored_table_is_told_and_what_it_forgot_waits_again() {
    let sandbox = own_sandbox("restored");
    let devices = authority(&sandbox, "devices");
    let mut console = Console::start(&sandbox, "restored-before", |config| config);
    let (operator, approver) = (console.browser(), console.browser());
    operator.sign_in("operator").await;
    approver.sign_in("approver").await;
    operator.run(&devices).await;
    let serial = troubled(&sandbox, &devices, Trouble::WrongExpiry).remove(0);
    let id = operator.request(&devices, &[&serial]).await;
    let table = sandbox.tables.console.clone();
    let copy = copied(&sandbox, &table).await;

    // After the copy it is rejected, and the log has that.
    let rejected = approver.decide(&id, "reject").await;
    assert!(!rejected.status.is_client_error(), "{}", rejected.text);
    approver.reaches(&id, &["rejected"]).await;
    assert_eq!(approver.told("revocation_rejected", &id).await, 1);
    let entries = published(&approver).await;
    console.stop();

    // Restored to another table, which init makes usable.
    let other =
        |config: String| config.replace(&format!("console = {table:?}"), &format!("console = {RESTORED:?}"));
    let file = configuration(&sandbox, "restored-init", other);
    let init = program(&sandbox).arg("init").arg("--config").arg(file).output().unwrap();
    assert!(init.status.success(), "{init:?}");
    for items in copy.chunks(25) {
        let puts: Vec<Value> = items.iter().map(|item| json!({ "PutRequest": { "Item": item } })).collect();
        dynamodb(&sandbox, "BatchWriteItem", json!({ "RequestItems": { RESTORED: puts } })).await;
    }
    let paused = |config: String| other(config).replace("mode = \"live\"", "mode = \"live\"\npaused = true");
    let console = Console::start(&sandbox, "restored-after", paused);
    let auditor = console.browser();
    auditor.sign_in("auditor").await;

    let told = until("the finding", async || {
        let page = auditor.get("/findings/ledger_rewritten.countersign.table").await;
        (page.status == StatusCode::OK).then_some(page.text)
    })
    .await;
    assert!(told.contains("table is older than the log"), "{told}");
    // What nothing outside of the table remembers.
    assert_eq!(auditor.sheet(&id).await["request"]["state"], "pending");
    // The ledger remembers, and goes on behind.
    until("the ledger put back", async || {
        (auditor.told("revocation_rejected", &id).await == 1).then_some(())
    })
    .await;
    until("a longer log", async || (published(&auditor).await > entries).then_some(())).await;
    auditor.assert_ledger_is_whole().await;
}

/// How many entries the log has, once all that has been written is in it.
async fn published(browser: &crate::client::Client) -> u64 {
    until("a whole log", async || {
        let report = browser.ask("/api/verify-ledger", &[]).await;
        assert!(report["broken"].is_null(), "{report}");
        let size = report["log"]["size"].as_u64()?;
        let told = u64::try_from(browser.ledger().await.len()).unwrap();
        (size > 0 && size >= told).then_some(size)
    })
    .await
}
