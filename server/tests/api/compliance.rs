//! The auditor's pages and what an auditor takes along, through the program that people run.

use std::io::Read;

use reqwest::StatusCode;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::client::{Answer, Client};
use crate::harness::{reconciled, shared};
use crate::verbs::{authority, until};

/// Asks until the page says it: the ledger's entries get their places and are read a moment later.
async fn eventually(browser: &Client, path: &str, said: &str) -> Answer {
    let ask = async || Some(browser.get(path).await).filter(|page| page.text.contains(said));
    until(said, ask).await
}

#[tokio::test]
async fn an_auditor_reads_the_numbers_of_a_time_and_the_lists_behind_them() {
    let auditor = reconciled().await.browser_of("auditor").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let page = eventually(&auditor, "/compliance", "Who signed in with which roles").await;
    for said in ["Who had which role", "Longest time without one", "Take evidence along", "auditor"] {
        assert!(page.text.contains(said), "no {said} in {}", page.text);
    }
    // A number leads to a list that has exactly as many.
    let page = auditor.get(&format!("/compliance?authority={gateways}&from=2020-01-01&to=2029-01-01")).await;
    let link = page
        .text
        .split("<a href=\"")
        .find(|rest| rest.starts_with("/certificates?") && rest.contains("issued="));
    let (href, rest) = link.expect(&page.text).split_once('"').unwrap();
    let number = rest.split_once('>').unwrap().1.split_once('<').unwrap().0;
    let list = auditor.get(&href.replace("&amp;", "&")).await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.text);
    assert!(list.text.contains(&format!("of {number}")), "not {number}: {}", list.text);
    let later = auditor.get("/compliance?from=2026-02-02&to=2026-02-01").await;
    assert!(later.text.contains("The last day must not be before the first."), "{}", later.text);
    let wrong = auditor.get("/compliance?from=yesterday").await;
    assert!(wrong.text.contains("does not exist"), "{}", wrong.text);
}

#[tokio::test]
async fn controls_are_shown_with_their_figures() {
    let auditor = reconciled().await.browser_of("auditor").await;
    let page = auditor.get("/compliance/controls").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    for said in ["AC-3(2)", "CC8.1", "A.8.15", "certificates issued", "entries of the ledger"] {
        assert!(page.text.contains(said), "no {said} in {}", page.text);
    }
}

#[tokio::test]
async fn a_pack_of_evidence_is_whole_and_itself_in_the_ledger() {
    let auditor = reconciled().await.browser_of("auditor").await;
    let answer =
        auditor.bare(reqwest::Method::GET, auditor.url("/exports/evidence.zip")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let bytes = answer.bytes().await.unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes.clone())).unwrap();
    let mut text = |name: &str| {
        let mut text = String::new();
        zip.by_name(name)
            .unwrap_or_else(|error| panic!("{name}: {error}"))
            .read_to_string(&mut text)
            .unwrap();
        text
    };
    assert!(text("VERIFY.md").contains("countersign verify decision"));
    assert!(text("report.html").starts_with("<!doctype html>"));
    let issued = text("certificates-issued.csv");
    assert!(issued.starts_with("authority,serial,device,") && issued.lines().count() > 1, "{issued}");
    assert_eq!(text("certificates-issued.jsonl").lines().count(), issued.lines().count() - 1);
    let run: Value = serde_json::from_str(text("runs.jsonl").lines().next().unwrap()).unwrap();
    assert_eq!(run["inputs"]["report"]["sha256"].as_str().map(str::len), Some(64), "{run}");
    let entries = text("ledger/entries.jsonl");
    let entry: Value = serde_json::from_str(entries.lines().next().unwrap()).unwrap();
    assert!(entry["entry"].is_string() && entry["index"].is_u64(), "{entry}");
    let summary: Value = serde_json::from_str(&text("summary.json")).unwrap();
    assert!(summary["certificates"].is_array(), "{summary}");
    // Who has it can be told which it was.
    let hash = hex::encode(Sha256::digest(&bytes));
    eventually(&auditor, "/ledger", &hash).await;

    let missing = auditor.get("/exports/evidence.zip?request=0193533a-0000-7000-8000-000000000001").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let nobody = shared().browser().get("/exports/evidence.zip").await;
    assert_ne!(nobody.status, StatusCode::OK);
}
