//! Several findings at once: a burst of certificates is one alert, and its findings are handled together.

use reqwest::StatusCode;
use sandbox::Description;
use serde_json::Value;

use crate::client::Client;
use crate::harness::{Console, own_sandbox, reconciled, shared};
use crate::verbs::{authority, troubled, until};

const REASON: &str = "The lab had them issued, ticket 4711.";

/// A console that calls three certificates within ten minutes a burst.
fn console(sandbox: &Description, name: &str) -> Console {
    Console::start(sandbox, name, |config| config.replace("denied = 5", "denied = 5\nburst = 3"))
}

/// The findings as a page shows them: a line for each.
async fn seen(browser: &Client, ids: &[String]) -> String {
    let mut lines = Vec::new();
    for id in ids {
        let finding = browser.ask("/api/finding", &[("id", id)]).await["finding"].clone();
        lines.push(format!("{}#{id}", finding["version"]));
    }
    lines.join("\n")
}

async fn states(browser: &Client, ids: &[String]) -> Vec<String> {
    let mut states = Vec::new();
    for id in ids {
        let finding = browser.ask("/api/finding", &[("id", id)]).await["finding"].clone();
        states.push(finding["state"]["state"].as_str().unwrap().to_owned());
    }
    states
}

/// The entries of the ledger about an action that name all of these.
async fn told(browser: &Client, action: &str, serials: &[String]) -> usize {
    let entries = browser.ledger().await;
    let names = |entry: &&Value| {
        let text = entry.to_string();
        entry["action"] == action && serials.iter().all(|serial| text.contains(serial))
    };
    entries.iter().filter(names).count()
}

#[tokio::test]
async fn a_burst_is_one_alert_and_its_findings_are_handled_together() {
    let sandbox = own_sandbox("burst");
    let console = console(&sandbox, "burst-console");
    let arn = &sandbox.authorities[0].arn;
    let devices = authority(&sandbox, "devices");
    let operator = console.browser();
    operator.sign_in("operator").await;
    let mut serials = Vec::new();
    for _ in 0..4 {
        serials.push(sandbox.issue("legacy-deploy", arn).await.unwrap());
    }
    let ids: Vec<String> =
        serials.iter().map(|serial| format!("unauthorized_issuance.{devices}.{serial}")).collect();
    let burst = format!("issuance_burst.{devices}.arn:aws:iam::111122223333:role/legacy-deploy");
    until("the alerts", async || {
        let mut found = 0;
        for id in ids.iter().chain([&burst]) {
            let page = format!("/findings/{}", id.replace('/', "%2F"));
            found += usize::from(operator.get(&page).await.status == StatusCode::OK);
        }
        (found == 5).then_some(())
    })
    .await;
    let count = async || {
        let finding = operator.ask("/api/finding", &[("id", &burst)]).await["finding"].clone();
        finding["evidence"]["alert"]["count"].as_u64().filter(|count| *count >= 4)
    };
    until("a burst of all four", count).await;

    // Everything that this caller had issued, from the alert's page.
    let alert = operator.get(&format!("/findings/{}", burst.replace('/', "%2F"))).await;
    let of_caller =
        "of=issued%3Aprincipal%3Darn%253Aaws%253Aiam%253A%253A111122223333%253Arole%252Flegacy-deploy";
    let href = format!("/revocations/new?{of_caller}");
    assert!(alert.text.contains(&href.replace('&', "&amp;")), "no {href} in {}", alert.text);
    let plan = operator.get(&href).await;
    for part in ["Request the revocation of", ">legacy-deploy</a>", "Issued from (UTC)"] {
        assert!(plan.text.contains(part), "no {part} in {}", plan.text);
    }

    // The page of those that were ticked, as it comes without JavaScript.
    let chosen: Vec<String> = ids.iter().map(|id| format!("finding={id}")).collect();
    let page = operator.get(&format!("/findings/together?{}", chosen.join("&"))).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("Request revocation of 4 certificates"), "{}", page.text);
    let list = operator.get("/findings").await;
    assert!(list.text.contains("action=\"/findings/together\"") && list.text.contains("type=\"checkbox\""));

    // Taken on together, in one entry.
    let acknowledge = [("seen", seen(&operator, &ids).await), ("due", String::new())];
    let fields = acknowledge.each_ref().map(|(name, value)| (*name, value.as_str()));
    let taken = operator.submit("/findings", "/api/acknowledge-findings", &fields).await;
    assert!(taken.header("location").contains("/findings/together?finding="), "{taken:?}");
    assert_eq!(states(&operator, &ids).await, ["acknowledged"; 4]);
    assert_eq!(told(&operator, "finding_acknowledged", &serials).await, 1);
    // The page as it was before changes nothing any more.
    let stale = operator.call("/api/acknowledge-findings", &fields).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text);

    // On one request, which each of them names.
    let all: Vec<&str> = serials.iter().map(String::as_str).collect();
    let request = operator.request(&devices, &all).await;
    for id in &ids {
        let finding = operator.ask("/api/finding", &[("id", id)]).await;
        assert!(finding.to_string().contains(&request), "{finding}");
    }

    // Dismissed together; none of them, if one cannot be.
    let mut half = seen(&operator, &ids[..2]).await;
    let wrong = format!("{half}\n1#{}", ids[2]);
    let refused = operator.call("/api/dismiss-findings", &[("seen", &wrong), ("reason", REASON)]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert_eq!(states(&operator, &ids).await, ["acknowledged"; 4]);
    half.push('\n');
    let dismissed = operator.call("/api/dismiss-findings", &[("seen", &half), ("reason", REASON)]).await;
    assert!(!dismissed.status.is_client_error(), "{}", dismissed.text);
    assert_eq!(states(&operator, &ids).await, ["dismissed", "dismissed", "acknowledged", "acknowledged"]);
    assert_eq!(told(&operator, "finding_dismissed", &serials[..2]).await, 1);
}

#[tokio::test]
async fn nobody_but_operators_handles_findings_together() {
    let gateways = authority(&reconciled().await.sandbox, "gateways");
    let serial = troubled(&shared().sandbox, &gateways, sandbox::Trouble::RogueIssuer).remove(0);
    let ids = [format!("unauthorized_issuance.{gateways}.{serial}")];
    let auditor = shared().browser_of("auditor").await;
    let lines = seen(&auditor, &ids).await;
    let before = states(&auditor, &ids).await;
    for person in ["auditor", "approver", "stranger"] {
        let browser = shared().browser_of(person).await;
        for (function, field) in
            [("/api/acknowledge-findings", ("due", "")), ("/api/dismiss-findings", ("reason", REASON))]
        {
            let refused = browser.call(function, &[("seen", &lines), field]).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{person} {function}: {}", refused.text);
        }
    }
    assert_eq!(states(&auditor, &ids).await, before);
    let operator = shared().browser_of("operator").await;
    for nonsense in ["", "x", "1#nothing", &vec![lines.as_str(); 60].join("\n")] {
        let refused = operator.call("/api/dismiss-findings", &[("seen", nonsense), ("reason", REASON)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{nonsense}: {}", refused.text);
    }
    let unknown = format!("1#duplicate.{gateways}.0dead");
    let refused = operator.call("/api/acknowledge-findings", &[("seen", &unknown), ("due", "")]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.text);
}
