//! Asking as a sign-in: the executor believes no row that says who asks.

use console::Error;
use domain::ledger::Action;
use domain::revocation::{QuorumRule, Request, RequestState, Signs, Unsigned};
use domain::views::{RequestForm, Requested};
use domain::{Actor, InventoryItem, Role};
use futures::TryStreamExt;
use serde_json::{Value, json};

use crate::proofs::{is_refused, text};
use crate::request::form;
use crate::signed::{ask, claims_for, proof_of, provider};
use crate::stub;
use crate::support::{Bench, description, raw_dynamodb, take, test, was_revoked};

/// A console where asking is a sign-in.
async fn bench() -> Bench {
    Bench::with(|parts| parts.settings.policy.request_sign_in = true).await
}

fn about(certificates: &[InventoryItem]) -> RequestForm {
    let serials: Vec<_> = certificates.iter().map(|item| item.serial).collect();
    form(&certificates[0].authority.id(), &serials)
}

/// What somebody leaves for the provider with.
async fn leaves(bench: &Bench, actor: &Actor, certificates: &[InventoryItem]) -> Unsigned {
    match bench.console.request_revocation(actor, about(certificates)).await.unwrap() {
        Requested::ToSign(unsigned) => *unsigned,
        Requested::Made(request) => panic!("{request:?}"),
    }
}

async fn comes_back(bench: &Bench, actor: &Actor, unsigned: &Unsigned) -> Result<Request, Error> {
    let proof = proof_of(actor, &Signs::Request(Box::new(unsigned.clone())));
    bench.console.request_signed(actor, unsigned.clone(), &proof).await
}

/// What a web process that somebody has taken over writes: a request of "operator", with this token as its proof.
async fn forged(
    bench: &Bench,
    certificates: &[InventoryItem],
    token: impl FnOnce(Value) -> String,
) -> Request {
    let request = bench.pending(certificates).await;
    let operator = bench.operator().await;
    let salt = "07".repeat(32).parse().unwrap();
    let unsigned = Unsigned { request: request.clone(), others: Vec::new(), chosen: String::new(), salt };
    let signs = Signs::Request(Box::new(unsigned));
    let mut proof = proof_of(&operator, &signs);
    proof.id_token = token(claims_for(&operator, &signs.nonce()));
    let row = serde_json::to_string(&proof).unwrap();
    let put = raw_dynamodb(description().await).put_item().table_name(&bench.table);
    let put = put.item("pk", text(&format!("REQUEST#{}", request.id))).item("sk", text("PROOF"));
    put.item("body", text(&row)).send().await.unwrap();
    request
}

async fn with_claims(change: impl FnOnce(&mut Value), why: &str) {
    let bench = bench().await;
    let certificates = take(1).await;
    let sign = |mut claims: Value| {
        change(&mut claims);
        provider().signed(&claims)
    };
    let request = forged(&bench, &certificates, sign).await;
    bench.approve(&request, "approver").await;
    is_refused(&bench, &request, why).await;
    assert!(!was_revoked(&certificates[0]).await);
}

#[test]
fn who_leaves_has_asked_for_nothing_and_what_they_sign_is_carried_out() {
    test(async {
        let bench = bench().await;
        let certificates = take(1).await;
        bench.run().await;
        let operator = bench.operator().await;
        let (head, id) = (bench.entries().await.len(), certificates[0].authority.id());
        let unsigned = leaves(&bench, &operator, &certificates).await;
        assert_eq!(bench.aws.requests(None, None, 10).await.unwrap(), []);
        assert_eq!(bench.parts.aws.requests_of(&id, certificates[0].serial).await.unwrap(), []);
        assert_eq!(bench.entries().await.len(), head);

        let request = comes_back(&bench, &operator, &unsigned).await.unwrap();
        assert_eq!(request, unsigned.request);
        assert!(request.demands.request_sign_in);
        let told = bench.told(&request.id).await;
        assert_eq!(told[0].action, Action::RevocationRequested);
        assert_eq!(told[0].detail["signed_in_at"], operator.signed_in_at.to_string());
        // What is kept beside it lasts: the targets of what nobody signs for are gone after a day.
        let expires = async |sk: &str| {
            let get = raw_dynamodb(description().await).get_item().table_name(&bench.table);
            let get = get.key("pk", text(&format!("REQUEST#{}", request.id))).key("sk", text(sk));
            get.send().await.unwrap().item.unwrap().contains_key("expires")
        };
        assert!(!expires("TARGETS#0000").await && !expires("PROOF").await);
        let twice = comes_back(&bench, &operator, &unsigned).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");

        bench.approve(&request, "approver").await;
        bench.work().await;
        bench.until(&request.id, &[RequestState::Executed]).await;
        assert!(was_revoked(&certificates[0]).await);
        let evidence = bench.console.evidence(&operator, &request.id, None).await.unwrap();
        assert!(evidence.request_proof.is_some());
    });
}

#[test]
fn attack_36_a_request_written_in_somebody_elses_name_revokes_nothing() {
    test(async {
        let bench = bench().await;
        let certificates = take(1).await;
        let request = bench.pending(&certificates).await;
        bench.approve(&request, "approver").await;
        is_refused(&bench, &request, "That operator has asked for it is not proven").await;
        assert!(!was_revoked(&certificates[0]).await);
    });
}

