//! Whoever writes the table revokes nothing: each approval is held against what the provider signed for it.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::finding::Subject;
use domain::ledger::Action;
use domain::people::Roles;
use domain::revocation::{Decision, Intent, Proof, Request, RequestState, Verdict};
use domain::{Actor, FindingId, FindingKind, InventoryItem, RevocationReason, Timestamp};
use futures::TryStreamExt;
use sandbox::until;
use serde_json::{Value, json};

use crate::signed::{claims, keys_where, proof, provider};
use crate::stub;
use crate::support::{Bench, administrator, description, raw_dynamodb, says, take, test, was_revoked};

/// A request about one certificate, and an approval of it that nobody has signed yet.
async fn about_to_approve(bench: &Bench) -> (Request, Actor, Intent) {
    about_to_approve_as(bench, bench.approver().await).await
}

pub async fn about_to_approve_as(bench: &Bench, approver: Actor) -> (Request, Actor, Intent) {
    let request = bench.pending(&take(1).await).await;
    let form = says(Verdict::Approve, &request.hash);
    let intent = bench.console.intend(&approver, &request.id, form).await.unwrap();
    (request, approver, intent)
}

/// What a web process that somebody has taken over writes: an approval with this token.
pub async fn written(bench: &Bench, approver: &Actor, intent: Intent, id_token: String) -> Request {
    let proof = Proof { id_token, ..proof(approver, &intent) };
    bench.console.decide(approver, intent, &proof).await.unwrap()
}

/// Nothing is revoked by it, and everybody is told; the request ends.
pub async fn is_refused(bench: &Bench, request: &Request, why: &str) {
    bench.work().await;
    let ended = bench.until(&request.id, &[RequestState::Cancelled]).await;
    let problem = ended.problem.unwrap();
    assert!(problem.contains(why), "{problem}");
    is_told_of(bench, request, why).await;
    bench.stop().await;
}

/// A critical finding says why the request was not carried out, and nothing of it was begun.
async fn is_told_of(bench: &Bench, request: &Request, why: &str) {
    let findings: Vec<_> =
        bench.aws.findings_not_closed(&request.authority.id()).try_collect().await.unwrap();
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!(finding.id.kind, FindingKind::DecisionNotProven);
    let what = &finding.evidence.alert.as_ref().unwrap().what;
    assert!(what.contains(request.id.as_str()) && what.contains(why), "{what}");
    assert!(bench.aws.outbox().await.unwrap().is_empty());
    assert_eq!(bench.count(&request.id, Action::ExecutionStarted).await, 0);
}

/// One approval whose token says something else than it must.
async fn with_claims(change: impl FnOnce(&mut Value, &Request), why: &str) {
    let bench = Bench::new().await;
    let (request, approver, intent) = about_to_approve(&bench).await;
    let mut claims = claims(&approver, &intent);
    change(&mut claims, &request);
    written(&bench, &approver, intent, provider().signed(&claims)).await;
    is_refused(&bench, &request, why).await;
}

#[test]
fn attack_an_approval_without_a_token_revokes_nothing() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(1).await;
        let request = bench.pending(&certificates).await;
        let approver = bench.approver().await;
        let form = says(Verdict::Approve, &request.hash);
        let intent = bench.console.intend(&approver, &request.id, form).await.unwrap();
        written(&bench, &approver, intent, String::new()).await;
        is_refused(&bench, &request, "is not proven").await;
        assert!(!was_revoked(&certificates[0]).await);
    });
}

#[test]
fn attack_a_token_of_another_client_proves_nothing() {
    test(with_claims(|claims, _| claims["aud"] = json!("another-client"), "audience"));
}

#[test]
fn attack_a_token_of_another_issuer_proves_nothing() {
    test(with_claims(|claims, _| claims["iss"] = json!("https://evil.example"), "issuer"));
}

#[test]
fn attack_a_token_with_the_groups_of_yesterday_proves_nothing() {
    test(with_claims(|claims, _| claims["groups"] = json!(["auditor"]), "do not make an approver"));
}

#[test]
fn attack_the_requesters_own_token_proves_nothing_for_another() {
    test(with_claims(|claims, _| claims["sub"] = json!("operator"), "names somebody else"));
}

#[test]
fn attack_a_sign_in_of_this_morning_proves_nothing() {
    test(with_claims(
        |claims, _| claims["auth_time"] = json!(claims["iat"].as_i64().unwrap() - 7200),
        "sign-in was older",
    ));
}

