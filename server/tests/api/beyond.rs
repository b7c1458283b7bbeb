//! Certificates of which no report tells yet: what an alert shows can be looked at and requested for revocation within the
//! minute, and so can what only the CA knows.

use reqwest::StatusCode;
use sandbox::Description;
use serde_json::json;

use crate::crl;
use crate::harness::{Console, own_sandbox};
use crate::verbs::{authority, until};

/// A certificate that the legacy role has issued just now.
async fn rogue(sandbox: &Description) -> String {
    sandbox.issue("legacy-deploy", &sandbox.authorities[0].arn).await.unwrap()
}

#[tokio::test]
async fn what_an_alert_shows_is_revoked_before_any_run() {
    let sandbox = own_sandbox("beyond");
    let console = Console::start(&sandbox, "beyond-console", |config| config);
    let devices = authority(&sandbox, "devices");
    let (operator, approver) = (console.browser(), console.browser());
    operator.sign_in("operator").await;
    approver.sign_in("approver").await;
    let serial = rogue(&sandbox).await;
    let id = format!("unauthorized_issuance.{devices}.{serial}");
    until("the alert", async || {
        (operator.get(&format!("/findings/{id}")).await.status == StatusCode::OK).then_some(())
    })
    .await;
    let finding = operator.ask("/api/finding", &[("id", &id)]).await;
    assert!(finding["cannot_revoke"].is_null(), "{finding}");

    let view = operator.ask("/api/certificate", &[("authority", &devices), ("serial", &serial)]).await;
    assert!(view["report"].is_null() && view["inventory"] == json!([]), "{view}");
    assert!(view["cannot_revoke"].is_null() && view.to_string().contains("role/legacy-deploy"), "{view}");

    let request = operator.request(&devices, &[&serial]).await;
    let target = operator.sheet(&request).await["targets"][0]["target"].clone();
    assert!(target["fingerprint"].is_string() && target["expires_at"].is_string(), "{target}");
    let approved = approver.decide(&request, "approve").await;
    assert!(!approved.status.is_client_error(), "{}", approved.text);
    crl::lists(&sandbox, &devices, &serial).await;

    // What nobody knows stays refused, in words.
    let made_up = operator.send_request(&devices, &["7fffdead"], &[]).await;
    assert_eq!(made_up.status, StatusCode::CONFLICT);
    assert!(made_up.text.contains("unknown to the CA and to all records"), "{}", made_up.text);
}

#[tokio::test]
async fn what_only_the_ca_knows_can_be_looked_at_and_requested() {
    let sandbox = own_sandbox("only-the-ca");
    let without_trail = |config: String| config.split("\n[trail]").next().unwrap().to_owned();
    let console = Console::start(&sandbox, "only-the-ca-console", without_trail);
    let devices = authority(&sandbox, "devices");
    let operator = console.browser();
    operator.sign_in("operator").await;
    let serial = rogue(&sandbox).await;
    let view = operator.ask("/api/certificate", &[("authority", &devices), ("serial", &serial)]).await;
    assert_eq!(view["x509"]["Ok"]["serial"], json!(serial), "{view}");
    let request = operator.request(&devices, &[&serial]).await;
    assert_eq!(operator.sheet(&request).await["request"]["state"], "pending");
}
