//! Runs by schedule on their page, and runs held against each other: as a page without JavaScript, and as files.

use reqwest::StatusCode;
use serde_json::Value;

use crate::exports::told;
use crate::harness::{reconciled, shared};
use crate::verbs::{authority, until};

#[tokio::test]
async fn the_page_of_runs_says_what_is_due() {
    let auditor = shared().browser_of("auditor").await;
    let page = auditor.get("/runs").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["By schedule", "<code>0 3 1 * *</code>", "nothing was due"] {
        assert!(page.text.contains(part), "no {part} in {}", page.text);
    }
}

#[tokio::test]
async fn two_runs_are_compared_on_a_page_and_as_files() {
    let operator = reconciled().await.browser_of("operator").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let run = operator.run(&gateways).await;
    let id = run["id"].as_str().unwrap();
    let compared = &run["compared"];
    assert!(compared["counts"]["still"].as_u64().unwrap() > 0, "{run}");
    let auditor = shared().browser_of("auditor").await;
    let page = auditor.get(&format!("/runs/{gateways}/{id}")).await;
    let link = format!("/runs/{gateways}/{id}/compare?with={}", compared["with"].as_str().unwrap());
    assert!(page.text.contains("Since the run before") && page.text.contains(&link), "{}", page.text);

    let page = auditor.get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["Runs of gateways compared", "Still there", "Compare with", "/exports/run-comparison.csv?"] {
        assert!(page.text.contains(part), "no {part} in {}", page.text);
    }
    // Without saying with which, it is the run before.
    let before = auditor.get(&format!("/runs/{gateways}/{id}/compare")).await;
    assert!(before.text.contains("Runs of gateways compared"), "{}", before.text);

    let asked = format!("with={}&authority={gateways}&run={id}", compared["with"].as_str().unwrap());
    let file = auditor.get(&format!("/exports/run-comparison.csv?{asked}")).await;
    assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "text/csv; charset=utf-8"));
    let mut rows = csv::Reader::from_reader(file.text.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().collect::<Result<_, _>>().unwrap();
    let counts = ["new", "gone", "still"].map(|name| compared["counts"][name].as_u64().unwrap());
    for (name, count) in ["new", "gone", "still"].iter().zip(counts) {
        assert_eq!(rows.iter().filter(|row| row[0] == **name).count() as u64, count, "{name}");
    }
    let taken = until("who took it along in the ledger", async || {
        let begun = told(&auditor, "export_begun", asked.split('&').next().unwrap()).await;
        let id = begun.first()?["detail"]["export"].as_str().unwrap().to_owned();
        told(&auditor, "export_ended", &id).await.pop()
    });
    assert_eq!(taken.await["detail"]["rows"], counts.iter().sum::<u64>().to_string());
    let file = auditor.get(&format!("/exports/run-comparison.jsonl?only=still&{asked}")).await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"run-comparison.jsonl\"");
    let lines: Vec<Value> = file.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["later"]["id"], lines.len() as u64 - 1), (&run["id"], counts[2]));
    assert!(lines[1..].iter().all(|line| line["difference"] == "still" && line["serial"].is_string()));
}

#[tokio::test]
async fn what_cannot_be_compared_says_why() {
    let auditor = reconciled().await.browser_of("auditor").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let runs = auditor.ask("/api/runs", &[("authority", &gateways)]).await;
    let first = runs[0].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
    let page = auditor.get(&format!("/runs/{gateways}/{first}/compare")).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.text.contains("There is no run before this one"), "{}", page.text);
    for query in ["", "?run=x", &format!("?authority={gateways}&run={first}&only=nothing")] {
        let file = auditor.get(&format!("/exports/run-comparison.csv{query}")).await;
        assert!(!file.status.is_success() && !file.header("content-type").contains("csv"), "{query}");
    }
    let unknown = "018bcfe5-6800-7000-8000-000000000001";
    let page = auditor.get(&format!("/runs/{gateways}/{unknown}/compare")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND, "{}", page.text);
}
