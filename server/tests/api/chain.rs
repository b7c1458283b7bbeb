//! The whole chain: a run finds what was planted, a certificate is requested, countersigned and revoked, and the next
//! run closes the finding. And what may not happen on the way.

use std::collections::BTreeMap;

use domain::views::Shown;
use reqwest::StatusCode;
use sandbox::Trouble;
use serde_json::Value;

use crate::crl;
use crate::harness::{Console, own_sandbox, reconciled, shared};
use crate::online::planted;
use crate::operations::{OF_WORK, documented, scraped};
use crate::verbs::{authority, troubled};

#[tokio::test]
async fn a_rogue_certificate_is_found_countersigned_revoked_and_proven() {
    let sandbox = own_sandbox("chain");
    // Nobody is there to be notified.
    let receiver = sandbox.notifications.webhook.clone();
    let notifying = |config: String| config.replace(&receiver, "http://127.0.0.1:1/");
    let console = Console::start_with(&sandbox, "chain-console", notifying, &[]);
    let devices = authority(&sandbox, "devices");
    let (operator, approver) = (console.browser(), console.browser());
    operator.sign_in("operator").await;
    approver.sign_in("approver").await;

    // Found: all that was planted, and nothing else.
    let run = operator.run(&devices).await;
    assert_eq!(run["state"], "finished", "{run}");
    let expected: BTreeMap<String, usize> =
        planted(&sandbox, "devices").into_iter().map(|(kind, serials)| (kind, serials.len())).collect();
    let counts: BTreeMap<String, usize> = serde_json::from_value(run["counts"].clone()).unwrap();
    let counts: BTreeMap<String, usize> = counts.into_iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(counts, expected);
    for (kind, serials) in planted(&sandbox, "devices") {
        for serial in serials {
            assert_eq!(
                operator.finding(&kind, &devices, &serial).await["state"]["state"],
                "open",
                "{kind} {serial}"
            );
        }
    }

    // Requested: the rogue one, and one that the inventory knows.
    let rogue = troubled(&sandbox, &devices, Trouble::RogueIssuer).remove(0);
    let known = troubled(&sandbox, &devices, Trouble::WrongExpiry).remove(0);
    let id = operator.request(&devices, &[&rogue, &known]).await;
    let sheet = operator.sheet(&id).await;
    assert_eq!(
        (sheet["request"]["state"].as_str(), sheet["targets"].as_array().unwrap().len()),
        (Some("pending"), 2)
    );

    // The requester cannot approve it, and is told why.
    let refused = operator.decide(&id, "approve").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("Only an approver can do this."), "{}", refused.text);
    assert!(!sheet["cannot_decide"].is_null(), "the page says so beforehand");

    // Countersigned, revoked, on the CRL, in the inventory.
    let approved = approver.decide(&id, "approve").await;
    assert!(approved.status.is_success() || approved.status.is_redirection(), "{}", approved.text);
    for serial in [&rogue, &known] {
        crl::lists(&sandbox, &devices, serial).await;
    }
    let sheet = approver.reaches(&id, &["executed", "proven"]).await;
    assert_eq!(sheet["counts"]["revoked"], 2, "{sheet}");
    let view = operator.told_inventory(&devices, &known).await;
    assert_eq!(view["status"], "revoked");

    // The next run no longer sees the disagreement; with its report, the revocation is proven.
    let next = operator.run(&devices).await;
    assert_eq!(next["state"], "finished", "{next}");
    let finding = operator.finding("unauthorized_issuance", &devices, &rogue).await;
    assert_eq!(finding["state"]["state"], "closed", "{finding}");
    approver.reaches(&id, &["proven"]).await;

    // All of it is in the ledger, the refusal too.
    operator.assert_ledger_is_whole().await;
    for action in ["revocation_requested", "revocation_approved", "execution_finished"] {
        assert_eq!(operator.told(action, &id).await, 1, "{action}");
    }
    assert_eq!(operator.told("certificate_revoked", &rogue).await, 1);
    assert_eq!(operator.told("refused", "/api/decide").await, 1);

    // And measured.
    let (documented, measured) = (documented(), scraped(&console.operator()).await);
    for name in OF_WORK {
        assert_eq!(measured.get(*name), documented.get(*name), "{name}: as in docs/OPERATING.md");
    }
    let text = console.operator().get("/metrics").await.text;
    assert!(text.contains("countersign_executions_total{outcome=\"executed\"} 1"), "{text}");
    assert!(text.contains("countersign_notifications_total{outcome=\"failed\"}"), "{text}");
}

async fn a_request(serials: &[&str]) -> (crate::client::Client, String, String) {
    let operator = reconciled().await.browser_of("operator").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let id = operator.request(&gateways, serials).await;
    (operator, gateways, id)
}

