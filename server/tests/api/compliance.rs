//! The auditor's pages and what an auditor takes along, through the program that people run.

use std::collections::BTreeMap;
use std::io::Read;

use reqwest::StatusCode;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::client::{Answer, Client};
use crate::forms::healthy;
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
async fn a_number_of_findings_opens_exactly_its_list() {
    let auditor = reconciled().await.browser_of("auditor").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let compliance = format!("/compliance?authority={gateways}&from=2020-01-01&to=2029-01-01");
    // Others find more meanwhile: then both are asked again.
    let followed = until("numbers and lists that agree", async || {
        let page = auditor.get(&compliance).await;
        let links = page.text.split("<a href=\"").filter(|rest| rest.starts_with("/findings?"));
        let mut followed = 0;
        for link in links.filter(|link| link.contains("opened_from=2020-01-01")) {
            let (href, rest) = link.split_once('"').unwrap();
            let number = rest.split_once('>').unwrap().1.split_once('<').unwrap().0;
            if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            let list = auditor.get(&href.replace("&amp;", "&")).await;
            assert_eq!(list.status, StatusCode::OK, "{}", list.text);
            if !list.text.contains(&format!("of {number}")) {
                return None;
            }
            followed += 1;
        }
        Some(followed)
    })
    .await;
    assert!(followed > 0, "no number of findings has a link");
    let none = auditor.get("/findings?state=any&opened_from=2020-01-01&opened_to=2020-01-02").await;
    assert!(none.text.contains("No finding matches"), "{}", none.text);
    let wrong = auditor.get("/findings?opened_from=yesterday").await;
    assert!(wrong.text.contains("does not exist"), "{}", wrong.text);
}

const FILE: &str = "/exports/evidence.zip";

