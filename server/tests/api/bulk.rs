//! All findings that match, handled at once: by operators, as forms without JavaScript do it, in the background.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use crate::client::Client;
use crate::harness::{Console, own_sandbox};
use crate::verbs::{authority, until};

const OF: &str = "kind=unauthorized_issuance";

/// How many the page says that match; 0: it says that there is none.
async fn matching(browser: &Client) -> u64 {
    let page = browser.get(&format!("/findings/matching?{OF}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let (_, rest) = page.text.split_once("<h1>All ").unwrap();
    rest.split_once(' ').unwrap().0.parse().unwrap()
}

/// What became of it, once it has ended.
async fn ended(browser: &Client, location: &str) -> Value {
    let id = location.rsplit_once('/').unwrap().1;
    until("the end of it", async || {
        Some(browser.ask("/api/bulk", &[("id", id)]).await).filter(|bulk| !bulk["end"].is_null())
    })
    .await
}

#[tokio::test]
async fn all_that_match_are_handled_at_once_by_operators_alone() {
    let sandbox = own_sandbox("bulk");
    let console = Console::start(&sandbox, "bulk-console", |config| config);
    let devices = authority(&sandbox, "devices");
    let operator = console.browser();
    operator.sign_in("operator").await;
    for _ in 0..3 {
        sandbox.issue("legacy-deploy", &sandbox.authorities[0].arn).await.unwrap();
    }
    let number = until("the alerts, and no more of them", async || {
        let before = matching(&operator).await;
        // time passes: alerts come one after the other, and nothing says which is the last.
        tokio::time::sleep(Duration::from_secs(10)).await;
        (before >= 3 && matching(&operator).await == before).then_some(before)
    })
    .await
    .to_string();
    let acknowledge =
        [("of", OF), ("shown", number.as_str()), ("confirm", number.as_str()), ("due", "2099-01-01")];
    let dismiss =
        [("of", OF), ("shown", &number), ("number", &number), ("reason", "All of them are a test.")];
    let revoke = [("of", OF), ("authority", &devices)];
    let nothing = [("id", "0193533a-0000-7000-8000-000000000001")];
    for person in ["auditor", "approver", "stranger"] {
        let browser = console.browser();
        browser.sign_in(person).await;
        for (function, fields) in [
            ("/api/acknowledge-matching", &acknowledge[..]),
            ("/api/dismiss-matching", &dismiss[..]),
            ("/api/revoke-matching", &revoke[..]),
            ("/api/stop-bulk", &nothing[..]),
        ] {
            let refused = browser.call(function, fields).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{person} {function}: {}", refused.text);
        }
    }
    let list = operator.get(&format!("/findings?{OF}")).await;
    assert!(list.text.contains(&format!("Handle all {number} that match")), "{}", list.text);
    let page = format!("/findings/matching?{OF}");
    let taken = operator.submit(&page, "/api/acknowledge-matching", &acknowledge).await;
    let bulk = ended(&operator, taken.header("location")).await;
    assert_eq!(
        (bulk["done"].to_string(), bulk["left"].to_string()),
        (number.clone(), "{}".to_owned()),
        "{bulk}"
    );
    let shown = operator.get(taken.header("location")).await;
    assert!(shown.text.contains("Done") && shown.text.contains("due 2099-01-01"), "{}", shown.text);
    // What the worker has written is in the lists of the other process a moment later.
    until("the list of one's own", async || {
        let mine = operator.get("/findings?owner=me&sort=issued_last").await;
        mine.text.contains(&format!("of {number}")).then_some(())
    })
    .await;
    let overdue = operator.get("/findings?owner=me&due=overdue").await;
    assert!(overdue.text.contains("No finding matches"), "{}", overdue.text);

    // A page that is not true any more changes nothing.
    let stale = [("of", OF), ("shown", "1"), ("number", ""), ("reason", "All of them are a test.")];
    let refused = operator.call("/api/dismiss-matching", &stale).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    for (name, wrong) in [("of", "kind=evil"), ("shown", "-1"), ("due", "yesterday"), ("owner", "x")] {
        let fields = [("of", OF), ("shown", "3"), ("due", ""), ("owner", "")];
        let fields = fields.map(|(field, value)| (field, if field == name { wrong } else { value }));
        let refused = operator.call("/api/acknowledge-matching", &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {}", refused.text);
    }
    // Their certificates are a list, of which a request can be made.
    let form = operator.submit(&page, "/api/revoke-matching", &revoke).await;
    let form = operator.get(form.header("location")).await;
    assert!(form.text.contains("Request the revocation of"), "{}", form.text);
    let dismissed = operator.submit(&page, "/api/dismiss-matching", &dismiss).await;
    let bulk = ended(&operator, dismissed.header("location")).await;
    assert_eq!(bulk["done"].to_string(), number, "{bulk}");
    let stopped = operator.call("/api/stop-bulk", &[("id", bulk["id"].as_str().unwrap())]).await;
    assert_eq!(stopped.status, StatusCode::CONFLICT, "{}", stopped.text);
    let unknown = operator.call("/api/stop-bulk", &nothing).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{}", unknown.text);
}
