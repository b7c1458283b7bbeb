//! `countersign reconcile --authority`: the same run without a browser.

use std::collections::BTreeMap;
use std::process::Output;

use sandbox::Description;
use serde_json::Value;

use crate::harness::{Console, configuration, own_sandbox, program, shared};
use crate::verbs::authority;

/// What was planted at one authority, by kind of finding; kinds without any are left out.
pub fn planted(sandbox: &Description, authority: &str) -> BTreeMap<String, Vec<String>> {
    let arn = &sandbox.authorities.iter().find(|one| one.name == authority).unwrap().arn;
    let own: Vec<&str> = sandbox
        .planted_detail
        .iter()
        .filter(|one| one.authority == *arn)
        .map(|one| one.serial.as_str())
        .collect();
    let all: BTreeMap<String, Vec<String>> =
        serde_json::from_value(serde_json::to_value(&sandbox.planted).unwrap()).unwrap();
    let of_authority = all.into_iter().map(|(kind, mut serials)| {
        serials.retain(|serial| own.contains(&serial.as_str()));
        serials.sort();
        (kind, serials)
    });
    of_authority.filter(|(_, serials)| !serials.is_empty()).collect()
}

/// Findings by kind, as the JSON output has them.
fn found(output: &Value) -> BTreeMap<String, Vec<String>> {
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for finding in output["findings"].as_array().unwrap() {
        let text = |name: &str| finding[name].as_str().unwrap().to_owned();
        kinds.entry(text("kind")).or_default().push(text("serial"));
    }
    kinds.values_mut().for_each(|serials| serials.sort());
    kinds
}

fn reconcile(sandbox: &Description, name: &str, arguments: &[&str]) -> Output {
    let file = configuration(sandbox, name, |config| config);
    program(sandbox).arg("reconcile").arg("--config").arg(file).args(arguments).output().unwrap()
}

#[test]
fn a_run_finds_what_was_planted_all_of_it_and_nothing_else() {
    let sandbox = own_sandbox("online");
    let output = reconcile(&sandbox, "online-config", &["--authority", "gateways", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found(&answer), planted(&sandbox, "gateways"));
    assert_eq!(answer["counts"].as_object().unwrap().len(), domain::FindingKind::ALL.len());
    assert_eq!(answer["inputs"]["report_unreadable"]["count"], 0);

    // The same trouble is the same finding, and what is left out by severity does not fail a pipeline.
    let arn = sandbox.authorities.iter().find(|one| one.name == "gateways").unwrap().arn.clone();
    let again = reconcile(&sandbox, "online-config", &["--authority", &arn, "--format", "text"]);
    assert_eq!(again.status.code(), Some(2), "{again:?}");
    let serial = planted(&sandbox, "gateways")["unauthorized_issuance"][0].clone();
    assert!(String::from_utf8_lossy(&again.stdout).replace(':', "").contains(&serial), "{again:?}");
}

#[test]
fn an_authority_that_is_not_configured_is_status_1() {
    let output = reconcile(&shared().sandbox, "online-unknown", &["--authority", "nobodys"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("It has: devices, gateways."), "{said}");
}

#[tokio::test]
async fn a_run_that_could_not_compare_everything_is_never_green() {
    let sandbox = own_sandbox("incomplete");
    // No model is a time: of each item this attribute cannot be read.
    let change = |config: String| config.replace("expires_at = \"expires_at\"", "expires_at = \"model\"");
    let console = Console::start(&sandbox, "incomplete-console", change);
    let operator = console.browser();
    operator.sign_in("operator").await;
    let authority = authority(&sandbox, "gateways");
    let run = operator.run(&authority).await;
    assert_eq!(run["state"], "finished", "{run}");
    assert!(run["inputs"]["inventory_unread"]["count"].as_u64() > Some(0), "{run}");
    let page = format!("/runs/{authority}/{}", run["id"].as_str().unwrap());
    for address in [page.as_str(), "/runs", "/"] {
        let shown = operator.get(address).await.text;
        assert!(shown.contains("Finished, incomplete"), "{address}: {shown}");
    }
    let shown = operator.get(&page).await.text;
    for part in
        ["Not everything could be compared", "of items cannot be read", "model: a time is not of the form"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}