/// The row says that no sign-in was asked for; the worker's own policy does. It may be an honest one, from before.
#[test]
fn attack_36_a_request_that_says_it_needs_no_sign_in_revokes_nothing() {
    test(async {
        let mut bench = Bench::new().await;
        let certificates = take(1).await;
        let request = bench.approved(&certificates).await;
        bench.replace(|parts| parts.settings.policy.request_sign_in = true).await;
        bench.work().await;
        let ended = bench.until(&request.id, &[RequestState::Cancelled]).await;
        let problem = ended.problem.unwrap();
        assert!(problem.contains("Today's policy asks for a sign-in of operator"), "{problem}");
        let findings: Vec<_> =
            bench.aws.findings_not_closed(&request.authority.id()).try_collect().await.unwrap();
        assert!(findings.is_empty(), "{findings:?}");
        assert!(!was_revoked(&certificates[0]).await);
    });
}

#[test]
fn attack_36_a_proof_copied_from_another_request_proves_nothing() {
    test(async {
        let bench = bench().await;
        let mut honest = String::new();
        let sign = |claims: Value| {
            honest = provider().signed(&claims);
            honest.clone()
        };
        forged(&bench, &take(1).await, sign).await;
        let certificates = take(1).await;
        let request = forged(&bench, &certificates, |_| honest).await;
        bench.approve(&request, "approver").await;
        is_refused(&bench, &request, "was not made for this request").await;
        assert!(!was_revoked(&certificates[0]).await);
    });
}

/// An approver signs in for a request that they write in the operator's name.
#[test]
fn attack_36_a_token_of_somebody_else_proves_no_request() {
    test(with_claims(|claims| claims["sub"] = json!("approver"), "names somebody else"));
}

#[test]
fn attack_36_a_token_without_the_operators_group_proves_no_request() {
    test(with_claims(|claims| claims["groups"] = json!(["approver"]), "do not make an operator"));
}

#[test]
fn attack_36_a_sign_in_of_this_morning_proves_no_request() {
    let stale = |claims: &mut Value| claims["auth_time"] = json!(claims["iat"].as_i64().unwrap() - 7200);
    test(with_claims(stale, "sign-in was older"));
}

#[test]
fn a_request_under_a_key_that_was_not_seen_waits() {
    test(async {
        let bench = bench().await;
        let key = stub::key("theirs");
        let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": "theirs"});
        let sign = |claims: Value| provider().signed_as(&header, &claims, &key);
        let request = forged(&bench, &take(1).await, sign).await;
        bench.approve(&request, "approver").await;
        bench.work().await;
        let waits = bench.until_problem(&request.id).await;
        assert_eq!(waits.state, RequestState::Approved);
        assert!(waits.problem.unwrap().contains("the key theirs of its ID token was not seen"));
        assert_eq!(bench.count(&request.id, Action::ExecutionStarted).await, 0);
    });
}

/// Many small ones that are signed for one after the other are a large one.
#[test]
fn attack_44_what_was_asked_for_while_signing_in_counts() {
    test(async {
        let within = Some(std::time::Duration::from_secs(3600));
        let rule = QuorumRule { from_targets: 2, within, approvals: 2, ..QuorumRule::default() };
        let bench = Bench::with(|parts| {
            parts.settings.policy.request_sign_in = true;
            parts.settings.policy.quorum = vec![rule];
        })
        .await;
        let certificates = take(2).await;
        bench.run().await;
        let operator = bench.operator().await;
        let first = leaves(&bench, &operator, &certificates[..1]).await;
        let second = leaves(&bench, &operator, &certificates[1..]).await;
        let again = leaves(&bench, &operator, &certificates[..1]).await;
        assert_eq!(second.request.approvals_needed, 1);
        let other = bench.sign_in("another operator", &[Role::Operator]).await;
        let somebody = comes_back(&bench, &other, &first).await;
        assert!(matches!(&somebody, Err(Error::SignInAgain(_))), "{somebody:?}");
        let demoted = bench.sign_in("operator", &[Role::Approver]).await;
        let refused = comes_back(&bench, &demoted, &first).await;
        assert!(matches!(&refused, Err(Error::Forbidden(_))), "{refused:?}");

        comes_back(&bench, &operator, &first).await.unwrap();
        let more = comes_back(&bench, &operator, &second).await;
        assert!(matches!(&more, Err(Error::Conflict(why)) if why.contains("more approvals")), "{more:?}");
        let twice = comes_back(&bench, &operator, &again).await;
        assert!(matches!(&twice, Err(Error::Conflict(_))), "{twice:?}");
        let asked_again = ask(&bench.console, &operator, about(&certificates[1..])).await.unwrap();
        assert_eq!(asked_again.approvals_needed, 2);
        bench.console.cancel_request(&operator, &asked_again.id).await.unwrap();
        let entries = bench.entries().await;
        let refused: Vec<_> = entries.iter().filter(|body| body.action == Action::Refused).collect();
        assert!(refused.iter().any(|body| body.detail["why"].contains("as somebody else")), "{refused:?}");
    });
}
