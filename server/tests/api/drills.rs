//! A drill through the program as people run it: said on every page, decided by a real sign-in, and at its end a report.

use reqwest::StatusCode;
use sandbox::Trouble;

use crate::harness::{reconciled, shared};
use crate::verbs::{authority, troubled};

const BANNER: &str = "This is a drill: no certificate is revoked";

#[tokio::test]
async fn a_drill_is_asked_for_decided_and_played_and_says_who_waited() {
    let operator = reconciled().await.browser_of("operator").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let serial = troubled(&shared().sandbox, &gateways, Trouble::FailedIssuance).remove(0);
    let form = operator.get(&format!("/revocations/new?authority={gateways}&of=serials:{serial}")).await;
    assert!(form.text.contains("name=\"drill\"") && form.text.contains(BANNER), "{}", form.text);
    let answer = operator.send_request(&gateways, &[&serial], &[("drill", "on")]).await;
    let id = answer.header("location").split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(operator.told("revocation_requested", "\"mode\":\"dry-run\"").await, 1);

    let approver = shared().browser_of("approver").await;
    let page = approver.get(&format!("/revocations/{id}")).await.text;
    // Above the request, and above the buttons.
    assert_eq!(page.matches(BANNER).count(), 2, "{page}");
    assert!(page.contains("Drill: revoke certificate") && page.contains("Approve the drill"), "{page}");
    let inbox = approver.get("/revocations?inbox=for_me").await.text;
    assert!(inbox.contains("Drill: revoke certificate"), "{inbox}");

    let approved = approver.decide(&id, "approve").await;
    assert!(!approved.status.is_client_error(), "{}", approved.text);
    let sheet = approver.reaches(&id, &["executed"]).await;
    assert_eq!((&sheet["counts"]["rehearsed"], &sheet["counts"]["revoked"]), (&1.into(), &0.into()));
    let steps = sheet["drill"]["steps"].as_array().unwrap();
    assert_eq!(steps.last().unwrap()["what"], "Done", "{sheet}");
    let page = approver.get(&format!("/revocations/{id}")).await.text;
    assert!(page.contains(BANNER) && page.contains("The longest wait was"), "{page}");
    assert!(page.contains("waited for"), "{page}");
    assert_eq!(approver.told("certificate_revoked", &id).await, 0);

    let file = approver.get(&format!("/evidence.json?request={id}")).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.json()["drill"], sheet["drill"]);
}
