//! What is ordered to be done to all findings that match: frozen, counted, done once each, wherever a worker dies.

use std::collections::BTreeMap;
use std::time::Duration;

use console::Error;
use domain::finding::{Bulk, Disagreement, Evidence, FindingStateName};
use domain::ledger::{Action, Body, Object, Who};
use domain::views::{BulkForm, BulkWhat, FindingQuery};
use domain::{Actor, BulkId, Finding, FindingKind, Role, Severity};
use sandbox::until;

use crate::support::{Bench, authority, description, test};

const REASON: &str = "The lab's own certificates, all of them";

fn dismissal(shown: u64, typed: &str) -> BulkForm {
    let what = BulkWhat::Dismiss { reason: REASON.to_owned() };
    BulkForm { query: FindingQuery::default(), what, shown, typed: Some(typed.to_owned()) }
}

/// So many open findings of these kinds in turn, in the table and known to the console.
async fn findings(bench: &Bench, kinds: &[FindingKind], number: u16) -> Vec<Finding> {
    let authority = authority(description().await);
    let now = bench.parts.clock.now();
    let findings: Vec<Finding> = (1..=number)
        .map(|serial| {
            let kind = kinds[usize::from(serial) % kinds.len()];
            let serial = format!("{serial:04x}").parse().unwrap();
            let evidence = Evidence::default();
            let found = Disagreement { kind, authority: authority.clone(), serial, evidence };
            Finding::opened(found, "01890000-0000-7000-8000-000000000000".parse().unwrap(), now)
        })
        .collect();
    for batch in findings.chunks(90) {
        let who = Who::System { part: "test".to_owned() };
        let body = Body::new(now, who, Action::FindingsRecorded, Object::Route("findings".to_owned()));
        let changes = batch.iter().map(|one| bench.aws.save_finding(one, None, now).unwrap()).collect();
        bench.aws.commit(changes, &body).await.unwrap();
    }
    let auditor = bench.sign_in("auditor", &[Role::Auditor]).await;
    until("the list", async || {
        let page = bench.console.findings(&auditor, &FindingQuery::default()).await.ok();
        page.filter(|page| page.total == u64::from(number))
    })
    .await;
    findings
}

async fn ended(bench: &Bench, id: &BulkId) -> Bulk {
    until("the end of it", async || Some(bench.aws.bulk(id).await.unwrap()).filter(|bulk| bulk.end.is_some()))
        .await
}

async fn states(bench: &Bench, findings: &[Finding]) -> BTreeMap<FindingStateName, usize> {
    let ids: Vec<_> = findings.iter().map(|one| one.id.clone()).collect();
    let mut states = BTreeMap::new();
    for finding in bench.aws.findings(&ids).await.unwrap() {
        *states.entry(finding.state.name()).or_default() += 1;
    }
    states
}

#[test]
fn many_are_dismissed_once_each_whoever_dies_and_critical_ones_by_two() {
    test(async {
        let bench = Bench::with(|parts| parts.settings.policy.dismiss_critical = 2).await;
        let kinds = [FindingKind::RogueIssuer, FindingKind::Duplicate, FindingKind::DatesDiffer];
        let findings = findings(&bench, &kinds, 240).await;
        let critical = findings.iter().filter(|one| one.id.kind.severity() == Severity::Critical).count();
        assert_eq!(critical, 80);
        let (first, second) = (
            bench.sign_in("first", &[Role::Operator]).await,
            bench.sign_in("second", &[Role::Operator]).await,
        );
        let id = bench.console.order_bulk(&first, dismissal(240, "240")).await.unwrap();
        // One of them changes after that, and another one comes too late to be meant.
        let now = bench.parts.clock.now();
        let taken = findings[1].acknowledge(&second, None, now).unwrap();
        let who = Who::System { part: "test".to_owned() };
        let body = Body::new(now, who, Action::FindingAcknowledged, Object::Finding(taken.id.clone()));
        bench.aws.commit(vec![bench.aws.save_finding(&taken, Some(1), now).unwrap()], &body).await.unwrap();
        // A worker dies in the midst of it, at whatever it is doing.
        let dying = bench.work().await;
        until("the first of them", async || (bench.aws.bulk(&id).await.unwrap().reached > 0).then_some(()))
            .await;
        dying.abort();
        bench.another_works().await;
        let bulk = ended(&bench, &id).await;
        assert_eq!((bulk.reached, bulk.done + bulk.asked, bulk.asked), (240, 239, 80), "{bulk:?}");
        assert_eq!(bulk.left.values().sum::<u64>(), 1);
        assert_eq!((&bulk.first_left, &bulk.end.unwrap().why), (&vec![taken.id.clone()], &None));
        let after = states(&bench, &findings).await;
        let expected = [
            (FindingStateName::Open, 80),
            (FindingStateName::Acknowledged, 1),
            (FindingStateName::Dismissed, 159),
        ];
        assert_eq!(after, expected.into());
        // The ledger tells of each once.
        let entries = bench.entries().await;
        let told = |action| -> u64 {
            let of = entries.iter().filter(|body| body.action == action);
            let count = |body: &Body| body.detail.get("count").map_or(1, |count| count.parse().unwrap());
            of.map(count).sum()
        };
        assert_eq!((told(Action::FindingDismissed), told(Action::DismissalAsked)), (159, 80));
        let by_first = entries.iter().filter(|body| body.action == Action::FindingDismissed);
        for body in by_first {
            assert!(matches!(&body.who, Who::Person { person, .. } if *person == first.person), "{body:?}");
            assert_eq!(body.detail.get("bulk").map(String::as_str), Some(id.as_str()));
        }
        // Who has asked cannot confirm; somebody else can.
        let again = |by: Actor| {
            let (bench, query) =
                (&bench, FindingQuery { severity: Some(Severity::Critical), ..FindingQuery::default() });
            async move {
                let number = until("what is left", async || {
                    let matching = bench.console.findings_matching(&by, query.clone()).await.unwrap();
                    (matching.total() == 80).then(|| matching.total())
                })
                .await;
                let form = BulkForm { query: query.clone(), ..dismissal(number, "80") };
                let id = bench.console.order_bulk(&by, form).await.unwrap();
                ended(bench, &id).await
            }
        };
        let alone = again(first).await;
        assert_eq!((alone.done, alone.asked, alone.left.values().sum::<u64>()), (0, 0, 80));
        let confirmed = again(second).await;
        assert_eq!((confirmed.done, confirmed.asked, confirmed.left.len()), (80, 0, 0));
    });
}

