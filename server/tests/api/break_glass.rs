//! Breaking the glass through the program as people run it.

use reqwest::StatusCode;
use sandbox::Trouble;

use crate::harness::{Console, own_sandbox};
use crate::verbs::{authority, troubled, until};

const BANNER: &str = "Break-glass: its requester executes this alone";
const BOX: &str = "name=\"break_glass\"";
const WHY: &str = "Nobody else can be reached.";

#[tokio::test]
async fn one_of_the_group_executes_alone_and_everybody_sees_it() {
    let sandbox = own_sandbox("glass");
    let on = |config: String| config + "\n[policy.break_glass]\ngroups = [\"pki-approvers\"]\n";
    let console = Console::start(&sandbox, "glass-console", on);
    let devices = authority(&sandbox, "devices");
    let (breaker, operator) = (console.browser(), console.browser());
    breaker.sign_in("operator-approver").await;
    operator.sign_in("operator").await;
    operator.run(&devices).await;
    let serial = troubled(&sandbox, &devices, Trouble::RogueIssuer).remove(0);
    let form = format!("/revocations/new?authority={devices}&of=serials:{serial}");
    assert!(!operator.get(&form).await.text.contains(BOX), "who is not of the group is not asked");
    let fields = [("break_glass", "on"), ("why_alone", WHY)];
    let refused = operator.send_request(&devices, &[&serial], &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);

    assert!(breaker.get(&form).await.text.contains(BOX));
    let wordless = breaker.send_request(&devices, &[&serial], &[("break_glass", "on")]).await;
    assert_eq!(
        (wordless.status, &wordless.json()["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &"why_alone".into())
    );
    let made = breaker.send_request(&devices, &[&serial], &fields).await;
    let id = made.header("location").split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    let page = breaker.get(&format!("/revocations/{id}")).await.text;
    assert_eq!(page.matches(BANNER).count(), 2, "{page}");
    assert!(operator.get("/revocations").await.text.contains("Break-glass"));
    let approved = breaker.decide(&id, "approve").await;
    assert!(!approved.status.is_client_error(), "{}", approved.text);
    breaker.reaches(&id, &["executed", "proven"]).await;
    let finding = operator.finding("glass_broken", &devices, &id).await;
    assert_eq!(finding["state"]["state"], "open");
    // The list is of records that are kept by reading what changed.
    until("the finding in the list", async || {
        let list = operator.get("/findings?kind=glass_broken").await.text;
        list.contains("was executed by its requester alone").then_some(())
    })
    .await;
    assert_eq!(operator.told("alert_raised", &id).await, 1);
}
