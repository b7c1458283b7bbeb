//! Lists as files: all that match and nothing else, with the columns that are chosen, for those who may read the lists; and
//! the ledger tells of it.

use reqwest::StatusCode;
use serde_json::Value;

use crate::client::Client;
use crate::forms::healthy;
use crate::harness::{reconciled, shared};
use crate::verbs::{authority, until};

const FINDINGS: &str = "/exports/findings.csv";

fn rows(text: &str) -> (Vec<String>, Vec<csv::StringRecord>) {
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let head = csv.headers().unwrap().iter().map(str::to_owned).collect();
    (head, csv.records().collect::<Result<_, _>>().unwrap())
}

fn lines(text: &str) -> (Value, Vec<Value>) {
    let mut lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (lines.next().unwrap(), lines.collect())
}

/// The entries of the ledger of this action whose details have this text.
pub async fn told(reader: &Client, action: &str, text: &str) -> Vec<Value> {
    let mut entries = reader.ledger().await;
    entries.retain(|entry| entry["action"] == action && entry["detail"].to_string().contains(text));
    entries
}

#[tokio::test]
async fn a_list_of_findings_is_a_file_of_all_that_match_in_its_order() {
    let auditor = reconciled().await.browser_of("auditor").await;
    // Others handle some of them meanwhile: what was found stays.
    for sort in ["", "&sort=issued_last", "&sort=issued_first"] {
        let query = format!("kind=rogue_issuer{sort}");
        let page = auditor.get(&format!("/findings?{query}")).await;
        let file = auditor.get(&format!("{FINDINGS}?{query}&page=7")).await;
        assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "text/csv; charset=utf-8"));
        let (head, rows) = rows(&file.text);
        assert_eq!(head[..4], ["id", "severity", "kind", "finding"]);
        assert!(!rows.is_empty() && rows.iter().all(|row| &row[2] == "rogue_issuer"));
        assert!(
            page.text.contains(&format!(" of {}", rows.len())),
            "as many as the list says: {}",
            rows.len()
        );
        let place = |row: &csv::StringRecord| page.text.find(&row[0]).unwrap();
        assert!(rows.iter().take(50).is_sorted_by_key(place), "in the order of the list");
    }
}

#[tokio::test]
async fn what_is_taken_along_about_a_request_is_in_the_ledger() {
    let auditor = reconciled().await.browser_of("auditor").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let operator = shared().browser_of("operator").await;
    let serial = healthy(&operator, 1).await.remove(0);
    let id = operator.request(&gateways, &[&serial]).await;
    shared().browser_of("approver").await.decide(&id, "reject").await;
    let files = [
        ("/exports/failed-certificates.csv", "failed-"),
        ("/exports/devices-without-certificate.csv", "devices-"),
        ("/evidence.json", "decisions-"),
    ];
    for (path, name) in files {
        let file = auditor.get(&format!("{path}?request={id}")).await;
        assert_eq!(file.status, StatusCode::OK, "{path}: {}", file.text);
        let taken = until("who took it along in the ledger", async || {
            let mut begun = told(&auditor, "export_begun", &id).await;
            begun.retain(|entry| entry["object"].to_string().contains(name));
            let export = begun.pop()?["detail"]["export"].as_str().unwrap().to_owned();
            told(&auditor, "export_ended", &export).await.pop()
        });
        // One decision; a row for each line but the header.
        let rows = if path.ends_with(".csv") { file.text.lines().count() - 1 } else { 1 };
        assert_eq!(taken.await["detail"]["rows"], rows.to_string(), "{path}");
    }
}

#[tokio::test]
async fn columns_are_chosen_and_the_first_line_says_what_the_others_are() {
    let auditor = reconciled().await.browser_of("auditor").await;
    let file = auditor.get("/exports/findings.jsonl?severity=critical&columns=state,id,first_seen").await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"findings.jsonl\"");
    let (head, findings) = lines(&file.text);
    assert_eq!((&head["list"], &head["filter"]), (&"findings".into(), &"severity=critical".into()));
    assert_eq!(head["columns"], serde_json::json!(["id", "state", "first_seen"]));
    for name in ["made_at", "as_of"] {
        assert!(head[name].as_str().unwrap().ends_with('Z'), "{head}");
    }
    assert!(!findings.is_empty());
    for finding in findings {
        let names: Vec<&String> = finding.as_object().unwrap().keys().collect();
        assert_eq!(names.len(), 3, "{finding}");
        assert!(finding["first_seen"].as_str().unwrap().ends_with('Z'), "{finding}");
    }
}

