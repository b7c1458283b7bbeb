//! An incident from its opening to its end, through the program that people run: contained at the sandbox's IAM, revoked by two
//! people, closed by hand.

use std::collections::BTreeSet;

use app::queries::Exported;
use domain::incident::{IncidentView, Step, StepName, Which, steps, unauthorised_of};
use domain::views::{ExportFormat, IdentityKey};
use reqwest::StatusCode;
use sandbox::Description;

use crate::client::Client;
use crate::compliance::{taken, unzipped};
use crate::harness::{Console, own_sandbox};
use crate::verbs::until;

const ROLE: &str = "arn:aws:iam::111122223333:role/legacy-deploy";
const WHY: &str = "The log files of a quarter of an hour were looked at by hand.";

/// A call of IAM by the administrator.
async fn iam(sandbox: &Description, call: &[(&str, &str)]) {
    let key = sandbox.access_keys.iter().find(|key| key.profile == "administrator").unwrap();
    let scope = format!("{}/20260101/us-east-1/iam/aws4_request", key.access_key_id);
    let signed = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = client.post(&sandbox.env["AWS_ENDPOINT_URL_IAM"]).header("authorization", signed);
    let answer = post.form(call).send().await.unwrap();
    let status = answer.status();
    assert_eq!(status, StatusCode::OK, "{}", answer.text().await.unwrap());
}

async fn steps_of(browser: &Client, id: &str) -> Vec<Step> {
    let view: IncidentView =
        serde_json::from_value(browser.ask("/api/incident", &[("id", id)]).await).unwrap();
    steps(&view.incident, &view.facts)
}

/// Waits until the records show the step as done.
async fn shows(browser: &Client, id: &str, name: StepName) -> Step {
    until(&format!("{name:?} done"), async || {
        let step = steps_of(browser, id).await.into_iter().find(|step| step.name == name).unwrap();
        step.done.then_some(step)
    })
    .await
}

/// What is valid of the caller's, by authority.
async fn valid(browser: &Client) -> Vec<(String, String)> {
    let query = unauthorised_of(&IdentityKey::Principal(ROLE.to_owned()), Which::Valid);
    let columns: &[&str] = &["authority", "serial"];
    let path = app::paths::export(&Exported::Certificates(query), ExportFormat::JsonLines, Some(columns));
    let file = browser.get(&path).await;
    let line = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        let text = |name: &str| Some(line[name].as_str()?.to_owned());
        Some((text("authority")?.rsplit('/').next()?.to_owned(), text("serial")?))
    };
    file.text.lines().filter_map(line).collect()
}

