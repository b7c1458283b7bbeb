//! Asking by a sign-in, through the program as people run it and without JavaScript.

use std::fs;

use domain::views::Shown;
use reqwest::StatusCode;
use sandbox::{Description, Trouble};
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::harness::{Console, own_sandbox, program};
use crate::ledger::says;
use crate::verbs::{authority, troubled};
use crate::verify::{Exported, export};

const WHY: &str = "Nobody can account for it.";

fn form_of(authority: &str, serial: &str) -> String {
    format!("/revocations/new?authority={authority}&of=serials:{serial}")
}

/// Sends the form about one certificate as a browser without scripts does.
async fn submit(browser: &Client, authority: &str, serial: &str) -> Answer {
    let of = format!("serials:{serial}");
    let shown = Shown::of([serial.parse().unwrap()]).to_string();
    let fields = [
        ("authority", authority),
        ("of", &of),
        ("shown", &shown),
        ("reason", "KEY_COMPROMISE"),
        ("justification", WHY),
    ];
    browser.submit(&form_of(authority, serial), "/api/request-revocation", &fields).await
}

async fn requests(browser: &Client) -> usize {
    browser.told("revocation_requested", "").await
}

#[tokio::test]
async fn who_asks_signs_for_it_at_the_provider_and_who_closes_the_window_has_asked_for_nothing() {
    let sandbox = own_sandbox("asked");
    let on = |config: String| config.replace("[policy]", "[policy]\nrequest_sign_in = true");
    let console = Console::start(&sandbox, "asked-console", on);
    let devices = authority(&sandbox, "devices");
    let (operator, second, approver) = (console.browser(), console.browser(), console.browser());
    operator.sign_in("operator").await;
    second.sign_in("operator").await;
    approver.sign_in("approver").await;
    operator.run(&devices).await;
    let serial = troubled(&sandbox, &devices, Trouble::RogueIssuer).remove(0);
    let form = operator.get(&form_of(&devices, &serial)).await;
    assert!(form.text.contains("You will sign in again to ask for it"), "{}", form.text);

    // A form that is wrong leads nowhere but back.
    let wordless = operator.send_request(&devices, &[&serial], &[("justification", "short")]).await;
    assert_eq!(wordless.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wordless.text);
    // The window is closed at the provider.
    let provider = submit(&operator, &devices, &serial).await.location().unwrap();
    assert!(provider.as_str().starts_with(&sandbox.oidc.issuer), "{provider}");
    assert!(provider.query().unwrap().contains("prompt=login"), "{provider}");
    assert_eq!(requests(&operator).await, 0);
    let certificate = operator.ask("/api/certificate", &[("authority", &devices), ("serial", &serial)]).await;
    assert_eq!(certificate["requests"], json!([]), "{certificate}");

    // Two windows: one of them asks.
    let provider = submit(&operator, &devices, &serial).await.location().unwrap();
    let late = submit(&second, &devices, &serial).await.location().unwrap();
    let page = operator.sign(provider).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("The request is made"), "{}", page.text);
    let id = page.url.path().rsplit('/').next().unwrap().to_owned();
    let back = second.sign(late).await;
    assert_eq!((back.status, back.url.path()), (StatusCode::CONFLICT, "/revocations/new"));
    for part in ["waiting for approval", WHY] {
        assert!(back.text.contains(part), "no {part} in {}", back.text);
    }
    assert_eq!(requests(&operator).await, 1);

    // Somebody else at the provider asks for nothing.
    let other = troubled(&sandbox, &devices, Trouble::WrongExpiry).remove(0);
    let provider = submit(&second, &devices, &other).await.location().unwrap();
    let returned = second.choose(provider, "operator-approver").await;
    let landed = second.come_back(returned).await;
    let page = landed.text.split_once("0;url=").unwrap().1.split('"').next().unwrap().replace("&amp;", "&");
    let page = second.get(&page).await.text;
    assert!(page.contains("as somebody else than the person who pressed the button"), "{page}");
    assert_eq!(requests(&operator).await, 1);

    let approved = approver.decide(&id, "approve").await;
    assert!(!approved.status.is_client_error(), "{}", approved.text);
    approver.reaches(&id, &["executed", "proven"]).await;

    let exported = export(&approver, &sandbox, &id, &serial).await;
    let groups = ["--approver-group", "pki-approvers", "--operator-group", "pki-operators"];
    let (status, said) = exported.verify(|_| (), &groups);
    assert!(status == Some(0) && said.contains("ok      request by "), "{said}");
    let (status, said) = exported.verify(|_| (), &["--operator-group", "somebody-else"]);
    assert!(status == Some(2) && said.contains("do not make an operator"), "{said}");
    let proof = |change: fn(&mut Value)| move |all: &mut Value| change(&mut all["request_proof"]);
    let why = "not shown to have asked for it";
    exported.refuses("no proof", proof(|proof| *proof = Value::Null), why);
    exported.refuses("another salt", proof(|proof| proof["salt"] = json!("00".repeat(32))), "(nonce)");
    exported.refuses("another token", proof(|proof| proof["id_token"] = json!("a.b.c")), why);
    let copied = |all: &mut Value| all["request_proof"] = all["decisions"][0]["proof"].clone();
    exported.refuses("a decision's token", copied, "names somebody else");
    let unasked = |all: &mut Value| all["request"]["demands"]["request_sign_in"] = json!(false);
    exported.refuses("not demanded", unasked, "its hash is over");
    the_log_is_held_against(&sandbox, &exported);
}

