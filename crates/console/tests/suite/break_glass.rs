//! Breaking the glass: alone, by whom the token proves to be of the group, under the worker's own policy, and told to everybody.

use console::{Error, Parts};
use domain::finding::{FindingRefusal, Seen};
use domain::ledger::Action;
use domain::revocation::{Alone, BreakGlass, Request, RequestState, Verdict};
use domain::views::{RequestForm, Settings};
use domain::{Actor, Finding, FindingKind, InventoryItem, Role};
use futures::TryStreamExt;
use serde_json::json;

use crate::drill::rewrite;
use crate::proofs::{is_refused, written};
use crate::request::form;
use crate::signed::{ask, claims, decide, proof, provider};
use crate::support::{Bench, says, take, test, was_revoked};

const WHY: &str = "Nobody else can be reached, and the key is in use";

fn of_security() -> BreakGlass {
    BreakGlass { groups: vec!["security".to_owned()] }
}

/// A console where one of security may execute alone, and where two must approve otherwise.
async fn bench() -> Bench {
    Bench::with(|parts| {
        parts.settings.policy.break_glass = Some(of_security());
        parts.settings.policy.quorum[0].from_targets = 1;
    })
    .await
}

/// The same with its records read, and a certificate to revoke.
async fn read() -> (Bench, InventoryItem) {
    let bench = bench().await;
    bench.run().await;
    (bench, take(1).await.remove(0))
}

/// Who may request and approve, and is of these groups.
async fn breaker(bench: &Bench, groups: &[&str]) -> Actor {
    let mut actor = bench.sign_in("breaker", &[Role::Operator, Role::Approver]).await;
    actor.groups = groups.iter().map(|&group| group.to_owned()).collect();
    actor
}

async fn asked(bench: &Bench, by: &Actor, certificate: &InventoryItem) -> Result<Request, Error> {
    let form = form(&certificate.authority.id(), &[certificate.serial]);
    ask(&bench.console, by, RequestForm { alone: Some(WHY.to_owned()), ..form }).await
}

/// The finding of this kind.
async fn found(bench: &Bench, request: &Request, kind: FindingKind) -> Option<Finding> {
    let open: Vec<_> = bench.aws.findings_not_closed(&request.authority.id()).try_collect().await.unwrap();
    open.into_iter().find(|finding| finding.id.kind == kind)
}

/// It was called off for this reason, and somebody is told.
async fn is_over(bench: &Bench, request: &Request, why: &str) {
    let ended = bench.until(&request.id, &[RequestState::Cancelled, RequestState::Executed]).await;
    let problem = ended.problem.unwrap();
    assert!(problem.contains(why), "{problem}");
    assert!(found(bench, request, FindingKind::DecisionNotProven).await.is_some());
    assert_eq!(found(bench, request, FindingKind::GlassBroken).await, None, "nothing was executed");
}

#[test]
fn who_breaks_the_glass_executes_alone_and_two_must_look_at_it() {
    test(async {
        let (bench, certificate) = read().await;
        let by = breaker(&bench, &["security"]).await;
        let request = asked(&bench, &by, &certificate).await.unwrap();
        let approved =
            decide(&bench.console, &by, &request.id, says(Verdict::Approve, &request.hash)).await.unwrap();
        assert_eq!(approved.state, RequestState::Approved, "the quorum of two asks nothing of it");
        bench.work().await;
        bench.until(&request.id, &[RequestState::Executed]).await;
        assert!(was_revoked(&certificate).await);
        let finding = found(&bench, &request, FindingKind::GlassBroken).await.unwrap();
        let what = &finding.evidence.alert.as_ref().unwrap().what;
        assert!(what.contains("breaker") && what.contains(WHY), "{what}");
        let entries = bench.told(&request.id).await;
        let with_why =
            entries.iter().filter(|body| body.detail.get("break_glass").is_some_and(|why| why == WHY));
        let actions: Vec<Action> = with_why.map(|body| body.action).collect();
        assert_eq!(actions, [Action::RevocationRequested, Action::RevocationApproved]);

        // One person alone does not put it aside, though policy asks for one only.
        let (first, second) = (bench.operator().await, bench.sign_in("second", &[Role::Operator]).await);
        let seen = |finding: &Finding| [Seen { id: finding.id.clone(), version: finding.version }];
        let once = bench.console.dismiss_findings(&first, &seen(&finding), "It was right so").await.unwrap();
        assert_eq!(once[0].state.name().name(), "open");
        let twice = bench.console.dismiss_findings(&first, &seen(&once[0]), "It was right so").await;
        assert_eq!(twice.unwrap_err().to_string(), FindingRefusal::Second.to_string());
        let done = bench.console.dismiss_findings(&second, &seen(&once[0]), "It was right so").await.unwrap();
        assert_eq!(done[0].state.name().name(), "dismissed");
    });
}

#[test]
fn attack_who_is_not_of_the_group_breaks_no_glass() {
    test(async {
        let (bench, certificate) = read().await;
        let outsider = breaker(&bench, &["operations"]).await;
        let refused = asked(&bench, &outsider, &certificate).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        // A web process that somebody has taken over believes that they are; the provider does not sign it.
        let claimed = breaker(&bench, &["security"]).await;
        let request = asked(&bench, &claimed, &certificate).await.unwrap();
        let form = says(Verdict::Approve, &request.hash);
        let intent = bench.console.intend(&claimed, &request.id, form).await.unwrap();
        let mut claims = claims(&claimed, &intent);
        claims["groups"] = json!(["operator", "approver", "operations"]);
        written(&bench, &claimed, intent, provider().signed(&claims)).await;
        bench.work().await;
        is_over(&bench, &request, "not enough approvals").await;
        assert!(!was_revoked(&certificate).await);
    });
}

#[test]
fn attack_a_worker_where_it_is_off_executes_nothing_alone() {
    test(async {
        let (bench, certificate) = read().await;
        let by = breaker(&bench, &["security"]).await;
        let request = asked(&bench, &by, &certificate).await.unwrap();
        decide(&bench.console, &by, &request.id, says(Verdict::Approve, &request.hash)).await.unwrap();
        let mut settings: Settings = bench.parts.settings.clone();
        settings.policy.break_glass = None;
        bench.work_with(Parts { aws: bench.aws.clone(), settings, ..bench.parts.clone() }).await;
        is_over(&bench, &request, "policy.break_glass").await;
        assert!(!was_revoked(&certificate).await);
    });
}

#[test]
fn attack_a_row_that_says_break_glass_makes_none() {
    test(async {
        let bench = bench().await;
        let certificate = take(1).await.remove(0);
        let by = breaker(&bench, &["security"]).await;
        let request = bench.pending_by(&by, std::slice::from_ref(&certificate)).await;
        let alone = Alone { why: WHY.to_owned(), allowed: of_security() };
        rewrite(&bench, &request, |row| {
            row.alone = Some(alone);
            row.approvals_needed = 1;
        })
        .await;
        let form = says(Verdict::Approve, &request.hash);
        let intent = bench.console.intend(&by, &request.id, form).await.unwrap();
        let signed = proof(&by, &intent);
        bench.console.decide(&by, intent, &signed).await.unwrap();
        is_refused(&bench, &request, "not what was approved").await;
        assert!(!was_revoked(&certificate).await);
    });
}