#[tokio::test]
async fn each_list_is_a_file_and_leaves_two_entries_in_the_ledger() {
    let auditor = reconciled().await.browser_of("auditor").await;
    for (list, query, column) in [
        ("certificates", "status=active&sort=serial", "serial"),
        ("findings", "severity=medium", "kind"),
        ("activity", "event=IssueCertificate", "principal"),
        ("requests", "reason=KEY_COMPROMISE", "state"),
        ("ledger", "action=signed_in", "action"),
    ] {
        let csv = auditor.get(&format!("/exports/{list}.csv?{query}")).await;
        assert_eq!(csv.status, StatusCode::OK, "{list}: {}", csv.text);
        let (head, rows) = rows(&csv.text);
        assert!(head.iter().any(|name| name == column), "{list}: {head:?}");
        let json = auditor.get(&format!("/exports/{list}.jsonl?{query}")).await;
        let (first, _) = lines(&json.text);
        assert_eq!((&first["list"], &first["filter"]), (&list.into(), &query.into()));

        let told = until("the end of both in the ledger", async || {
            let begun = told(&auditor, "export_begun", &format!("\"{query}\"")).await;
            let ids: Vec<String> =
                begun.iter().map(|entry| entry["detail"]["export"].as_str().unwrap().to_owned()).collect();
            let mut ended = Vec::new();
            for id in &ids {
                ended.extend(told(&auditor, "export_ended", id).await);
            }
            (ids.len() >= 2 && ended.len() == ids.len()).then_some((begun, ended))
        })
        .await;
        let (begun, ended) = told;
        assert_eq!(begun[0]["object"]["route"], format!("exports/{list}.csv"), "{begun:?}");
        assert!(begun[0]["who"]["person"]["person"]["name"].is_string(), "{begun:?}");
        assert!(begun[0]["detail"]["columns"].as_str().unwrap().contains(column), "{begun:?}");
        assert_eq!(ended[0]["detail"]["rows"], rows.len().to_string(), "{ended:?}");
        assert!(ended.iter().all(|entry| entry["detail"]["broken_off"].is_null()), "{ended:?}");
    }
}

#[tokio::test]
async fn no_file_is_made_of_what_is_not_understood_and_none_for_those_who_may_not_read() {
    let auditor = reconciled().await.browser_of("auditor").await;
    for wrong in [
        "/exports/findings.csv?severity=terrible",
        "/exports/findings.csv?columns=id,password",
        "/exports/ledger.jsonl?about=everything",
        "/exports/requests.csv?state=asleep",
        "/exports/activity.csv?from=yesterday",
        "/exports/sessions.csv",
        "/exports/findings.xlsx",
    ] {
        let answer = auditor.get(wrong).await;
        assert!(!answer.status.is_success(), "{wrong}: {}", answer.text);
        assert!(answer.header("content-type").starts_with("text/html"), "{wrong}");
    }
    let long = format!("/exports/activity.csv?identity={}", "x".repeat(20_000));
    assert!(!auditor.get(&long).await.status.is_success());
    assert!(told(&auditor, "export_begun", "terrible").await.is_empty());
    for list in ["certificates", "findings", "activity", "requests", "ledger"] {
        let path = format!("/exports/{list}.csv");
        assert_eq!(shared().browser().get(&path).await.status, StatusCode::SEE_OTHER, "{path}");
        let stranger = shared().browser_of("stranger").await;
        assert_eq!(stranger.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn the_ledger_is_narrowed_to_what_somebody_did_and_to_what_it_is_about() {
    let auditor = reconciled().await.browser_of("auditor").await;
    auditor.get("/exports/findings.csv?kind=duplicate").await;
    let ask = async |query: &[(&str, &str)]| {
        let page = auditor.ask("/api/ledger", query).await;
        assert!(page["searched"].as_u64().unwrap() > 0, "{page}");
        page["lines"].as_array().unwrap().iter().map(|line| line["body"]["Ok"].clone()).collect::<Vec<_>>()
    };
    let begun = [("query[action]", "export_begun"), ("query[person]", "auditor")];
    let by_action = ask(&begun).await;
    assert!(!by_action.is_empty());
    assert!(by_action.iter().all(|entry| entry["action"] == "export_begun"), "{by_action:?}");
    assert!(ask(&[begun[0], ("query[person]", "nobody of this name")]).await.is_empty());
    assert!(ask(&[begun[0], ("query[outcome]", "refused")]).await.is_empty());

    let runs = ask(&[("query[action]", "run_finished")]).await;
    let (id, at) = (runs[0]["object"]["run"]["id"].as_str().unwrap(), runs[0]["at"].as_str().unwrap());
    let about = format!("run:{id}");
    let of_run = ask(&[("query[about]", &about)]).await;
    assert!(of_run.len() > 1 && of_run.contains(&runs[0]), "{of_run:?}");
    // A run may begin and end in the same second.
    let is_earlier = |entry: &&Value| entry["at"].as_str().is_some_and(|of_it| of_it < at);
    let earlier = ask(&[("query[about]", &about), ("query[to]", at)]).await;
    assert_eq!(earlier, of_run.iter().filter(is_earlier).cloned().collect::<Vec<_>>());
    let later = ask(&[("query[about]", &about), ("query[from]", at)]).await;
    assert!(later.contains(&runs[0]) && !later.iter().any(|entry| is_earlier(&entry)), "{later:?}");

    // In pages without JavaScript.
    let page = auditor.get(&format!("/ledger?about=run%3A{id}")).await;
    for part in ["Run finished", "looked at for this page", "Remove"] {
        assert!(page.text.contains(part), "no {part} in {}", page.text);
    }
    let run = auditor.get(&format!("/ledger?about=run%3A{id}&by=nobody+of+this+name")).await;
    assert!(run.text.contains("No entry matches"), "{}", run.text);
}
