//! `countersign verify decision`: what the request's page gives is proven by the provider's keys alone, and what somebody has
//! altered is not.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use reqwest::StatusCode;
use sandbox::{Description, Trouble};
use serde_json::{Value, json};

use crate::client::Client;
use crate::harness::{reconciled, scratch, shared};
use crate::verbs::{authority, troubled};

pub struct Exported {
    /// With the provider's keys in it, `jwks.json`.
    pub folder: PathBuf,
    pub evidence: Value,
    /// The same about one certificate.
    of_one: Value,
}

impl Exported {
    /// Verifies what has become of it.
    pub fn verify(&self, change: impl FnOnce(&mut Value), arguments: &[&str]) -> (Option<i32>, String) {
        let mut evidence = self.evidence.clone();
        change(&mut evidence);
        let file = self.folder.join("decisions.json");
        std::fs::write(&file, evidence.to_string()).unwrap();
        let Output { status, stdout, stderr } = verify(&file, &self.folder.join("jwks.json"), arguments);
        let said = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (status.code(), said)
    }

    pub fn refuses(&self, what: &str, change: impl FnOnce(&mut Value), why: &str) {
        let (status, said) = self.verify(change, &[]);
        assert_eq!(status, Some(2), "{what}: {said}");
        assert!(said.contains(why), "{what}: {said}");
    }
}

fn verify(file: &Path, keys: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear().args(["verify", "decision"]).arg(file).arg("--keys").arg(keys);
    command.args(arguments).output().unwrap()
}

/// An approved request as its page gives it, and the provider's keys as anybody may fetch them.
async fn exported() -> Exported {
    let gateways = authority(&shared().sandbox, "gateways");
    let serial = troubled(&shared().sandbox, &gateways, Trouble::LogDeleted).remove(0);
    let id = reconciled().await.browser_of("operator").await.request(&gateways, &[&serial]).await;
    shared().browser_of("approver").await.decide(&id, "approve").await;
    let path = format!("/evidence.json?request={id}");
    assert_eq!(shared().browser().get(&path).await.status, StatusCode::SEE_OTHER, "nobody");
    let auditor = shared().browser_of("auditor").await;
    assert!(auditor.get(&format!("/revocations/{id}")).await.text.contains(&path), "the page links to it");
    let none = auditor.get(&format!("{path}&serial=0a0b")).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND, "it is none of the request's");
    export(&auditor, &shared().sandbox, &id, &serial).await
}

/// What the page of a request gives, and the provider's keys.
pub async fn export(browser: &Client, sandbox: &Description, id: &str, serial: &str) -> Exported {
    let path = format!("/evidence.json?request={id}");
    let answer = browser.get(&path).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(answer.header("content-disposition").contains(&format!("decisions-{id}.json")));
    let issuer = &sandbox.oidc.issuer;
    let metadata: Value = serde_json::from_str(
        &reqwest::get(format!("{issuer}/.well-known/openid-configuration"))
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
    )
    .unwrap();
    let keys = reqwest::get(metadata["jwks_uri"].as_str().unwrap()).await.unwrap().text().await.unwrap();
    let folder = scratch(id);
    std::fs::write(folder.join("jwks.json"), keys).unwrap();
    let of_one = browser.get(&format!("{path}&serial={serial}")).await;
    Exported { folder, evidence: answer.json(), of_one: of_one.json() }
}

#[tokio::test]
async fn a_decision_proves_itself_offline_and_nothing_else_does() {
    let exported = exported().await;
    let (status, said) = exported.verify(|_| (), &["--approver-group", "pki-approvers"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("Approved, by all that was demanded"), "{said}");

    exported.refuses(
        "another certificate",
        |all| all["targets"][0]["subject"] = json!("CN=other"),
        "list of certificates",
    );
    exported.refuses(
        "another reason",
        |all| all["request"]["justification"] = json!("x"),
        "its hash is over",
    );
    exported.refuses("no groups", |all| all["request"]["demands"] = json!({}), "its hash is over");
    exported.refuses("less needed", |all| all["request"]["approvals_needed"] = json!(0), "its hash is over");
    exported.refuses("a newer one", |all| all["request"]["hash_version"] = json!(1000), "newer console");
    exported.refuses("turned", |all| all["decisions"][0]["decision"]["verdict"] = json!("reject"), "(nonce)");
    exported.refuses("a comment", |all| all["decisions"][0]["decision"]["comment"] = json!("yes"), "(nonce)");
    exported.refuses(
        "another salt",
        |all| all["decisions"][0]["proof"]["salt"] = json!("00".repeat(32)),
        "(nonce)",
    );
    exported.refuses(
        "somebody else",
        |all| all["decisions"][0]["decision"]["by"] = all["request"]["requester"].clone(),
        "names somebody else",
    );
    exported.refuses(
        "another time",
        |all| all["decisions"][0]["decision"]["at"] = json!("2026-01-01T00:00:00Z"),
        "its time",
    );
    exported.refuses("left out", |all| all["decisions"] = json!([]), "nobody has decided");
    exported.refuses(
        "an altered token",
        |all| {
            let token = all["decisions"][0]["proof"]["id_token"].as_str().unwrap().to_owned();
            let (signed, signature) = token.rsplit_once('.').unwrap();
            let other = if signature.starts_with('A') { "B" } else { "A" };
            all["decisions"][0]["proof"]["id_token"] = json!(format!("{signed}.{other}{}", &signature[1..]));
        },
        "not acceptable",
    );
    for (arguments, why) in [
        (["--approver-group", "somebody-else"], "do not make an approver"),
        (["--client-id", "another"], "audience"),
        (["--issuer", "https://evil.example"], "issuer"),
    ] {
        let (status, said) = exported.verify(|_| (), &arguments);
        assert_eq!(status, Some(2), "{said}");
        assert!(said.contains(why), "{why}: {said}");
    }
    let of_one = Exported { evidence: exported.of_one.clone(), ..exported };
    let (status, said) = of_one.verify(|_| (), &["--approver-group", "pki-approvers"]);
    assert!(status == Some(0) && said.contains("one of 1 certificates"), "{said}");
    let other = |all: &mut Value| all["targets"]["target"]["subject"] = json!("CN=other");
    of_one.refuses("another certificate", other, "not shown to be one of the request's");
    let more = |all: &mut Value| all["targets"]["membership"]["targets"] = json!(2);
    of_one.refuses("another number", more, "not shown to be one of the request's");
    let exported = of_one;
    std::fs::write(exported.folder.join("jwks.json"), r#"{"keys": []}"#).unwrap();
    exported.refuses("no key", |_| (), "was not seen");
}