#[test]
fn attack_a_decision_copied_from_another_request_proves_nothing() {
    test(async {
        let bench = Bench::new().await;
        let (_, approver, honest) = about_to_approve(&bench).await;
        let signed = proof(&approver, &honest);
        let request = bench.pending(&take(1).await).await;
        let form = says(Verdict::Approve, &request.hash);
        let intent = bench.console.intend(&approver, &request.id, form).await.unwrap();
        // With everything that belongs to it, its random bytes too.
        bench
            .console
            .decide(&approver, Intent { salt: honest.salt.clone(), ..intent }, &signed)
            .await
            .unwrap();
        is_refused(&bench, &request, "was not made for this decision").await;
    });
}

#[test]
fn attack_a_rejection_turned_into_an_approval_proves_nothing() {
    test(async {
        let bench = Bench::new().await;
        let request = bench.pending(&take(1).await).await;
        let approver = bench.approver().await;
        let form = says(Verdict::Reject, &request.hash);
        let intent = bench.console.intend(&approver, &request.id, form).await.unwrap();
        let signed = proof(&approver, &intent);
        let turned = Intent { verdict: Verdict::Approve, ..intent };
        bench.console.decide(&approver, turned, &signed).await.unwrap();
        is_refused(&bench, &request, "was not made for this decision").await;
    });
}

#[test]
fn attack_a_key_under_the_providers_name_proves_nothing() {
    test(async {
        let bench = Bench::new().await;
        let (request, approver, intent) = about_to_approve(&bench).await;
        let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": "stub"});
        let forged = provider().signed_as(&header, &claims(&approver, &intent), &stub::foreign_key());
        written(&bench, &approver, intent, forged).await;
        is_refused(&bench, &request, "is not proven").await;
    });
}

/// Whoever has taken over the web process can have it see any key. The worker has not seen it, and waits; it goes on when it has.
#[test]
fn attack_a_key_that_only_the_web_process_saw_counts_for_nothing() {
    test(async {
        let bench = Bench::new().await;
        let (request, approver, intent) = about_to_approve(&bench).await;
        let (key, header) = (stub::key("theirs"), json!({"alg": "EdDSA", "typ": "JWT", "kid": "theirs"}));
        let signed = provider().signed_as(&header, &claims(&approver, &intent), &key);
        written(&bench, &approver, intent, signed).await;
        bench.work().await;
        let waits = bench.until_problem(&request.id).await;
        assert_eq!(waits.state, RequestState::Approved);
        assert!(waits.problem.unwrap().contains("the key theirs of its ID token was not seen"));
        assert_eq!(bench.count(&request.id, Action::ExecutionStarted).await, 0);
    });
}

/// Two rows of the table, by hand: the request as approved, and its order.
pub async fn forged_as_approved(bench: &Bench, request: &Request, by: &[Actor]) {
    let now = bench.parts.clock.now();
    let decision = |actor: &Actor| forged_decision(request, actor, now);
    let decisions: Vec<Decision> = by.iter().map(decision).collect();
    let count = AttributeValue::N(decisions.len().to_string());
    let forged = Request { state: RequestState::Approved, decisions, ..request.clone() };
    let approved = raw_dynamodb(description().await).update_item().table_name(&bench.table);
    let approved = approved.key("pk", text("REQUEST")).key("sk", text(request.id.as_str()));
    let all = "SET body = :body, item_state = :approved, decisions = :count, target_hash = :hash";
    let approved = approved
        .update_expression(all)
        .expression_attribute_values(":hash", text(request.hash.as_str()))
        .condition_expression("attribute_exists(pk)")
        .expression_attribute_values(":body", text(&serde_json::to_string(&forged).unwrap()))
        .expression_attribute_values(":approved", text("approved"))
        .expression_attribute_values(":count", count);
    approved.send().await.unwrap();
    forged_order(bench, request).await;
}

pub fn forged_decision(request: &Request, actor: &Actor, at: Timestamp) -> Decision {
    let (by, hash) = (actor.person.clone(), request.hash.clone());
    Decision { by, at, verdict: Verdict::Approve, comment: None, hash, signed_in_at: at, groups: Vec::new() }
}

async fn forged_order(bench: &Bench, request: &Request) {
    let order = raw_dynamodb(description().await).put_item().table_name(&bench.table);
    let order = order.item("pk", text("OUTBOX")).item("sk", text(request.id.as_str()));
    order.item("authority", text(&request.authority.id().to_string())).send().await.unwrap();
}

pub fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// Nobody has decided anything.
#[test]
fn attack_a_request_that_is_only_stored_as_approved_revokes_nothing() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(1).await;
        let request = bench.pending(&certificates).await;
        forged_as_approved(&bench, &request, &[bench.approver().await]).await;
        is_refused(&bench, &request, "not enough approvals").await;
        assert!(!was_revoked(&certificates[0]).await);
    });
}

