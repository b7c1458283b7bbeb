//! What policy demands of approvals beside their number, and requests that consoles of other versions made.

use std::time::Duration;

use console::tell_configuration;
use countersign_aws::Aws;
use domain::ledger::Action;
use domain::people::RoleGroups;
use domain::revocation::{Demands, Mode, Policy, QuorumRule, Represented, Request, RequestState, Verdict};
use domain::trail::Issuers;
use domain::{Actor, Role};
use futures::TryStreamExt;
use tokio_util::sync::CancellationToken;

use crate::proofs::{about_to_approve_as, is_refused, text, written};
use crate::signed::{claims, decide, provider};
use crate::support::{Bench, description, raw_dynamodb, says, take, target, test, was_revoked};

async fn under(change: impl FnOnce(&mut Policy)) -> Bench {
    Bench::with(|parts| change(&mut parts.settings.policy)).await
}

/// An approver with something else as well.
async fn approver_with(bench: &Bench, name: &str, change: impl FnOnce(&mut Actor)) -> Actor {
    let mut approver = bench.sign_in(name, &[Role::Approver]).await;
    change(&mut approver);
    approver
}

async fn approve(bench: &Bench, request: &Request, approver: &Actor) -> Request {
    decide(&bench.console, approver, &request.id, says(Verdict::Approve, &request.hash)).await.unwrap()
}

/// What a web process that somebody has taken over says of a sign-in is not what its token says.
#[test]
fn attack_a_sign_in_of_another_class_proves_nothing() {
    test(async {
        let bench = under(|policy| policy.acr = vec!["phr".to_owned()]).await;
        let approver = approver_with(&bench, "approver", |actor| actor.strength.acr = Some("phr".to_owned()));
        let (request, approver, intent) = about_to_approve_as(&bench, approver.await).await;
        let mut claims = claims(&approver, &intent);
        claims["acr"] = "0".into();
        written(&bench, &approver, intent, provider().signed(&claims)).await;
        is_refused(&bench, &request, "was not of a class that policy asks for (acr: phr)").await;
    });
}

#[test]
fn attack_a_sign_in_by_password_proves_nothing_where_policy_asks_for_a_key() {
    test(async {
        let bench = under(|policy| policy.amr = vec!["hwk".to_owned(), "fido".to_owned()]).await;
        let approver =
            approver_with(&bench, "approver", |actor| actor.strength.amr = vec!["fido".to_owned()]);
        let (request, approver, intent) = about_to_approve_as(&bench, approver.await).await;
        let mut claims = claims(&approver, &intent);
        claims["amr"] = "pwd".into();
        written(&bench, &approver, intent, provider().signed(&claims)).await;
        is_refused(&bench, &request, "used no method that policy asks for (amr: hwk or fido)").await;
    });
}

fn represented(policy: &mut Policy) {
    let one = |group: &str| Represented { group: group.to_owned(), approvals: 1 };
    let represented = vec![one("security"), one("operations")];
    policy.quorum = vec![QuorumRule { from_targets: 1, approvals: 1, represented, ..QuorumRule::default() }];
}

#[test]
fn both_groups_must_approve_before_anything_is_revoked() {
    test(async {
        let bench = under(represented).await;
        let request = bench.pending(&take(1).await).await;
        let of = |group: &str| {
            let group = group.to_owned();
            move |actor: &mut Actor| actor.groups = vec![group]
        };
        let first = approver_with(&bench, "first", of("security")).await;
        let second = approver_with(&bench, "second", of("security")).await;
        let third = approver_with(&bench, "third", of("operations")).await;
        assert_eq!(approve(&bench, &request, &first).await.state, RequestState::Pending);
        assert_eq!(approve(&bench, &request, &second).await.state, RequestState::Pending);
        assert_eq!(approve(&bench, &request, &third).await.state, RequestState::Approved);
        bench.work().await;
        bench.until(&request.id, &[RequestState::Executed]).await;
    });
}