#[tokio::test]
async fn an_incident_is_opened_contained_revoked_and_closed() {
    let sandbox = own_sandbox("incident");
    let console = Console::start(&sandbox, "incident-console", |config| config);
    let (operator, approver, auditor) = (console.browser(), console.browser(), console.browser());
    operator.sign_in("operator").await;
    approver.sign_in("approver").await;
    auditor.sign_in("auditor").await;

    let form = [("title", "Old deployment role"), ("kind", "principal"), ("caller", ROLE)];
    let refused = auditor.call("/api/open-incident", &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    let wrong = operator.call("/api/open-incident", &[("title", "x")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.text);
    let opened = operator.call("/api/open-incident", &form).await;
    let path = opened.header("location").to_owned();
    assert!(path.starts_with("/incidents/"), "{} {}", path, opened.text);
    let id = path.rsplit('/').next().unwrap();

    let more = [("id", id), ("kind", "address"), ("caller", "203.0.113.77")];
    let extended = operator.call("/api/extend-incident", &more).await;
    assert_eq!(extended.header("location"), path, "{}", extended.text);
    let again = operator.call("/api/extend-incident", &more).await;
    assert!(again.status == StatusCode::UNPROCESSABLE_ENTITY, "{}", again.text);

    // Everybody reads it, and the navigation counts it.
    until("the caller in the records", async || {
        let page = auditor.get(&path).await.text;
        (page.contains("Nothing in the trail stops") && page.contains("IssueCertificate")).then_some(())
    })
    .await;
    let page = operator.get(&path).await.text;
    for part in ["put-role-policy --role-name legacy-deploy", "1 open incident", "Start a run"] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    let noted = auditor.call("/api/note-incident", &[("id", id), ("text", "seen")]).await;
    assert_eq!(noted.status, StatusCode::FORBIDDEN, "{}", noted.text);
    let early = approver.call("/api/close-incident", &[("id", id), ("summary", "Nothing to do here.")]).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", early.text);
    assert!(early.text.contains("Still open: Contain"), "{}", early.text);

    let deny = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let role = ("RoleName", "legacy-deploy");
    let policy = ("PolicyName", "AWSRevokeOlderSessions");
    iam(&sandbox, &[("Action", "PutRolePolicy"), role, policy, ("PolicyDocument", deny)]).await;
    let contained = shows(&operator, id, StepName::Contain).await;
    assert!(contained.seen[0].what.contains("AWSRevokeOlderSessions"), "{contained:?}");
    let shown = [("id", id), ("step", "contain"), ("said", "outside"), ("reason", "It was done by phone.")];
    let needless = operator.call("/api/answer-incident", &shown).await;
    assert_eq!(needless.status, StatusCode::CONFLICT, "{}", needless.text);

    let at: BTreeSet<String> = {
        let view: IncidentView =
            serde_json::from_value(operator.ask("/api/incident", &[("id", id)]).await).unwrap();
        view.facts.authorities.iter().map(|one| one.arn.id().to_string()).collect()
    };
    assert!(!at.is_empty());
    until("reports made after the containment", async || {
        for authority in &at {
            operator.run(authority).await;
        }
        let steps = steps_of(&operator, id).await;
        steps.iter().any(|step| step.name == StepName::Report && step.done).then_some(())
    })
    .await;

    // The pages' records follow a moment later.
    let all = until("the certificates in the lists", async || {
        let view = operator.ask("/api/incident", &[("id", id)]).await;
        let view: IncidentView = serde_json::from_value(view).unwrap();
        let of = &view.facts.callers[0].certificates;
        let listed = valid(&operator).await;
        let is_whole = of.unseen() == 0 && u64::try_from(listed.len()) == Ok(of.valid);
        (is_whole && !listed.is_empty()).then_some(listed)
    })
    .await;
    let mut requests = Vec::new();
    for authority in &at {
        let serials: Vec<&str> =
            all.iter().filter(|(of, _)| of == authority).map(|(_, serial)| serial.as_str()).collect();
        if !serials.is_empty() {
            requests.push(operator.request(authority, &serials).await);
        }
    }
    assert!(!requests.is_empty());
    let page = auditor.get(&path).await.text;
    assert!(requests.iter().all(|request| page.contains(request.as_str())), "{page}");
    for request in &requests {
        let approved = approver.decide(request, "approve").await;
        assert!(!approved.status.is_client_error(), "{}", approved.text);
    }
    shows(&operator, id, StepName::Revoke).await;

    iam(&sandbox, &[("Action", "UpdateAssumeRolePolicy"), role, ("PolicyDocument", "{}")]).await;
    shows(&operator, id, StepName::Rotate).await;
    let noted = approver
        .call("/api/note-incident", &[("id", id), ("text", "The role is gone from the pipeline.")])
        .await;
    assert!(!noted.status.is_client_error(), "{}", noted.text);
    let said = [("id", id), ("step", "verify"), ("said", "outside"), ("reason", WHY)];
    let answered = approver.call("/api/answer-incident", &said).await;
    assert!(!answered.status.is_client_error(), "{}", answered.text);
    let summary = [("id", id), ("summary", "An old role that could still issue. Revoked and taken away.")];
    let closed = approver.call("/api/close-incident", &summary).await;
    assert!(!closed.status.is_client_error(), "{}", closed.text);
    let page = auditor.get(&path).await.text;
    for part in ["Closed by", "An old role that could still issue", "Incident opened", "later", WHY] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    let late = operator.call("/api/note-incident", &[("id", id), ("text", "too late")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text);
    for action in
        ["incident_opened", "incident_extended", "incident_noted", "incident_answered", "incident_closed"]
    {
        assert_eq!(auditor.told(action, id).await, 1, "{action}");
    }
    let ledger = auditor.get(&format!("/ledger?about=incident:{id}")).await;
    assert!(ledger.text.contains("Incident closed"), "{}", ledger.text);
    let (name, bytes) = taken(&auditor, &[("incident", id)]).await;
    assert!(name.contains(&format!("evidence-incident-{id}.zip")), "{name}");
    let files = unzipped(&bytes);
    for part in ["Old deployment role", "Incident closed", WHY, "AWSRevokeOlderSessions"] {
        assert!(files["report.html"].contains(part), "no {part} in {}", files["report.html"]);
    }
    let listed = &files["certificates-unauthorised.csv"];
    let rows: Vec<&str> = listed.lines().skip(1).collect();
    // The address has issued the same.
    assert_eq!(rows.iter().collect::<BTreeSet<_>>().len(), rows.len(), "{listed}");
    for (_, serial) in &all {
        let serial: domain::Serial = serial.parse().unwrap();
        assert!(listed.contains(&serial.colons()), "no {serial} in {listed}");
    }
    assert_eq!(files["requests.jsonl"].lines().count(), requests.len());
    for request in &requests {
        assert!(files.contains_key(&format!("decisions/{request}.json")), "{request}");
    }
    let entries = &files["ledger/entries.jsonl"];
    for said in ["incident_opened", "incident_closed", "revocation_requested", "revocation_approved"] {
        assert!(entries.contains(said), "no {said} in {entries}");
    }
    auditor.assert_ledger_is_whole().await;
}
