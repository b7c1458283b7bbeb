//! Refusals are told in the ledger, and cannot be used against it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures::StreamExt;
use reqwest::StatusCode;
use sandbox::Trouble;
use serde_json::Value;

use crate::client::Client;
use crate::harness::{Console, own_sandbox};
use crate::verbs::{authority, troubled, until};

/// As many refusals are answered while one approval is: its few requests take turns with thirty.
const MEANWHILE: u64 = 2_000;

/// What the ledger tells of refusals of this person.
async fn refusals(reader: &Client, name: &str) -> Vec<Value> {
    let entries = reader.ledger().await.into_iter();
    let theirs = |entry: &Value| entry["action"] == "refused" && entry["who"].to_string().contains(name);
    entries.filter(theirs).collect()
}

#[tokio::test]
async fn attack_a_flood_of_refusals_does_not_hold_up_an_approval() {
    let sandbox = own_sandbox("flood");
    let devices = authority(&sandbox, "devices");
    let serial = troubled(&sandbox, &devices, Trouble::WrongExpiry).remove(0);
    let mut console = Console::start(&sandbox, "flood-console", |config| config);
    let (eve, operator, approver) = (console.browser(), console.browser(), console.browser());
    eve.sign_in("auditor").await;
    operator.sign_in("operator").await;
    approver.sign_in("approver").await;
    operator.run(&devices).await;
    let id = operator.request(&devices, &[&serial]).await;

    let (refused, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let flood = futures::stream::iter(0..)
        .take_while(|_| std::future::ready(!over.load(Ordering::SeqCst)))
        .for_each_concurrent(30, |_| async {
            let answer = eve.call("/api/decide", &[]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
            refused.fetch_add(1, Ordering::SeqCst);
        });
    let approval = async {
        let hundred = async || (refused.load(Ordering::SeqCst) >= 100).then_some(());
        until("a flood", hundred).await;
        let before = refused.load(Ordering::SeqCst);
        let answer = approver.decide(&id, "approve").await;
        let meanwhile = refused.load(Ordering::SeqCst) - before;
        let hundred = async || (refused.load(Ordering::SeqCst) >= 300).then_some(());
        until("more of it", hundred).await;
        over.store(true, Ordering::SeqCst);
        (answer, meanwhile)
    };
    let (answer, meanwhile) = tokio::join!(approval, flood).0;
    assert!(answer.status.is_success() || answer.status.is_redirection(), "{}", answer.text);
    // Counted in refusals, for a machine that is busy answers both more slowly.
    assert!(meanwhile < MEANWHILE, "{meanwhile} refusals were answered while the approval waited");

    // What is counted and not told yet is told when the program ends.
    console.stop();
    let console = Console::start(&sandbox, "flood-console", |config| config);
    let reader = console.browser();
    reader.sign_in("operator").await;
    let told = refusals(&reader, "-auditor").await;
    assert!((2..=4).contains(&told.len()), "{told:?}");
    let more = |entry: &Value| entry["detail"]["more"].as_str().map(|more| more.parse::<u64>().unwrap());
    let counted: u64 = told.iter().map(|entry| more(entry).unwrap_or(1)).sum();
    assert_eq!(counted, refused.load(Ordering::SeqCst), "each of them is counted: {told:?}");
    assert!(told.iter().any(|entry| entry["detail"]["attempts"].to_string().contains("/api/decide")));
    reader.assert_ledger_is_whole().await;
}