#[test]
fn who_may_still_decide_is_named() {
    test(async {
        let bench = under(represented).await;
        let request = bench.pending(&take(1).await).await;
        let person = async |name: &str, role, groups: &[&str]| {
            let mut actor = bench.sign_in(name, &[role]).await;
            actor.groups = groups.iter().map(|&group| group.to_owned()).collect();
            bench.parts.aws.remember_person(&actor, actor.signed_in_at).await.unwrap();
            actor
        };
        let first = person("first", Role::Approver, &["security"]).await;
        person("second", Role::Approver, &["security"]).await;
        person("third", Role::Approver, &["operations"]).await;
        let auditor = person("auditor", Role::Auditor, &["operations"]).await;
        let named = async || {
            let mut deciders = bench
                .console
                .request(&auditor, &request.id, domain::views::Narrowed::default())
                .await
                .unwrap()
                .deciders;
            deciders.sort_by(|one, other| one.name.cmp(&other.name));
            deciders.into_iter().map(|one| (one.name, one.groups.concat())).collect::<Vec<_>>()
        };
        let of = |people: &[(&str, &str)]| {
            people.iter().map(|(name, group)| ((*name).to_owned(), (*group).to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(
            named().await,
            of(&[("first", "security"), ("second", "security"), ("third", "operations")])
        );
        approve(&bench, &request, &first).await;
        assert_eq!(named().await, of(&[("second", ""), ("third", "operations")]));
    });
}

#[test]
fn attack_a_group_that_the_token_does_not_list_is_not_represented() {
    test(async {
        let bench = under(represented).await;
        let request = bench.pending(&take(1).await).await;
        let first = approver_with(&bench, "first", |actor| actor.groups = vec!["security".to_owned()]).await;
        approve(&bench, &request, &first).await;
        let other =
            approver_with(&bench, "other", |actor| actor.groups = vec!["operations".to_owned()]).await;
        let form = says(Verdict::Approve, &request.hash);
        let intent = bench.console.intend(&other, &request.id, form).await.unwrap();
        let mut claims = claims(&other, &intent);
        claims["groups"] = serde_json::json!(["approver", "security"]);
        written(&bench, &other, intent, provider().signed(&claims)).await;
        is_refused(&bench, &request, "not enough approvals").await;
    });
}

#[test]
fn an_approval_that_has_outlived_its_time_revokes_nothing_and_alarms_nobody() {
    test(async {
        let bench = under(|policy| policy.approval_life = Duration::from_secs(60)).await;
        let certificates = take(1).await;
        let request = bench.pending(&certificates).await;
        let long_ago =
            |actor: &mut Actor| actor.signed_in_at = actor.signed_in_at.minus(Duration::from_secs(90));
        let approver = approver_with(&bench, "approver", long_ago).await;
        assert_eq!(approve(&bench, &request, &approver).await.state, RequestState::Approved);
        bench.work().await;
        let ended = bench.until(&request.id, &[RequestState::Cancelled]).await;
        let problem = ended.problem.unwrap();
        assert!(problem.contains("The approval of approver is older than 1 minute"), "{problem}");
        let findings: Vec<_> =
            bench.aws.findings_not_closed(&request.authority.id()).try_collect().await.unwrap();
        assert!(findings.is_empty(), "{findings:?}");
        assert!(!was_revoked(&certificates[0]).await);
    });
}

/// As the console before this one left it: hash and row.
#[test]
fn what_the_previous_version_froze_is_carried_out() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(1).await;
        let targets: Vec<_> = certificates.iter().map(target).collect();
        let mut frozen = bench.pending_about(targets.clone()).await;
        frozen.id = uuid::Uuid::now_v7().to_string().parse().unwrap();
        (frozen.hash_version, frozen.demands) = (2, Demands::default());
        frozen.hash = frozen.hash_of(&targets);
        let frozen = bench.stored(frozen, &targets).await;
        bench.approve(&frozen, "approver").await;
        bench.work().await;
        bench.until(&frozen.id, &[RequestState::Executed]).await;
        assert!(was_revoked(&certificates[0]).await);
    });
}

/// The request's row, by hand.
async fn write_row(bench: &Bench, request: &Request) {
    let body = serde_json::to_string(request).unwrap();
    let row = raw_dynamodb(description().await).update_item().table_name(&bench.table);
    let row = row.key("pk", text("REQUEST")).key("sk", text(request.id.as_str()));
    let row = row.update_expression("SET body = :body").expression_attribute_values(":body", text(&body));
    row.send().await.unwrap();
}

