//! Asking by a sign-in, through the program as people run it and without JavaScript.

use domain::views::Shown;
use reqwest::StatusCode;
use sandbox::Trouble;
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::harness::{Console, own_sandbox};
use crate::verbs::{authority, troubled};
use crate::verify::export;

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
}
