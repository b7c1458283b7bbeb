//! Two accounts of one human are one person, where configuration names the claim that says so.

use domain::revocation::{Decision, Request, RequestState, Verdict};
use domain::{Actor, Role};
use serde_json::json;

use crate::proofs::{is_refused, written};
use crate::signed::{ask, claims, decide, provider};
use crate::support::{Bench, says, take, test};

async fn bench(approvals: u32) -> Bench {
    Bench::with(|parts| {
        let policy = &mut parts.settings.policy;
        policy.people_claim = Some("employee_id".to_owned());
        policy.quorum[0].from_targets = 1;
        policy.quorum[0].approvals = approvals;
    })
    .await
}

async fn human(bench: &Bench, account: &str, role: Role, human: &str) -> Actor {
    let mut actor = bench.sign_in(account, &[role]).await;
    actor.person.human = human.parse().ok();
    bench.parts.aws.remember_person(&actor, actor.signed_in_at).await.unwrap();
    actor
}

async fn pending(bench: &Bench) -> Request {
    let operator = human(bench, "operator", Role::Operator, "E-1").await;
    bench.pending_by(&operator, &take(1).await).await
}

async fn refused(bench: &Bench, request: &Request, actor: &Actor) -> String {
    let form = says(Verdict::Approve, &request.hash);
    decide(&bench.console, actor, &request.id, form).await.unwrap_err().to_string()
}

#[test]
fn attack_nobody_approves_their_own_request_with_a_second_account() {
    test(async {
        let bench = bench(1).await;
        let request = pending(&bench).await;
        let second = human(&bench, "second-account", Role::Approver, "E-1").await;
        assert!(refused(&bench, &request, &second).await.contains("You made this request"));
        let nobody = human(&bench, "nobody", Role::Approver, "").await;
        assert!(refused(&bench, &request, &nobody).await.contains("which person is behind your account"));
        let other = human(&bench, "other", Role::Approver, "E-2").await;
        let form = says(Verdict::Approve, &request.hash);
        let approved = decide(&bench.console, &other, &request.id, form).await.unwrap();
        assert_eq!(approved.state, RequestState::Approved);
        bench.work().await;
        bench.until(&request.id, &[RequestState::Executed]).await;
    });
}

#[test]
fn attack_two_accounts_of_one_human_approve_once() {
    test(async {
        let bench = bench(2).await;
        let request = pending(&bench).await;
        let first = human(&bench, "first", Role::Approver, "E-2").await;
        decide(&bench.console, &first, &request.id, says(Verdict::Approve, &request.hash)).await.unwrap();
        let again = human(&bench, "again", Role::Approver, "E-2").await;
        assert!(refused(&bench, &request, &again).await.contains("You have decided on this request already"));
    });
}

/// A web process that somebody has taken over says that the second account is somebody else's.
#[test]
fn attack_the_human_in_the_token_counts_and_not_that_in_the_row() {
    test(async {
        let bench = bench(1).await;
        let request = pending(&bench).await;
        let second = human(&bench, "second-account", Role::Approver, "E-2").await;
        let form = says(Verdict::Approve, &request.hash);
        let intent = bench.console.intend(&second, &request.id, form).await.unwrap();
        let mut claims = claims(&second, &intent);
        claims["employee_id"] = json!("E-1");
        written(&bench, &second, intent, provider().signed(&claims)).await;
        is_refused(&bench, &request, "names another human behind the account").await;
    });
}

#[test]
fn attack_a_token_that_names_nobody_proves_nothing() {
    test(async {
        let bench = bench(1).await;
        let request = pending(&bench).await;
        let second = human(&bench, "second-account", Role::Approver, "E-2").await;
        let form = says(Verdict::Approve, &request.hash);
        let intent = bench.console.intend(&second, &request.id, form).await.unwrap();
        let mut claims = claims(&second, &intent);
        claims.as_object_mut().unwrap().remove("employee_id");
        let approved = written(&bench, &second, intent, provider().signed(&claims)).await;
        let [Decision { by, .. }] = &approved.decisions[..] else { panic!("{approved:?}") };
        assert_eq!(by.human, "E-2".parse().ok());
        is_refused(&bench, &request, "does not say who is behind the account").await;
    });
}

#[test]
fn whoever_is_nobody_requests_nothing_and_what_nobody_requested_is_not_decided() {
    test(async {
        let mut bench = bench(1).await;
        let nobody = human(&bench, "operator", Role::Operator, "").await;
        bench.run().await;
        let certificate = take(1).await.remove(0);
        let form = domain::views::RequestForm {
            authority: Some(certificate.authority.id()),
            of: domain::views::Selection::Serials(vec![certificate.serial]),
            shown: domain::views::Shown::of([certificate.serial]),
            reason: domain::RevocationReason::Superseded,
            justification: "It was replaced last week".to_owned(),
            ticket: None,
            finding: None,
            incident: None,
            drill: false,
            alone: None,
        };
        let why = ask(&bench.console, &nobody, form).await.unwrap_err().to_string();
        assert!(why.contains("which person is behind your account"), "{why}");
        // From before policy asked for it.
        bench.replace(|parts| parts.settings.policy.people_claim = None).await;
        let older = bench.pending_by(&nobody, std::slice::from_ref(&certificate)).await;
        bench.replace(|parts| parts.settings.policy.people_claim = Some("employee_id".to_owned())).await;
        let other = human(&bench, "other", Role::Approver, "E-2").await;
        assert!(refused(&bench, &older, &other).await.contains("not known which person made this request"));
    });
}
