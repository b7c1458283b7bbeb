//! Older months of the trail are read when an operator asks for them, each once.

use reqwest::StatusCode;

use crate::harness::{Console, own_sandbox};
use crate::verbs::until;

const LOAD: &str = "/api/load-month";

#[tokio::test]
async fn an_operator_has_an_older_month_read_once() {
    let sandbox = own_sandbox("months");
    let short = |config: String| config.replace("[trail]\n", "[trail]\nhistory = \"1d\"\n");
    let console = Console::start(&sandbox, "months-console", short);
    let (operator, auditor) = (console.browser(), console.browser());
    operator.sign_in("operator").await;
    auditor.sign_in("auditor").await;
    let month = until("an older month", async || {
        let coverage = operator.ask("/api/coverage", &[]).await;
        coverage["older_months"][0].as_str().map(str::to_owned)
    })
    .await;

    let refused = auditor.call(LOAD, &[("month", &month)]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    for wrong in ["", "1999-01", "2999-01", "../x", "\u{0}"] {
        let refused = operator.call(LOAD, &[("month", wrong)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {}", refused.text);
    }
    assert_eq!(operator.told("trail_month_requested", "").await, 0);

    let asked = operator.call(LOAD, &[("month", &month)]).await;
    assert!(!asked.status.is_client_error(), "{}", asked.text);
    let again = operator.call(LOAD, &[("month", &month)]).await;
    assert!(again.status.is_client_error(), "{}", again.text);
    assert_eq!(operator.told("trail_month_requested", &month).await, 1);
    until("the month", async || {
        let coverage = operator.ask("/api/coverage", &[]).await;
        let loads = coverage["loads"].as_array().unwrap();
        loads.iter().any(|load| load["month"] == month.as_str() && load["finished"] == true).then_some(())
    })
    .await;
}
