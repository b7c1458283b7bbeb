//! The program is killed at the worst moments. After a restart nothing is lost, and nothing is done twice.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use sandbox::{PATIENCE, Trouble};
use sha2::{Digest, Sha256};

use crate::crl;
use crate::harness::{Console, own_sandbox};
use crate::processes::without_executor;
use crate::verbs::{authority, troubled, until};

/// Kills the console at `point` of an execution, starts it again, and looks at what became of it.
async fn dies_at(point: &str) {
    let sandbox = own_sandbox(&format!("crash-{point}"));
    let devices = authority(&sandbox, "devices");
    // In the inventory, so that this has to be told as well.
    let serial = troubled(&sandbox, &devices, Trouble::WrongExpiry).remove(0);
    let name = format!("crash-console-{point}");
    let mut console =
        Console::start_with(&sandbox, &name, |config| config, &[("COUNTERSIGN_ABORT_AT", point)]);
    let (operator, approver) = (console.browser(), console.browser());
    operator.sign_in("operator").await;
    approver.sign_in("approver").await;
    let run = operator.run(&devices).await;
    assert_eq!(run["state"], "finished", "{run}");
    let id = operator.request(&devices, &[&serial]).await;
    let seen = approver.sheet(&id).await["request"]["hash"].as_str().unwrap().to_owned();
    // There may be no answer: it dies.
    approver.try_decide(&id, &seen).await;
    assert!(console.ended(Duration::from_secs(30)), "the console died {point}");

    let console = Console::start(&sandbox, &name, |config| config);
    let auditor = console.browser();
    auditor.sign_in("auditor").await;
    let sheet = auditor.reaches(&id, &["executed", "proven"]).await;
    assert_eq!(
        (sheet["counts"]["revoked"].as_u64(), sheet["counts"]["failed"].as_u64()),
        (Some(1), Some(0)),
        "{sheet}"
    );
    crl::lists(&sandbox, &devices, &serial).await;
    auditor.told_inventory(&devices, &serial).await;
    for action in ["revocation_approved", "inventory_recorded", "execution_finished"] {
        assert_eq!(auditor.told(action, &id).await, 1, "{action} {point}");
    }
    assert_eq!(auditor.told("certificate_revoked", &serial).await, 1, "{point}");
    auditor.assert_ledger_is_whole().await;
}

#[tokio::test]
async fn attack_9_killed_between_approval_and_execution() {
    dies_at("after-approval").await;
}

#[tokio::test]
async fn attack_9_killed_before_the_call() {
    dies_at("before-revoke-call").await;
}

#[tokio::test]
async fn attack_9_killed_between_the_call_and_its_record() {
    dies_at("after-revoke-call").await;
}

#[tokio::test]
async fn attack_9_killed_between_the_record_and_the_inventory() {
    dies_at("after-revoke-record").await;
}

#[tokio::test]
async fn a_run_survives_the_end_of_its_server() {
    let sandbox = own_sandbox("crash-run");
    let devices = authority(&sandbox, "devices");
    let mut console = Console::start(&sandbox, "crash-run-console", |config| config);
    let operator = console.browser();
    operator.sign_in("operator").await;
    let id = operator.start_run(&devices).await;
    console.kill();
    let console = Console::start(&sandbox, "crash-run-console", |config| config);
    let auditor = console.browser();
    auditor.sign_in("auditor").await;
    let run = auditor.ended_run(&devices, &id).await;
    assert_eq!((run["state"].as_str(), run["id"].as_str()), (Some("finished"), Some(id.as_str())), "{run}");
    assert_eq!(auditor.told("run_started", &id).await, 1);
    assert_eq!(auditor.told("run_finished", &id).await, 1);
}

#[tokio::test]
async fn a_pack_of_evidence_whose_worker_dies_is_never_half_there_and_made_by_the_next() {
    let sandbox = own_sandbox("crash-pack");
    let (name, point) = ("crash-pack-console", [("COUNTERSIGN_ABORT_AT", "after-pack-part")]);
    let mut console = Console::start_with(&sandbox, name, |config| config, &point);
    let auditor = console.browser();
    auditor.sign_in("auditor").await;
    let ordered = auditor.submit("/compliance/evidence", "/api/order-pack", &[]).await;
    let page = ordered.location().expect(&ordered.text).path().to_owned();
    let file = format!("/exports/evidence.zip?pack={}", page.rsplit_once('/').unwrap().1);
    assert!(console.ended(PATIENCE), "the console died with a part of the file kept");

    // Nobody makes it: it is not there.
    let web = Console::run(&["serve"], &sandbox, "crash-pack-web", without_executor, &[]);
    let auditor = web.browser();
    auditor.sign_in("auditor").await;
    assert_eq!(auditor.get(&file).await.status, StatusCode::CONFLICT);
    assert!(auditor.get(&page).await.text.contains("Being made"));
    let _worker = Console::run(&["work"], &sandbox, "crash-pack-worker", |config| config, &[]);
    let made = until("the file", async || {
        Some(auditor.get(&page).await).filter(|page| page.text.contains("The file is whole"))
    })
    .await;
    let bytes = auditor.bare(Method::GET, auditor.url(&file)).send().await.unwrap().bytes().await.unwrap();
    assert!(made.text.contains(&hex::encode(Sha256::digest(&bytes))), "{}", made.text);
    let told = async || (auditor.told("evidence_made", "").await == 1).then_some(());
    until("the entry that it is made", told).await;
}