/// Asks for a pack as a browser without scripts does, and follows its page until there is a file. Gives that.
pub async fn taken(browser: &Client, fields: &[(&str, &str)]) -> (String, Vec<u8>) {
    let ordered = browser.submit("/compliance/evidence", "/api/order-pack", fields).await;
    let page = ordered.location().expect(&ordered.text);
    let page = page.path().to_owned();
    let made = eventually(browser, &page, "The file is whole").await;
    let file = format!("{FILE}?pack={}", page.rsplit_once('/').unwrap().1);
    assert!(made.text.contains(&file), "{}", made.text);
    let answer = browser.bare(reqwest::Method::GET, browser.url(&file)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let name = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    let bytes = answer.bytes().await.unwrap().to_vec();
    let hash = hex::encode(Sha256::digest(&bytes));
    assert!(made.text.contains(&hash), "the page says which file it is");
    // Who has it can be told which it was: that it was made, and that it was downloaded.
    for action in ["evidence_made", "evidence_taken"] {
        eventually(browser, &format!("/ledger?action={action}"), &hash).await;
    }
    (name, bytes)
}

/// The files in it, by their names.
pub fn unzipped(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for place in 0..zip.len() {
        let (mut file, mut text) = (zip.by_index(place).unwrap(), String::new());
        file.read_to_string(&mut text).unwrap();
        files.insert(file.name().to_owned(), text);
    }
    files
}

#[tokio::test]
async fn a_pack_of_evidence_is_made_by_a_worker_and_is_itself_in_the_ledger() {
    let auditor = reconciled().await.browser_of("auditor").await;
    let (name, bytes) = taken(&auditor, &[]).await;
    assert!(name.contains("filename=\"evidence-"), "{name}");
    let files = unzipped(&bytes);
    assert!(files["VERIFY.md"].contains("countersign verify decision"));
    assert!(files["report.html"].starts_with("<!doctype html>"));
    let issued = &files["certificates-issued.csv"];
    assert!(issued.starts_with("authority,serial,device,") && issued.lines().count() > 1, "{issued}");
    assert_eq!(files["certificates-issued.jsonl"].lines().count(), issued.lines().count() - 1);
    assert!(files["issuers.csv"].starts_with("authority,issuer,"), "{}", files["issuers.csv"]);
    let run: Value = serde_json::from_str(files["runs.jsonl"].lines().next().unwrap()).unwrap();
    assert_eq!(run["inputs"]["report"]["sha256"].as_str().map(str::len), Some(64), "{run}");
    let entry: Value = serde_json::from_str(files["ledger/entries.jsonl"].lines().next().unwrap()).unwrap();
    assert!(entry["entry"].is_string() && entry["index"].is_u64(), "{entry}");
    let summary: Value = serde_json::from_str(&files["summary.json"]).unwrap();
    assert!(summary["certificates"].is_array(), "{summary}");

    // What is not there is said.
    let none = "0193533a-0000-7000-8000-000000000001";
    let missing = auditor.get(&format!("{FILE}?pack={none}")).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(auditor.get(&format!("/compliance/evidence/{none}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(auditor.call("/api/order-pack", &[("request", none)]).await.status, StatusCode::NOT_FOUND);
    let backwards = [("from", "2026-02-02"), ("to", "2026-02-01")];
    let backwards = auditor.call("/api/order-pack", &backwards).await;
    assert_eq!(backwards.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", backwards.text);
    assert!(backwards.text.contains("The last day must not be before the first."), "{}", backwards.text);
    let nobody = shared().browser().get(&format!("{FILE}?pack={none}")).await;
    assert_ne!(nobody.status, StatusCode::OK);
    let stranger = shared().browser_of("stranger").await;
    assert_eq!(stranger.call("/api/order-pack", &[]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_pack_is_of_the_authorities_that_were_chosen_and_of_no_other() {
    let auditor = reconciled().await.browser_of("auditor").await;
    let ids = ["gateways", "devices"].map(|name| authority(&shared().sandbox, name));
    let fields = [("authorities[]", ids[0].as_str()), ("authorities[]", &ids[1])];
    let (name, bytes) = taken(&auditor, &fields).await;
    assert!(name.contains("-2-authorities.zip"), "{name}");
    let files = unzipped(&bytes);
    for id in &ids {
        let summary: Value = serde_json::from_str(&files[&format!("summary-{id}.json")]).unwrap();
        assert_eq!(summary["authorities"].as_array().map(Vec::len), Some(1), "{summary}");
        assert!(files["certificates-issued.csv"].contains(id.as_str()), "{id}");
    }
    let (_, bytes) = taken(&auditor, &fields[..1]).await;
    let files = unzipped(&bytes);
    let issued = &files["certificates-issued.csv"];
    assert!(issued.contains(&ids[0]) && !issued.contains(&ids[1]), "{issued}");
    assert!(files.contains_key("summary.json") && !files["runs.jsonl"].contains(&ids[1]));
}

#[tokio::test]
async fn a_pack_of_a_request_has_its_decisions_and_all_entries_about_it() {
    let auditor = reconciled().await.browser_of("auditor").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let operator = shared().browser_of("operator").await;
    let serial = healthy(&operator, 2).await.remove(0);
    let id = operator.request(&gateways, &[&serial]).await;
    shared().browser_of("approver").await.decide(&id, "reject").await;
    until("an entry with its place", async || {
        (auditor.told("revocation_rejected", &id).await == 1).then_some(())
    })
    .await;
    let (name, bytes) = taken(&auditor, &[("request", &id)]).await;
    assert!(name.contains(&id), "{name}");
    let files = unzipped(&bytes);
    let evidence: Value = serde_json::from_str(&files[&format!("decisions/{id}.json")]).unwrap();
    assert_eq!(evidence["decisions"].as_array().map(Vec::len), Some(1), "{evidence}");
    assert_eq!(files["requests.jsonl"].lines().count(), 1);
    let entries = &files["ledger/entries.jsonl"];
    for said in ["revocation_requested", "revocation_rejected"] {
        assert!(entries.contains(said), "no {said} in {entries}");
    }
}
