//! What one caller had issued at two authorities: one form, one decision, and each request proves itself.

use domain::views::Shown;
use reqwest::StatusCode;
use sandbox::Trouble;
use serde_json::{Value, json};

use crate::harness::{Console, own_sandbox};
use crate::verbs::{authority, troubled};
use crate::verify::export;

#[tokio::test]
async fn certificates_of_two_authorities_are_asked_for_and_approved_at_once() {
    let sandbox = own_sandbox("spanning");
    let console = Console::start(&sandbox, "spanning-console", |config| config);
    let (operator, approver) = (console.browser(), console.browser());
    operator.sign_in("operator").await;
    approver.sign_in("approver").await;
    let mut named = Vec::new();
    for name in ["devices", "gateways"] {
        let id = authority(&sandbox, name);
        operator.run(&id).await;
        let serial = troubled(&sandbox, &id, Trouble::LostWrite).remove(0);
        named.push((id, serial));
    }
    let parts: Vec<String> = named.iter().map(|(id, serial)| format!("{id} {serial}")).collect();
    let of = format!("each:{}", parts.join(","));
    let page = operator.get(&format!("/revocations/new?of={of}")).await;
    for part in ["What would happen at devices", "What would happen at gateways", "Request 2 revocations"] {
        assert!(page.text.contains(part), "no {part} in {}", page.text);
    }
    let shown = |(id, serial): &(String, String)| (id.parse().unwrap(), Shown::of([serial.parse().unwrap()]));
    let shown = Shown::together(named.iter().map(shown).collect()).to_string();
    let fields = [
        ("of", of.as_str()),
        ("shown", &shown),
        ("reason", "KEY_COMPROMISE"),
        ("justification", "Nobody can account for them."),
        ("count", "2"),
    ];
    let made = operator.call("/api/request-revocation", &fields).await;
    let first = made.header("location").split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    let sheet = approver.sheet(&first).await;
    let other = sheet["together"][0]["request"]["id"].as_str().unwrap().to_owned();
    let page = approver.get(&format!("/revocations/{first}")).await.text;
    for part in
        ["Made together with", "Your decision is on one more request, too", &other, "Approve 2 revocations"]
    {
        assert!(page.contains(part), "no {part} in {page}");
    }
    // Who has seen one has not seen both.
    let blind = approver.decide_on(&first, "approve", sheet["request"]["hash"].as_str().unwrap(), "2").await;
    assert_eq!(blind.status, StatusCode::CONFLICT, "{}", blind.text);
    let approved = approver.decide(&first, "approve").await;
    assert!(!approved.status.is_client_error(), "{}", approved.text);
    for id in [&first, &other] {
        approver.reaches(id, &["executed", "proven"]).await;
        let serial =
            approver.sheet(id).await["request"]["first_target"]["serial"].as_str().unwrap().to_owned();
        let exported = export(&approver, &sandbox, id, &serial).await;
        let (status, said) = exported.verify(|_| (), &["--approver-group", "pki-approvers"]);
        assert!(status == Some(0) && said.contains("by a sign-in for 1 more request"), "{said}");
        let proof = |change: fn(&mut Value)| move |all: &mut Value| change(&mut all["decisions"][0]["proof"]);
        exported.refuses(
            "alone",
            proof(|proof| drop(proof.as_object_mut().unwrap().remove("together"))),
            "(nonce)",
        );
        let third = proof(|proof| proof["together"].as_array_mut().unwrap().push(json!("ab".repeat(32))));
        exported.refuses("a third", third, "(nonce)");
        let unlinked = |all: &mut Value| all["request"]["together"] = json!([]);
        exported.refuses("not made with it", unlinked, "its hash is over");
    }
}
