//! Findings are taken on and dismissed by operators who saw them as they are; each step and each refusal is told.

use reqwest::StatusCode;
use sandbox::Trouble;
use serde_json::Value;

use crate::client::{Answer, Client};
use crate::harness::{reconciled, shared};
use crate::verbs::{authority, troubled, until};

/// A finding of the gateways that no other test touches.
struct Finding {
    authority: String,
    kind: &'static str,
    serial: String,
}

impl Finding {
    fn of(kind: &'static str, trouble: Trouble) -> Self {
        let authority = authority(&shared().sandbox, "gateways");
        let serial = troubled(&shared().sandbox, &authority, trouble).remove(0);
        Self { authority, kind, serial }
    }

    fn id(&self) -> String {
        format!("{}.{}.{}", self.kind, self.authority, self.serial)
    }

    async fn seen_by(&self, browser: &Client) -> Value {
        browser.finding(self.kind, &self.authority, &self.serial).await
    }

    /// Sends a form about it, as it is now.
    async fn handle(&self, browser: &Client, function: &str, field: (&str, &str)) -> Answer {
        let version = self.seen_by(browser).await["version"].to_string();
        self.handle_version(browser, function, &version, field).await
    }

    async fn handle_version(
        &self,
        browser: &Client,
        function: &str,
        version: &str,
        field: (&str, &str),
    ) -> Answer {
        browser.call(function, &[("id", &self.id()), ("version", version), field]).await
    }
}

const ACKNOWLEDGE: &str = "/api/acknowledge-finding";
const DISMISS: &str = "/api/dismiss-finding";
const REASON: (&str, &str) = ("reason", "The lab revoked it by hand, ticket 4711.");

#[tokio::test]
async fn an_operator_acknowledges_a_finding_and_the_ledger_tells_of_it() {
    let operator = reconciled().await.browser_of("operator").await;
    let finding = Finding::of("revocation_not_recorded", Trouble::RevokedOutside);
    let before = finding.seen_by(&operator).await;
    assert_eq!(before["state"]["state"], "open", "{before}");

    for nonsense in ["2001-01-01", "tomorrow"] {
        let refused = finding.handle(&operator, ACKNOWLEDGE, ("due", nonsense)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{nonsense}: {}", refused.text);
        assert_eq!(refused.json()["field"], "due");
    }
    assert_eq!(finding.seen_by(&operator).await, before, "what is refused changes nothing");

    let taken = finding.handle(&operator, ACKNOWLEDGE, ("due", "2999-12-31")).await;
    assert!(!taken.status.is_client_error(), "{}", taken.text);
    assert!(taken.header("location").starts_with("/findings/"), "{taken:?}");
    let after = finding.seen_by(&operator).await;
    assert_eq!(after["state"]["state"], "acknowledged", "{after}");
    assert!(after["state"]["owner"]["id"].as_str().unwrap().ends_with("-operator"), "{after}");
    assert_eq!(after["state"]["due"], "2999-12-31T23:59:59Z");
    assert_eq!(after["version"].as_u64(), before["version"].as_u64().map(|version| version + 1));
    assert_eq!(operator.told("finding_acknowledged", &finding.id()).await, 1);

    // Decided by the page as it was before.
    let version = before["version"].to_string();
    let stale = finding.handle_version(&operator, ACKNOWLEDGE, &version, ("due", "")).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text);
    assert_eq!(finding.seen_by(&operator).await, after);
    assert_eq!(operator.told("finding_acknowledged", &finding.id()).await, 1);
}

#[tokio::test]
async fn an_operator_dismisses_a_finding_with_a_reason_and_the_ledger_has_it() {
    let operator = reconciled().await.browser_of("operator").await;
    let finding = Finding::of("revocation_not_effective", Trouble::RevocationNotMade);
    let before = finding.seen_by(&operator).await;
    assert_eq!(before["state"]["state"], "open", "{before}");

    for reason in ["", "          ", "too short", &"x".repeat(1001)] {
        let refused = finding.handle(&operator, DISMISS, ("reason", reason)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{reason:?}: {}", refused.text);
        assert_eq!(refused.json()["field"], "reason");
    }
    let (id, version) = (finding.id(), before["version"].to_string());
    let without = operator.call(DISMISS, &[("id", &id), ("version", &version)]).await;
    assert!(without.status.is_client_error(), "{}", without.text);
    assert_eq!(finding.seen_by(&operator).await, before, "what is refused changes nothing");

    let dismissed = finding.handle(&operator, DISMISS, REASON).await;
    assert!(!dismissed.status.is_client_error(), "{}", dismissed.text);
    let after = finding.seen_by(&operator).await;
    assert_eq!(after["state"]["state"], "dismissed", "{after}");
    assert_eq!(after["state"]["reason"], REASON.1);
    assert!(after["state"]["by"]["id"].as_str().unwrap().ends_with("-operator"), "{after}");
    let told = operator.ledger().await;
    let told: Vec<&Value> = told
        .iter()
        .filter(|entry| entry["action"] == "finding_dismissed" && entry.to_string().contains(&id))
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["detail"]["reason"], REASON.1);

    // Decided by the page as it was before, and once more by the page as it is.
    let stale = finding.handle_version(&operator, DISMISS, &version, REASON).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text);
    let again = finding.handle(&operator, DISMISS, REASON).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text);
    assert_eq!(finding.seen_by(&operator).await, after);
}

#[tokio::test]
async fn nobody_but_operators_handles_findings() {
    let finding = Finding::of("revocation_not_countersigned", Trouble::RevokedOutsideAndRecorded);
    let auditor = reconciled().await.browser_of("auditor").await;
    let before = finding.seen_by(&auditor).await;
    for person in ["auditor", "approver", "stranger"] {
        let browser = shared().browser_of(person).await;
        for (function, field) in [(ACKNOWLEDGE, ("due", "")), (DISMISS, REASON)] {
            let version = before["version"].to_string();
            let refused = finding.handle_version(&browser, function, &version, field).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{person} {function}: {}", refused.text);
        }
    }
    assert_eq!(finding.seen_by(&auditor).await, before);
    for function in [ACKNOWLEDGE, DISMISS] {
        // One that was only counted is told when its minute is over.
        until("the refusal in the ledger", async || {
            (auditor.told("refused", function).await > 0).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn what_does_not_exist_is_not_handled() {
    let operator = reconciled().await.browser_of("operator").await;
    let finding = Finding {
        authority: authority(&shared().sandbox, "gateways"),
        kind: "duplicate",
        serial: "0dead".to_owned(),
    };
    for (function, field) in [(ACKNOWLEDGE, ("due", "")), (DISMISS, REASON)] {
        let unknown = finding.handle_version(&operator, function, "1", field).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{}", unknown.text);
    }
}
