//! Many at once: of those who want to decide, exactly as many win as are needed.

use futures::future::join_all;
use reqwest::StatusCode;
use sandbox::Trouble;

use crate::client::Client;
use crate::harness::{Console, reconciled, shared};
use crate::verbs::{authority, troubled};

/// A certificate for each test: some of them are revoked in the end.
fn target(trouble: Trouble, number: usize) -> String {
    troubled(&shared().sandbox, &authority(&shared().sandbox, "devices"), trouble).remove(number)
}

/// Twenty browsers, half of each of the two approvers.
async fn twenty(console: &Console) -> Vec<Client> {
    let people = ["approver", "operator-approver"].into_iter().cycle().take(20);
    join_all(people.map(async |person| {
        let browser = console.browser();
        browser.sign_in(person).await;
        browser
    }))
    .await
}

/// A console that revokes nothing: it is the decisions that race here.
fn rehearsing(name: &str, more: &'static str) -> Console {
    Console::start(&shared().sandbox, name, |config| {
        config.replace("mode = \"live\"", "mode = \"dry-run\"") + more
    })
}

fn won(statuses: &[StatusCode]) -> usize {
    let lost = [StatusCode::CONFLICT, StatusCode::SERVICE_UNAVAILABLE];
    assert!(statuses.iter().all(|status| !status.is_client_error() || lost.contains(status)), "{statuses:?}");
    statuses.iter().filter(|status| !lost.contains(status)).count()
}

#[tokio::test]
async fn attack_4_of_twenty_approvals_at_once_one_wins() {
    let devices = authority(&shared().sandbox, "devices");
    let operator = reconciled().await.browser_of("operator").await;
    let id = operator.request(&devices, &[&target(Trouble::RogueIssuer, 0)]).await;
    let hash = operator.sheet(&id).await["request"]["hash"].as_str().unwrap().to_owned();
    let browsers = twenty(&shared().console).await;
    let verdicts = ["approve", "reject"].into_iter().cycle();
    // Half of each want to reject it: whoever is first decides for all.
    let decisions =
        browsers.iter().zip(verdicts).map(|(browser, verdict)| browser.decide_on(&id, verdict, &hash, "1"));
    let statuses: Vec<StatusCode> =
        join_all(decisions).await.into_iter().map(|answer| answer.status).collect();
    assert_eq!(won(&statuses), 1, "{statuses:?}");
    let request = operator.sheet(&id).await["request"].clone();
    assert_eq!(request["decisions"].as_array().unwrap().len(), 1, "{request}");
    let told =
        operator.told("revocation_approved", &id).await + operator.told("revocation_rejected", &id).await;
    assert_eq!(told, 1, "the ledger tells of one decision");
    operator.assert_ledger_is_whole().await;
}

#[tokio::test]
async fn attack_4_a_quorum_of_two_is_two_people_and_no_more() {
    let console = rehearsing("race-quorum", "\n[[policy.quorum]]\napprovals = 2\n");
    let devices = authority(&shared().sandbox, "devices");
    reconciled().await;
    let operator = console.browser();
    operator.sign_in("operator").await;
    let id = operator.request(&devices, &[&target(Trouble::RogueIssuer, 1)]).await;
    let hash = operator.sheet(&id).await["request"]["hash"].as_str().unwrap().to_owned();
    let browsers = twenty(&console).await;
    let decisions = browsers.iter().map(|browser| browser.decide_on(&id, "approve", &hash, "1"));
    let statuses: Vec<StatusCode> =
        join_all(decisions).await.into_iter().map(|answer| answer.status).collect();
    assert_eq!(won(&statuses), 2, "{statuses:?}");
    let decisions = operator.sheet(&id).await["request"]["decisions"].clone();
    let people: std::collections::BTreeSet<&str> =
        decisions.as_array().unwrap().iter().map(|decision| decision["by"]["id"].as_str().unwrap()).collect();
    assert_eq!(people.len(), 2, "{decisions}");
    assert_eq!(operator.told("revocation_approved", &id).await, 2);
}

#[tokio::test]
async fn attack_5_approving_and_cancelling_at_once_has_one_outcome() {
    let devices = authority(&shared().sandbox, "devices");
    let operator = reconciled().await.browser_of("operator").await;
    let approver = shared().browser_of("approver").await;
    for _ in 0..5 {
        let id = operator.request(&devices, &[&target(Trouble::LostWrite, 0)]).await;
        let hash = operator.sheet(&id).await["request"]["hash"].as_str().unwrap().to_owned();
        // Rejected, not approved: the certificate is to be there for the next round.
        let cancel = [("id", id.as_str())];
        let (decided, cancelled) = tokio::join!(
            approver.decide_on(&id, "reject", &hash, "1"),
            operator.call("/api/cancel-request", &cancel)
        );
        assert_eq!(won(&[decided.status, cancelled.status]), 1, "{} {}", decided.text, cancelled.text);
        let state = operator.sheet(&id).await["request"]["state"].clone();
        assert!(state == "rejected" || state == "cancelled", "{state}");
    }
}

#[tokio::test]
async fn of_ten_runs_at_once_one_is_made() {
    let gateways = authority(&shared().sandbox, "gateways");
    let operator = reconciled().await.browser_of("operator").await;
    let before = operator.ask("/api/runs", &[("authority", &gateways)]).await[0].as_array().unwrap().len();
    let fields = [("authority", gateways.as_str())];
    let starts = join_all((0..10).map(|_| operator.call("/api/start-run", &fields))).await;
    let statuses: Vec<StatusCode> = starts.iter().map(|answer| answer.status).collect();
    assert!(won(&statuses) >= 1, "{statuses:?}");
    let runs = operator.ask("/api/runs", &[("authority", &gateways)]).await[0].as_array().unwrap().clone();
    assert_eq!(
        runs.len() - before,
        won(&statuses),
        "each that was answered with success is a run, and no other"
    );
    let running = runs.iter().filter(|run| run["state"] == "running").count();
    assert!(running <= 1, "{running} at once");
    for run in runs {
        operator.ended_run(&gateways, run["id"].as_str().unwrap()).await;
    }
}
