//! A person's own page, their sessions, and the channels: each sees what concerns them, and ends what is theirs.

use reqwest::StatusCode;
use sandbox::Trouble;
use serde_json::Value;

use crate::client::Client;
use crate::harness::{Console, own_sandbox, reconciled};
use crate::verbs::{authority, troubled};

async fn me(client: &Client) -> Value {
    client.ask("/api/me", &[]).await
}

fn sessions(me: &Value) -> Vec<Value> {
    me["sessions"].as_array().unwrap().clone()
}

/// A console of its own: in the one that all tests share, others have sessions that must not end.
#[tokio::test]
async fn what_waits_for_somebody_and_their_sessions_are_on_their_page_alone() {
    let sandbox = own_sandbox("me");
    let console = Console::start(&sandbox, "me-console", |config| config);
    let signed_in = async |name: &str| {
        let browser = console.browser();
        browser.sign_in(name).await;
        browser
    };
    let (operator, approver) = (signed_in("operator").await, signed_in("approver").await);
    let devices = authority(&sandbox, "devices");
    operator.run(&devices).await;
    let serial = troubled(&sandbox, &devices, Trouble::WrongExpiry).remove(0);
    let id = operator.request(&devices, &[&serial]).await;
    let names = |me: &Value, list: &str| {
        let all = me[list].as_array().unwrap().iter();
        all.map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&me(&approver).await, "requests"), [id.as_str()]);
    assert_eq!(names(&me(&operator).await, "asked"), [id.as_str()]);
    assert!(names(&me(&operator).await, "requests").is_empty(), "nobody decides on their own");
    assert!(approver.get("/me").await.text.contains(&format!("/revocations/{id}")));
    let told = |me: &Value| me["told"].to_string().contains("request_waits");
    sandbox::until("the notice", async || told(&me(&approver).await).then_some(())).await;
    assert!(!told(&me(&operator).await), "nobody is told of what they did");
    operator.call("/api/cancel-request", &[("id", &id)]).await;
    assert!(names(&me(&approver).await, "requests").is_empty(), "it waits no more");
    let did = me(&operator).await["did"].to_string();
    assert!(did.contains("revocation_requested") && did.contains("revocation_cancelled"), "{did}");
    assert!(!did.contains("alert_raised"), "{did}");

    let (second, third) = (signed_in("operator").await, signed_in("operator").await);
    let hash = async |of: &Client| {
        let all = sessions(&me(of).await);
        all.into_iter().find(|one| one["current"] == true).unwrap()["hash"].as_str().unwrap().to_owned()
    };
    let other = hash(&second).await;
    assert_eq!(sessions(&me(&operator).await).len(), 3);
    assert!(sessions(&me(&operator).await).iter().all(|one| !one["begun_at"].is_null()));
    assert_eq!(sessions(&me(&approver).await).len(), 1, "nobody else's");
    assert!(operator.get("/me").await.text.contains("End this session"));
    let refused = approver.call("/api/end-session", &[("hash", &other)]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.text);
    assert_eq!(second.get("/me").await.status, StatusCode::OK, "it goes on");
    let ended = operator.call("/api/end-session", &[("hash", &other)]).await;
    assert_eq!(ended.header("location"), "/me", "{}", ended.text);
    assert_eq!(second.get("/me").await.status, StatusCode::SEE_OTHER, "it has ended");
    assert_eq!(operator.call("/api/end-session", &[("hash", &other)]).await.status, StatusCode::NOT_FOUND);
    operator.call("/api/end-other-sessions", &[]).await;
    assert_eq!(third.get("/me").await.status, StatusCode::SEE_OTHER);
    assert_eq!(sessions(&me(&operator).await).len(), 1, "but this one");
    assert_eq!(approver.get("/me").await.status, StatusCode::OK, "nobody else's");
}

#[tokio::test]
async fn channels_show_hosts_alone_and_an_operator_has_a_test_sent() {
    let shared = reconciled().await;
    let (auditor, operator) = (shared.browser_of("auditor").await, shared.browser_of("operator").await);
    let page = auditor.get("/channels").await;
    assert!(page.text.contains("everything") && page.text.contains("127.0.0.1"), "{}", page.text);
    let address = &crate::harness::shared().sandbox.notifications.webhook;
    assert!(!page.text.contains(address), "no more of an address than its host");
    assert!(page.text.contains("Only an operator can do this."), "{}", page.text);
    let fields = [("name", "everything")];
    assert_eq!(auditor.call("/api/test-channel", &fields).await.status, StatusCode::FORBIDDEN);
    let unknown = operator.call("/api/test-channel", &[("name", "nowhere")]).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{}", unknown.text);
    assert_eq!(operator.call("/api/test-channel", &fields).await.header("location"), "/channels");
    let arrived = sandbox::until("the test", async || {
        let channels = operator.ask("/api/channels", &[]).await;
        let ended = channels["channels"][0]["ended"].as_array().unwrap().clone();
        ended.into_iter().find(|sent| sent["notice"]["kind"] == "test")
    })
    .await;
    assert!(!arrived["delivery"]["delivered_at"].is_null(), "{arrived}");
    assert_eq!(operator.told("channel_tested", "everything").await, 1);
}