/// `countersign ledger verify --decisions`: the log as it is in its bucket, and what the request's page gave.
fn the_log_is_held_against(sandbox: &Description, exported: &Exported) {
    let key = exported.folder.join("log-key");
    let of_kms = program(sandbox)
        .args(["ledger", "key", "sandbox.example/countersign", "--kms", &sandbox.ledger_key])
        .args(["--region", &sandbox.region])
        .output()
        .unwrap();
    fs::write(&key, says(&of_kms, 0)).unwrap();
    let decisions = exported.folder.join("decisions");
    fs::create_dir_all(&decisions).unwrap();
    let verify = |evidence: &Value, more: &[&str]| {
        fs::write(decisions.join("of-the-request.json"), evidence.to_string()).unwrap();
        let log = ["ledger", "verify", "s3://countersign-ledger", "--region", &sandbox.region];
        let mut program = program(sandbox);
        program.args(log).arg("--key").arg(&key).arg("--decisions").arg(&decisions).args(more);
        program.output().unwrap()
    };
    let refuses = |change: &dyn Fn(&mut Value), why: &str| {
        let mut changed = exported.evidence.clone();
        change(&mut changed);
        let said = says(&verify(&changed, &[]), 2);
        assert!(said.contains("FAILED  Entry ") && said.contains(why), "{why}: {said}");
    };
    let jwks = exported.folder.join("jwks.json");
    let keys = ["--provider-keys", jwks.to_str().unwrap()];
    for keys in [&[], &keys[..]] {
        let said = says(&verify(&exported.evidence, keys), 0);
        assert!(said.contains("ok      1 decisions, each proven by its ID token"), "{said}");
        assert!(said.contains("ok      1 requests that were signed, each proven by its ID token"), "{said}");
        assert!(
            said.contains("Not looked at: whether the tokens are of your provider (--issuer)."),
            "{said}"
        );
        assert_eq!(said.contains("(--provider-keys)"), keys.is_empty(), "{said}");
    }
    let other = says(&verify(&exported.evidence, &["--issuer", "https://other.example"]), 2);
    assert!(other.contains("is not proven: "), "{other}");
    let other = says(&verify(&exported.evidence, &["--approver-group", "somebody-else"]), 2);
    assert!(other.contains("do not make an approver"), "{other}");
    let groups = ["--approver-group", "pki-approvers", "--operator-group", "pki-operators"];
    assert!(!says(&verify(&exported.evidence, &groups), 0).contains("groups make"));
    let other = exported.folder.join("other-keys.json");
    fs::write(&other, r#"{"keys": []}"#).unwrap();
    let said = says(&verify(&exported.evidence, &["--provider-keys", other.to_str().unwrap()]), 2);
    assert!(said.contains("is not proven: ") && said.contains("was not seen"), "{said}");

    refuses(&|all| all["request"]["justification"] = json!("x"), "shows nothing: ");
    refuses(&|all| all["request_proof"] = Value::Null, "has the request ");
    refuses(&|all| all["request_proof"]["salt"] = json!("00".repeat(32)), "the request ");
    refuses(&|all| all["request_proof"] = all["decisions"][0]["proof"].clone(), "has the request ");
    // The tokens are there, each at the other's place.
    let swapped = |all: &mut Value| {
        let decided = all["decisions"][0]["proof"].take();
        all["decisions"][0]["proof"] = std::mem::replace(&mut all["request_proof"], decided);
    };
    refuses(&swapped, "but another one has it");
    refuses(&|all| all["decisions"] = json!([]), "has the decision on the request ");
    refuses(&|all| all["decisions"][0]["decision"]["comment"] = json!("yes"), "is not proven: ");
    refuses(&|all| all["decisions"][0]["decision"]["verdict"] = json!("reject"), "proves another decision");
    let by_another =
        |all: &mut Value| all["decisions"][0]["decision"]["by"] = all["request"]["requester"].clone();
    refuses(&by_another, "proves another decision");
}
