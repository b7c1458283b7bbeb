//! What was approved is halted, goes on, is tried again and is closed: by whom it may be, and told in the ledger.

use std::time::Duration;

use reqwest::StatusCode;
use sandbox::Trouble;

use crate::client::{Answer, Client};
use crate::harness::{Console, own_sandbox};
use crate::verbs::{authority, troubled, until};

const STEP_IN: &str = "/api/step-in";
const WHY: &str = "The certificate was never issued.";

async fn step(browser: &Client, id: &str, step: &str, why: &str) -> Answer {
    browser.call(STEP_IN, &[("id", id), ("step", step), ("why", why)]).await
}

#[tokio::test]
async fn a_request_is_halted_by_one_and_goes_on_by_another() {
    let sandbox = own_sandbox("halt");
    let console = Console::start(&sandbox, "halt-console", |config| config.replace("rate = 20", "rate = 1"));
    let devices = authority(&sandbox, "devices");
    let browsers = [console.browser(), console.browser(), console.browser()];
    for (browser, name) in browsers.iter().zip(["operator", "approver", "auditor"]) {
        browser.sign_in(name).await;
    }
    let [operator, approver, auditor] = &browsers;
    operator.run(&devices).await;
    let kinds = [Trouble::RogueIssuer, Trouble::LostWrite, Trouble::WrongExpiry, Trouble::StolenKey];
    let serials: Vec<String> =
        kinds.into_iter().flat_map(|kind| troubled(&sandbox, &devices, kind)).collect();
    assert!(serials.len() > 2, "{serials:?}");
    let id = operator.request(&devices, &serials.iter().map(String::as_str).collect::<Vec<_>>()).await;
    approver.decide(&id, "approve").await;
    until("the first revocation", async || {
        (operator.told("certificate_revoked", &id).await > 0).then_some(())
    })
    .await;

    let refused = step(auditor, &id, "halt", "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    let halted = step(operator, &id, "halt", "Is it the right list?").await;
    assert!(!halted.status.is_client_error(), "{}", halted.text);
    let sheet = operator.reaches(&id, &["halted"]).await;
    let revoked = sheet["counts"]["revoked"].as_u64().unwrap();
    assert!(revoked < serials.len() as u64, "{sheet}");
    let page = operator.get(&format!("/revocations/{id}")).await.text;
    assert!(page.contains("Let it go on") && page.contains("another approver must do this"), "{page}");

    for (browser, status) in [(auditor, StatusCode::FORBIDDEN), (operator, StatusCode::FORBIDDEN)] {
        let refused = step(browser, &id, "resume", "").await;
        assert_eq!(refused.status, status, "{}", refused.text);
    }
    let twice = step(approver, &id, "halt", "").await;
    assert_eq!(twice.status, StatusCode::CONFLICT, "{}", twice.text);
    // At most the call that was under way has come to its end since.
    assert!(operator.told("certificate_revoked", &id).await as u64 <= revoked + 1);
    let resumed = step(approver, &id, "resume", "").await;
    assert!(!resumed.status.is_client_error(), "{}", resumed.text);
    approver.reaches(&id, &["executed", "proven"]).await;
    assert_eq!(operator.told("certificate_revoked", &id).await, serials.len());
    assert_eq!(operator.told("revocation_halted", "Is it the right list?").await, 1);
    assert_eq!(operator.told("revocation_resumed", &id).await, 1);
    operator.assert_ledger_is_whole().await;
}

#[tokio::test]
async fn what_has_failed_is_exported_tried_again_and_closed() {
    let sandbox = own_sandbox("partly");
    let console = Console::start(&sandbox, "partly-console", |config| config);
    let devices = authority(&sandbox, "devices");
    let (operator, approver) = (console.browser(), console.browser());
    operator.sign_in("operator").await;
    approver.sign_in("approver").await;
    operator.run(&devices).await;
    let good = troubled(&sandbox, &devices, Trouble::WrongExpiry).remove(0);
    let never_issued = troubled(&sandbox, &devices, Trouble::FailedIssuance).remove(0);
    let id = operator.request(&devices, &[&good, &never_issued]).await;
    approver.decide(&id, "approve").await;
    operator.reaches(&id, &["partly_failed"]).await;

    let page = operator.get(&format!("/revocations/{id}")).await.text;
    let link = format!("/exports/failed-certificates.csv?request={id}");
    assert!(page.contains(&link) && page.contains("Try the failed ones again"), "{page}");
    let file = operator.get(&link).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.header("content-type").starts_with("text/csv"), "{file:?}");
    assert!(file.header("content-disposition").starts_with("attachment"), "{file:?}");
    let lines: Vec<&str> = file.text.lines().collect();
    assert_eq!((lines.len(), lines[0]), (2, "serial,device,subject,failed_at,error"), "{}", file.text);
    assert!(lines[1].contains("Could not find certificate"), "{}", file.text);
    let stranger = console.browser().get(&link).await;
    assert!(!stranger.text.contains("Could not find"), "{}", stranger.text);
    let elsewhere = "/exports/failed-certificates.csv?request=018bcfe5-6800-7000-8000-000000000001";
    assert_eq!(operator.get(elsewhere).await.status, StatusCode::NOT_FOUND);

    let again = step(&operator, &id, "retry", "").await;
    assert!(!again.status.is_client_error(), "{}", again.text);
    until("the second failure", async || (operator.told("revocation_failed", &id).await == 2).then_some(()))
        .await;
    operator.reaches(&id, &["partly_failed"]).await;
    assert_eq!(operator.told("certificate_revoked", &id).await, 1);

    assert_eq!(step(&operator, &id, "close", WHY).await.status, StatusCode::FORBIDDEN);
    let wordless = step(&approver, &id, "close", "").await;
    assert_eq!(wordless.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wordless.text);
    assert_eq!(wordless.json()["field"], "why");
    let closed = step(&approver, &id, "close", WHY).await;
    assert!(!closed.status.is_client_error(), "{}", closed.text);
    assert_eq!(operator.sheet(&id).await["request"]["state"], "closed");
    assert_eq!(operator.told("revocation_closed", WHY).await, 1);
    assert_eq!(step(&operator, &id, "retry", "").await.status, StatusCode::CONFLICT);
}