/// A certificate of the gateways that nobody revokes: requests for it are rejected or cancelled in the end. Each test takes
/// its own, for which nobody else asks meanwhile.
fn target(trouble: Trouble) -> String {
    troubled(&shared().sandbox, &authority(&shared().sandbox, "gateways"), trouble).remove(0)
}

#[tokio::test]
async fn attack_1_nobody_approves_their_own_request_in_a_second_session() {
    let gateways = authority(&shared().sandbox, "gateways");
    let mut console = Console::start(&reconciled().await.sandbox, "second-session", |config| config);
    let (first, second) = (console.browser(), console.browser());
    first.sign_in("operator-approver").await;
    second.sign_in("operator-approver").await;
    let id = first.request(&gateways, &[&target(Trouble::LostWrite)]).await;
    for browser in [&first, &second] {
        let refused = browser.decide(&id, "approve").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
        assert!(refused.text.contains("You made this request"), "{}", refused.text);
    }
    assert_eq!(first.sheet(&id).await["request"]["state"], "pending");
    assert_eq!(first.told("refused", &id).await, 1);
    // The second one of a minute is told when the minute is over, or the program ends.
    console.stop();
    let first = shared().browser_of("operator-approver").await;
    assert_eq!(first.told("refused", &id).await, 2);
    let cancelled = first.call("/api/cancel-request", &[("id", &id)]).await;
    assert!(!cancelled.status.is_client_error(), "{}", cancelled.text);
}

#[tokio::test]
async fn attack_3_and_8_an_approval_counts_once_and_for_what_was_seen() {
    let (operator, gateways, id) = a_request(&[&target(Trouble::WrongExpiry)]).await;
    let other = operator.request(&gateways, &[&target(Trouble::StolenKey)]).await;
    let approver = shared().browser_of("approver").await;
    let seen = approver.sheet(&other).await["request"]["hash"].as_str().unwrap().to_owned();
    let crossed = approver.decide_on(&id, "approve", &seen, "1").await;
    assert_eq!(crossed.status, StatusCode::CONFLICT, "{}", crossed.text);
    assert_eq!(operator.sheet(&id).await["request"]["state"], "pending");
    for request in [&id, &other] {
        let rejected = approver.decide(request, "reject").await;
        assert!(!rejected.status.is_client_error(), "{}", rejected.text);
        let again = approver.decide(request, "approve").await;
        assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text);
        assert_eq!(operator.sheet(request).await["request"]["state"], "rejected");
    }
}

#[tokio::test]
async fn attack_32_a_form_sets_nothing_but_its_fields() {
    let operator = reconciled().await.browser_of("operator").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let more = [
        ("requester", "http://127.0.0.1|somebody-else"),
        ("state", "approved"),
        ("approvals_needed", "0"),
        ("hash", &"0".repeat(64)),
    ];
    let answer = operator.send_request(&gateways, &[&target(Trouble::RogueIssuer)], &more).await;
    let id = answer.header("location").split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    let request = operator.sheet(&id).await["request"].clone();
    assert_eq!((request["state"].as_str(), request["approvals_needed"].as_u64()), (Some("pending"), Some(1)));
    assert!(request["requester"]["id"].as_str().unwrap().ends_with("-operator"), "{request}");
    // Posted again, it makes no second one.
    let again = operator.send_request(&gateways, &[&target(Trouble::RogueIssuer)], &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text);
    operator.call("/api/cancel-request", &[("id", &id)]).await;
}

#[tokio::test]
async fn forms_that_cannot_be_are_refused_in_words() {
    let operator = reconciled().await.browser_of("operator").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let shown = Shown::of(["dead".parse().unwrap()]).to_string();
    let fields: [&[(&str, &str)]; 6] = [
        &[],
        &[("authority", "../../x")],
        &[
            ("authority", &gateways),
            ("of", "serials:zz"),
            ("shown", &shown),
            ("reason", "KEY_COMPROMISE"),
            ("justification", "x"),
        ],
        &[
            ("authority", &gateways),
            ("of", "serials:0a"),
            ("shown", &shown),
            ("reason", "BOREDOM"),
            ("justification", "long enough it is"),
        ],
        &[
            ("authority", &gateways),
            ("of", "serials:dead"),
            ("shown", &shown),
            ("reason", "SUPERSEDED"),
            ("justification", "long enough it is"),
        ],
        &[
            ("authority", &gateways),
            ("of", "serials:\u{0}"),
            ("shown", "1-\u{0}"),
            ("reason", "SUPERSEDED"),
            ("justification", "\u{202e}"),
        ],
    ];
    for form in fields {
        let answer = operator.call("/api/request-revocation", form).await;
        assert!(answer.status.is_client_error(), "{form:?}: {} {}", answer.status, answer.text);
        let error: Value = answer.json();
        assert!(error["error"].is_string(), "{form:?}: {error}");
    }
}
