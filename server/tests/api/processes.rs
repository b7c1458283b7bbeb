//! Two processes: the one that serves pages cannot revoke, and the one that works needs no pages.

use reqwest::StatusCode;

use crate::harness::{Console, configuration, program, shared};
use crate::verbs::until;

/// The configuration of the process that serves pages.
pub fn without_executor(config: String) -> String {
    let is_workers = |line: &&str| line.starts_with("executor_profile = ") || line.starts_with("kms_key = ");
    config.lines().filter(|line| !is_workers(line)).flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn attack_1_pages_are_not_served_with_credentials_that_revoke() {
    let sandbox = &shared().sandbox;
    let file = configuration(sandbox, "serve-executor", |config| config);
    let output = program(sandbox).arg("serve").arg("--config").arg(file).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("aws.executor_profile") && said.contains("`countersign work`"), "{said}");
}

#[tokio::test]
async fn pages_are_served_without_the_work() {
    let console = Console::run(&["serve"], &shared().sandbox, "serve-alone", without_executor, &[]);
    let browser = console.browser();
    browser.sign_in("auditor").await;
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn work_needs_neither_a_provider_nor_its_secret() {
    let sandbox = &shared().sandbox;
    let gone = |config: String| {
        config.replace(&format!("issuer = {:?}", sandbox.oidc.issuer), "issuer = \"http://127.0.0.1:1\"")
    };
    let secret = [("COUNTERSIGN_OIDC_CLIENT_SECRET", "")];
    let worker = Console::run(&["work"], sandbox, "work-alone", gone, &secret);
    let operator = worker.operator();
    let ready = until("a worker that is ready", async || {
        let answer = operator.get("/ready").await;
        (answer.status == StatusCode::OK).then(|| answer.json())
    })
    .await;
    assert!(ready["parts"].get("provider").is_none(), "{ready}");
    assert_eq!(operator.get("/").await.status, StatusCode::NOT_FOUND, "a worker has no pages");
}