#[test]
fn attack_what_is_ordered_is_what_was_shown_and_typed_and_by_an_operator() {
    test(async {
        let bench = Bench::new().await;
        let findings = findings(&bench, &[FindingKind::Duplicate], 60).await;
        let operator = bench.operator().await;
        let auditor = bench.sign_in("auditor", &[Role::Auditor]).await;
        let order = async |actor: &Actor, form: BulkForm| bench.console.order_bulk(actor, form).await;
        assert!(matches!(order(&auditor, dismissal(60, "60")).await, Err(Error::Forbidden(_))));
        for typed in ["", "6", "61", "sixty"] {
            let refused = order(&operator, dismissal(60, typed)).await;
            assert!(matches!(refused, Err(Error::Invalid { field: "confirm", .. })), "{typed}");
        }
        assert!(matches!(order(&operator, dismissal(59, "59")).await, Err(Error::Conflict(_))));
        let vague = BulkForm { what: BulkWhat::Dismiss { reason: "no".to_owned() }, ..dismissal(60, "60") };
        assert!(matches!(order(&operator, vague).await, Err(Error::Invalid { field: "reason", .. })));
        let nobody = Some("https://idp.example|nobody".parse().unwrap());
        let to_nobody = BulkWhat::Acknowledge { owner: nobody, due: None };
        let refused = order(&operator, BulkForm { what: to_nobody, ..dismissal(60, "60") }).await;
        assert!(matches!(refused, Err(Error::Invalid { field: "owner", .. })));
        assert!(bench.aws.bulks_under_way(10).await.unwrap().is_empty());

        // Given to somebody else, and then by an operator who is none any more.
        let other = bench.sign_in("other", &[Role::Operator]).await;
        let (owner, due) =
            (Some(other.person.id.clone()), Some(bench.parts.clock.now().plus(Duration::from_secs(86_400))));
        let form = BulkForm { what: BulkWhat::Acknowledge { owner, due }, ..dismissal(60, "60") };
        let id = order(&operator, form).await.unwrap();
        bench.work().await;
        assert_eq!(ended(&bench, &id).await.done, 60);
        let mine = FindingQuery { mine: true, ..FindingQuery::default() };
        until("hers", async || {
            let page = bench.console.findings(&other, &mine).await.unwrap();
            (page.total == 60).then_some(())
        })
        .await;
        let list =
            bench.console.list_of_findings(&operator, &authority(description().await).id(), mine).await;
        assert!(list.is_err(), "none are his");
        let all = FindingQuery::default();
        let list = bench.console.list_of_findings(&operator, &authority(description().await).id(), all).await;
        let kept = bench.parts.aws.kept_list(&list.unwrap()).await.unwrap();
        assert_eq!(kept.serials.len(), findings.len());

        bench.stop().await;
        let former = bench.sign_in("former", &[Role::Operator]).await;
        let id = order(&former, dismissal(60, "60")).await.unwrap();
        bench.sign_in("former", &[Role::Auditor]).await;
        bench.another_works().await;
        let bulk = ended(&bench, &id).await;
        assert_eq!((bulk.reached, bulk.end.unwrap().why.is_some()), (0, true));
        assert!(bench.console.stop_bulk(&operator, &id).await.is_err(), "it has ended");
    });
}
