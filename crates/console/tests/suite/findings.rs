//! The findings that a console keeps: listed with the worst first, counted, and as fresh as the table.

use std::time::Duration;

use console::Error;
use domain::finding::{Disagreement, Evidence, FindingStateName, Seen};
use domain::ledger::{Action, Body, Object, Who};
use domain::views::{FindingPage, FindingQuery, FindingStates};
use domain::{Finding, FindingId, FindingKind, Role, Severity};
use tokio::time::Instant;

use crate::support::{Bench, authority, description, test};

async fn finding(bench: &Bench, kind: FindingKind, serial: u8, seen: u64) -> Finding {
    let authority = authority(description().await);
    let found = Disagreement {
        kind,
        authority,
        serial: format!("{serial:02x}").parse().unwrap(),
        evidence: Evidence::default(),
    };
    let run = "01890000-0000-7000-8000-000000000000".parse().unwrap();
    Finding::opened(found, run, bench.parts.clock.now().minus(Duration::from_secs(3600 - seen)))
}

async fn save(bench: &Bench, finding: &Finding, replaces: Option<u64>) {
    let now = bench.parts.clock.now();
    let who = Who::System { part: "test".to_owned() };
    let body = Body::new(now, who, Action::FindingsRecorded, Object::Finding(finding.id.clone()));
    let change = bench.aws.save_finding(finding, replaces, now).unwrap();
    bench.aws.commit(vec![change], &body).await.unwrap();
}

async fn page(bench: &Bench, query: FindingQuery) -> FindingPage {
    let auditor = bench.sign_in("auditor", &[Role::Auditor]).await;
    let started = Instant::now();
    loop {
        match bench.console.findings(&auditor, &query).await {
            Err(Error::Unavailable(_)) if started.elapsed() < Duration::from_secs(30) => (),
            page => return page.unwrap(),
        }
    }
}

fn ids(page: &FindingPage) -> Vec<&FindingId> {
    page.findings.iter().map(|finding| &finding.id).collect()
}

/// Waits until the list is as `is` says, and for how long it took.
async fn until(bench: &Bench, query: FindingQuery, is: impl Fn(&FindingPage) -> bool) -> Duration {
    let started = Instant::now();
    sandbox::until("the list", async || is(&page(bench, query.clone()).await).then_some(started.elapsed()))
        .await
}

#[test]
fn attack_nobody_dismisses_a_critical_finding_alone_where_two_must_agree() {
    test(async {
        let bench = Bench::with(|parts| parts.settings.policy.dismiss_critical = 2).await;
        let critical = finding(&bench, FindingKind::UnauthorizedIssuance, 7, 0).await;
        let other = finding(&bench, FindingKind::SubjectDiffers, 8, 0).await;
        assert_eq!(critical.id.kind.severity(), Severity::Critical);
        save(&bench, &critical, None).await;
        save(&bench, &other, None).await;
        let first = bench.sign_in("first", &[Role::Operator]).await;
        let second = bench.sign_in("second", &[Role::Operator]).await;
        let seen = |finding: &Finding| Seen { id: finding.id.clone(), version: finding.version };
        let dismiss = async |actor, findings: &[&Finding]| {
            let seen: Vec<Seen> = findings.iter().map(|finding| seen(finding)).collect();
            bench.console.dismiss_findings(actor, &seen, "The lab's own certificate").await
        };
        let stored = async || bench.aws.finding(&critical.id).await.unwrap();
        dismiss(&first, &[&critical, &other]).await.unwrap();
        let asked = stored().await;
        assert_eq!(asked.state.name(), FindingStateName::Open);
        assert_eq!(bench.aws.finding(&other.id).await.unwrap().state.name(), FindingStateName::Dismissed);
        let again = dismiss(&first, &[&asked]).await.unwrap_err();
        assert!(again.to_string().contains("somebody else must confirm"), "{again}");
        dismiss(&second, &[&asked]).await.unwrap();
        assert_eq!(stored().await.state.name(), FindingStateName::Dismissed);
        let told = async |action| bench.entries().await.iter().filter(|body| body.action == action).count();
        assert_eq!((told(Action::DismissalAsked).await, told(Action::FindingDismissed).await), (1, 2));
    });
}

#[test]
fn the_worst_come_first_and_what_changes_elsewhere_is_seen() {
    test(async {
        let bench = Bench::new().await;
        let medium = finding(&bench, FindingKind::DatesDiffer, 1, 0).await;
        let younger = finding(&bench, FindingKind::UnauthorizedIssuance, 2, 20).await;
        let older = finding(&bench, FindingKind::UnauthorizedIssuance, 3, 10).await;
        let high = finding(&bench, FindingKind::SubjectDiffers, 4, 0).await;
        for one in [&medium, &younger, &older, &high] {
            save(&bench, one, None).await;
        }
        let all = FindingQuery::default();
        until(&bench, all.clone(), |page| page.total == 4).await;
        let first = page(&bench, all.clone()).await;
        assert_eq!(ids(&first), [&older.id, &younger.id, &high.id, &medium.id]);
        assert_eq!(first.waiting[&FindingKind::UnauthorizedIssuance], 2);
        let critical = FindingQuery { severity: Some(Severity::Critical), ..all.clone() };
        let narrowed = page(&bench, critical).await;
        assert_eq!((narrowed.total, ids(&narrowed)), (2, vec![&older.id, &younger.id]));
        let kind = FindingQuery { kind: Some(FindingKind::DatesDiffer), ..all.clone() };
        assert_eq!(ids(&page(&bench, kind).await), [&medium.id]);
        let elsewhere = FindingQuery { authority: Some("other".parse().unwrap()), ..all.clone() };
        assert_eq!(page(&bench, elsewhere).await.total, 0);

        // Another process takes one on, and one is closed.
        let operator = bench.operator().await;
        let taken = older.acknowledge(&operator, None, bench.parts.clock.now()).unwrap();
        save(&bench, &taken, Some(older.version)).await;
        let run = "01890000-0000-7000-8000-000000000001".parse().unwrap();
        let closed = medium.gone(&run, bench.parts.clock.now()).unwrap();
        save(&bench, &closed, Some(medium.version)).await;
        let acknowledged =
            FindingQuery { state: FindingStates::Is(FindingStateName::Acknowledged), ..all.clone() };
        until(&bench, acknowledged, |page| ids(page) == [&older.id]).await;
        until(&bench, all.clone(), |page| page.total == 3).await;
        let of_closed = FindingQuery { state: FindingStates::Is(FindingStateName::Closed), ..all };
        assert_eq!(ids(&page(&bench, of_closed).await), [&medium.id]);
    });
}

#[test]
fn what_a_person_did_is_on_the_list_at_once() {
    test(async {
        let bench = Bench::new().await;
        let one = finding(&bench, FindingKind::UnauthorizedIssuance, 1, 0).await;
        save(&bench, &one, None).await;
        until(&bench, FindingQuery::default(), |page| page.total == 1).await;
        let operator = bench.operator().await;
        bench
            .console
            .dismiss_findings(
                &operator,
                &[Seen { id: one.id.clone(), version: one.version }],
                "A test of the lab",
            )
            .await
            .unwrap();
        assert_eq!(page(&bench, FindingQuery::default()).await.total, 0);
    });
}