#[test]
fn what_a_newer_version_froze_is_left_alone() {
    test(async {
        let bench = Bench::new().await;
        let approved = bench.approved(&take(1).await).await;
        // What would prove that it was asked for is not where we would look.
        let demands = Demands { request_sign_in: true, ..approved.demands.clone() };
        let newer = Request { hash_version: 1000, demands, ..approved.clone() };
        write_row(&bench, &newer).await;
        let ours = bench.approved(&take(1).await).await;
        bench.work().await;
        // Orders are gone through in their order: the newer one was looked at before.
        bench.until(&ours.id, &[RequestState::Executed]).await;
        assert_eq!(bench.request(&newer.id).await, newer, "not even a word");
        assert_eq!(bench.aws.outbox().await.unwrap(), std::slice::from_ref(&newer.id));
        assert_eq!(bench.count(&newer.id, Action::ExecutionStarted).await, 0);
        // It goes on once a worker of that version runs: here, once it is what we know.
        write_row(&bench, &approved).await;
        bench.until(&newer.id, &[RequestState::Executed]).await;
    });
}

#[test]
fn what_a_start_has_changed_is_told_once() {
    test(async {
        let bench = Bench::new().await;
        let groups = |name: &str| RoleGroups::from_iter([(Role::Approver, vec![name.to_owned()])]);
        let start = async |aws: &Aws, policy: &Policy, roles: RoleGroups, mode| {
            let (aws, clock) = (aws.clone(), bench.parts.clock.clone());
            tell_configuration(
                aws,
                clock,
                "work",
                (policy, &roles, mode, &Issuers::default()),
                CancellationToken::new(),
            )
            .await;
        };
        let told = async || {
            let mut bodies = bench.entries().await;
            bodies.retain(|body| body.action == Action::ConfigurationChanged);
            bodies
        };
        let (strict, lax) =
            (Policy::default(), Policy { fresh_sign_in: Duration::from_secs(86_400), ..Policy::default() });
        start(&bench.aws, &strict, groups("approvers"), Mode::Drill).await;
        start(&bench.aws, &strict, groups("approvers"), Mode::Drill).await;
        assert_eq!(told().await.len(), 1, "the first start, and none that changes nothing");
        start(&bench.aws, &lax, groups("everybody"), Mode::Live).await;
        // Both at once: one tells.
        tokio::join!(
            start(&bench.aws, &strict, groups("approvers"), Mode::Live),
            start(&bench.aws, &strict, groups("approvers"), Mode::Live),
        );
        let told = told().await;
        assert_eq!(told.len(), 3);
        let changed = &told[1].detail;
        assert_eq!((&changed["from"], &changed["to"]), (&strict.version(), &lax.version()));
        assert_eq!(changed["policy.fresh_sign_in"], "15 minutes → 24 hours");
        assert_eq!(changed["roles.approver"], r#"["approvers"] → ["everybody"]"#);
        assert_eq!(changed["revocation.mode"], "dry-run → live");
        let mut started = bench.entries().await;
        started.retain(|body| body.action == Action::ProcessStarted);
        assert_eq!(started.len(), 5, "each start, whatever it changed");
        assert_eq!(started[0].detail["configuration_sha256"], started[1].detail["configuration_sha256"]);
        assert_ne!(started[1].detail["configuration_sha256"], started[2].detail["configuration_sha256"]);
        assert_eq!(started[2].detail["revocation.mode"], "live");
        assert_eq!(started[2].detail["issuers.authorised"], "[]");
        // The other process has its own; both may write it.
        let web = &bench.parts.aws;
        let (clock, stop) = (bench.parts.clock.clone(), CancellationToken::new());
        tell_configuration(
            web.clone(),
            clock,
            "serve",
            (&strict, &groups("approvers"), Mode::Live, &Issuers::default()),
            stop,
        )
        .await;
        assert!(web.configuration("serve").await.unwrap().is_some());
    });
}