/// The row of the decision as well, as the console writes it; its proof is nobody's.
#[test]
fn attack_a_decision_written_by_hand_counts_for_nothing() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(1).await;
        let request = bench.pending(&certificates).await;
        let approver = bench.approver().await;
        forged_as_approved(&bench, &request, std::slice::from_ref(&approver)).await;
        let decision = forged_decision(&request, &approver, bench.parts.clock.now());
        let row = raw_dynamodb(description().await).put_item().table_name(&bench.table);
        let row =
            row.item("pk", text(&format!("REQUEST#{}", request.id))).item("sk", text("DECISION#forged"));
        let row = row.item("body", text(&serde_json::to_string(&decision).unwrap()));
        row.send().await.unwrap();
        is_refused(&bench, &request, "damaged, or missing").await;
        assert!(!was_revoked(&certificates[0]).await);
    });
}

/// A request that needs no approval by what is written in it, in the table as approved. Its hash has no key.
async fn forged_without_quorum(bench: &Bench, certificates: &[InventoryItem]) -> Request {
    let mut request = bench.pending(certificates).await;
    request.approvals_needed = 0;
    request.hash = request.hash_of(&bench.aws.request_targets(&request.id).await.unwrap());
    forged_as_approved(bench, &request, &[]).await;
    request
}

#[test]
fn attack_a_request_that_says_it_needs_no_approval_revokes_nothing() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(1).await;
        let request = forged_without_quorum(&bench, &certificates).await;
        is_refused(&bench, &request, "not enough approvals").await;
        assert!(!was_revoked(&certificates[0]).await);
    });
}

#[test]
fn attack_a_request_that_says_it_needs_no_approval_hides_no_revocation() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(1).await;
        let [InventoryItem { authority, serial, .. }] = &certificates[..] else { panic!("{certificates:?}") };
        forged_without_quorum(&bench, &certificates).await;
        let thief = administrator().await;
        thief.revoke_certificate(authority, *serial, RevocationReason::KeyCompromise).await.unwrap();
        bench.run().await;
        let outside = FindingId {
            kind: FindingKind::RevocationNotCountersigned,
            scope: authority.into(),
            subject: Subject::Certificate(*serial),
        };
        assert_eq!(bench.aws.finding(&outside).await.unwrap().state.name().name(), "open");
    });
}

#[test]
fn attack_an_order_for_what_nobody_has_approved_revokes_nothing() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(1).await;
        let request = bench.pending(&certificates).await;
        forged_order(&bench, &request).await;
        bench.work().await;
        until("the order is taken out", async || bench.aws.outbox().await.unwrap().is_empty().then_some(()))
            .await;
        is_told_of(&bench, &request, "The request is").await;
        assert_eq!(bench.request(&request.id).await, request, "it still waits");
        assert!(!was_revoked(&certificates[0]).await);
    });
}

#[test]
fn the_time_of_the_token_stands_for_that_of_the_sign_in_only_where_that_is_configured() {
    test(async {
        let bench = Bench::new().await;
        let (_, approver, intent) = about_to_approve(&bench).await;
        let mut claims = claims(&approver, &intent);
        claims.as_object_mut().unwrap().remove("auth_time");
        let token = provider().signed(&claims);
        for (counts, at) in [(false, Timestamp::EPOCH), (true, approver.signed_in_at)] {
            let keys = keys_where(|oidc| oidc.iat_counts = counts);
            let vouched = keys.vouch(&token, bench.parts.clock.now()).await.unwrap();
            assert_eq!((vouched.signed_in_at, vouched.strength.by_iat), (at, counts));
        }
    });
}

#[test]
fn attack_a_sign_in_of_unknown_age_proves_nothing() {
    test(with_claims(
        |claims, _| {
            claims.as_object_mut().unwrap().remove("auth_time");
        },
        "sign-in was older",
    ));
}

#[test]
fn a_token_without_groups_leaves_the_role_to_what_signing_in_saw_only_where_that_is_configured() {
    test(async {
        let bench = Bench::new().await;
        let (_, approver, intent) = about_to_approve(&bench).await;
        let mut claims = claims(&approver, &intent);
        claims.as_object_mut().unwrap().remove("groups");
        let token = provider().signed(&claims);
        for (elsewhere, roles) in [(false, Some(Roles::new())), (true, None)] {
            let keys = keys_where(|oidc| oidc.groups_only_in_userinfo = elsewhere);
            assert_eq!(keys.vouch(&token, bench.parts.clock.now()).await.unwrap().roles, roles);
        }
    });
}
