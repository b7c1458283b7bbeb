//! Runs: all that was planted is found and nothing else, one run at a time, whatever becomes of a replica.

use std::collections::BTreeSet;
use std::time::Duration;

use console::{AuthoritySettings, Error};
use countersign_aws::Taking;
use domain::certificate::CertificateStatus;
use domain::finding::Subject;
use domain::found::{Compared, Differences};
use domain::ledger::{Action, Body, Object, Who};
use domain::run::{RunInputs, Stage};
use domain::views::{CertificateQuery, FindingQuery};
use domain::{AuthorityId, FindingId, FindingKind, Role, Run, RunState, Serial, Severity, views};
use futures::TryStreamExt;
use sandbox::until;
use tokio::sync::RwLock;

use crate::support::{Bench, aws_with, description, raw_dynamodb, test};

/// Written by the one test that changes the inventory.
static INVENTORY: RwLock<()> = RwLock::const_new(());

/// A console for the sandbox's second authority, where no other test revokes anything.
async fn bench() -> (Bench, AuthorityId) {
    let description = description().await;
    let arn: domain::AuthorityArn = description.authorities[1].arn.parse().unwrap();
    let id = arn.id();
    let bucket = description.buckets.reports.clone();
    let bench = Bench::with(|parts| {
        let authority = views::Authority { arn, name: "second".to_owned() };
        parts.authorities =
            vec![AuthoritySettings { authority, report_bucket: bucket, known_cas: Vec::new() }];
    });
    let bench = bench.await;
    bench.work().await;
    (bench, id)
}

async fn finished(bench: &Bench, authority: &AuthorityId, run: &Run) -> Run {
    let run = ended(bench, authority, run).await;
    assert_eq!(run.state, RunState::Finished, "{run:?}");
    run
}

async fn ended(bench: &Bench, authority: &AuthorityId, run: &Run) -> Run {
    until("the end of the run", async || {
        let run = bench.aws.run(authority, &run.id).await.unwrap();
        (run.state != RunState::Running).then_some(run)
    })
    .await
}

async fn run(bench: &Bench, authority: &AuthorityId) -> Run {
    let operator = bench.operator().await;
    let started = bench.console.start_run(&operator, authority).await.unwrap();
    finished(bench, authority, &started).await
}

/// What a run without a trail finds of what is planted at this authority, as ids of findings.
async fn planted(authority: &AuthorityId) -> BTreeSet<FindingId> {
    let here = description().await.planted_detail.iter();
    let here = here.filter(|planted| planted.authority.ends_with(authority.as_str()));
    let ids = here.flat_map(|planted| {
        let serial: Serial = planted.serial.parse().unwrap();
        let subject = Subject::Certificate(serial);
        let trouble = serde_json::to_value(planted.trouble).unwrap();
        let kinds = without_trail(trouble.as_str().unwrap());
        kinds.iter().map(move |kind| FindingId {
            kind: *kind,
            scope: authority.clone().into(),
            subject: subject.clone(),
        })
    });
    ids.collect()
}

fn without_trail(trouble: &str) -> &'static [FindingKind] {
    match trouble {
        "rogue_issuer" | "lost_write" | "log_edited" => &[FindingKind::UnauthorizedIssuance],
        "failed_issuance" => &[FindingKind::IssuanceWithoutCertificate],
        "revoked_outside" => &[FindingKind::RevocationNotRecorded, FindingKind::RevocationNotCountersigned],
        "revoked_outside_and_recorded" => &[FindingKind::RevocationNotCountersigned],
        "revocation_not_made" => &[FindingKind::RevocationNotEffective],
        "wrong_expiry" => &[FindingKind::DatesDiffer],
        // Only the trail tells of it.
        _ => &[],
    }
}

async fn open(bench: &Bench, authority: &AuthorityId) -> BTreeSet<FindingId> {
    let findings = bench.aws.findings_not_closed(authority).map_ok(|finding| finding.id);
    findings.try_collect().await.unwrap()
}

#[test]
fn a_run_finds_what_was_planted_and_the_next_one_the_same() {
    test(async {
        let _unchanged = INVENTORY.read().await;
        let (bench, authority) = bench().await;
        let first = run(&bench, &authority).await;
        let planted = planted(&authority).await;
        assert!(!planted.is_empty());
        assert_eq!(open(&bench, &authority).await, planted);
        assert_eq!((first.opened, first.closed), (planted.len() as u64, 0));
        assert_eq!(first.counts.values().sum::<u64>(), planted.len() as u64);
        assert!(first.inputs.report_rows > 10 && first.inputs.inventory_items > 10, "{first:?}");
        assert_eq!((first.stage, first.inputs.report_unreadable.count), (Stage::Done, 0));
        assert_eq!(first.worst(), Some(Severity::Critical));

        let second = run(&bench, &authority).await;
        assert_eq!((second.opened, second.closed, &second.counts), (0, 0, &first.counts));
        assert_eq!((&first.compared, first.found.as_ref().unwrap().count), (&None, planted.len() as u64));
        // What is the same is kept once.
        assert_eq!(second.found, first.found);
        let counts = Differences { still: planted.len() as u64, ..Differences::default() };
        assert_eq!(second.compared, Some(Compared { with: first.id.clone(), counts }));
        let actor = bench.operator().await;
        let listed = bench.console.runs(&actor, None).await.unwrap();
        assert_eq!(listed.iter().map(|run| &run.id).collect::<Vec<_>>(), [&second.id, &first.id]);

        // The list is soon as fresh as the run, and the worst comes first.
        let page = until("a fresh list", async || {
            let page = bench.console.certificates(&actor, &CertificateQuery::default()).await.unwrap();
            (page.as_of >= second.inputs.scan_started_at).then_some(page)
        })
        .await;
        assert!(page.total.number > 10, "{page:?}");
        let findings = bench.console.findings(&actor, &FindingQuery::default()).await.unwrap();
        assert_eq!(findings.total, planted.len() as u64);
        assert_eq!(findings.findings[0].id.kind.severity(), Severity::Critical);
        certificates(&bench, &authority, &planted).await;
        verify(&bench).await;
    });
}

/// A certificate's page joins all sides, and the CA has the last word on what is revoked.
async fn certificates(bench: &Bench, authority: &AuthorityId, planted: &BTreeSet<FindingId>) {
    let actor = bench.operator().await;
    let serial = |kind| planted.iter().find(|id| id.kind == kind).unwrap().subject.serial().unwrap();
    let page = |serial| bench.console.certificate(&actor, authority, serial);

    let not_effective = until("the report in the records", async || {
        let page = page(serial(FindingKind::RevocationNotEffective)).await.unwrap();
        page.report.is_some().then_some(page)
    })
    .await;
    assert!(not_effective.status != CertificateStatus::Revoked, "{:?}", not_effective.status);
    assert!(not_effective.inventory[0].revoked_at.is_some() && not_effective.report.is_some());
    let x509 = not_effective.x509.as_ref().unwrap();
    assert_eq!((x509.serial, x509.pem.starts_with("-----BEGIN")), (not_effective.serial, true));
    assert_eq!((not_effective.findings.len(), not_effective.cannot_revoke), (1, None));

    let outside = page(serial(FindingKind::RevocationNotCountersigned)).await.unwrap();
    assert_eq!(outside.status, CertificateStatus::Revoked);
    assert!(outside.cannot_revoke.is_some());
    let rogue = page(serial(FindingKind::UnauthorizedIssuance)).await.unwrap();
    assert!(rogue.inventory.is_empty() && rogue.timeline.len() > 1, "{rogue:?}");
    let never = page(serial(FindingKind::IssuanceWithoutCertificate)).await.unwrap();
    assert!(never.x509.is_err() && never.report.is_none() && never.inventory.len() == 1, "{never:?}");
    let unknown = page("0123456789".parse().unwrap()).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
}

/// Each run has told its beginning and its end.
async fn verify(bench: &Bench) {
    let (mut started, mut ended) = (0, 0);
    for entry in bench.entries().await {
        match entry.action {
            Action::RunStarted => started += 1,
            Action::RunFinished => ended += 1,
            _ => (),
        }
    }
    assert_eq!((started, ended), (2, 2));
}

#[test]
fn what_a_later_run_no_longer_sees_is_closed_and_comes_back_as_the_same() {
    test(async {
        let _alone = INVENTORY.write().await;
        let (bench, authority) = bench().await;
        run(&bench, &authority).await;
        let before = open(&bench, &authority).await;
        let id = before.iter().find(|id| id.kind == FindingKind::IssuanceWithoutCertificate).unwrap().clone();
        let finding = bench.aws.finding(&id).await.unwrap();
        let item = &finding.evidence.inventory[0];
        let description = description().await;
        let table = &description.tables.inventory;
        let client = raw_dynamodb(description);
        let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
        let names = domain::InventoryAttributes::default();
        let delete = client.delete_item().table_name(table);
        let delete = delete.key(&names.device_id, text(item.device.as_str()));
        let delete = delete.key(&names.cert_serial, text(&item.serial_key));
        let old = delete.return_values(aws_sdk_dynamodb::types::ReturnValue::AllOld).send().await.unwrap();

        let without = run(&bench, &authority).await;
        assert_eq!((without.opened, without.closed), (0, 1));
        let still = before.len() as u64 - 1;
        assert_eq!(without.compared.unwrap().counts, Differences { new: 0, gone: 1, still });
        let closed = bench.aws.finding(&id).await.unwrap();
        assert_eq!(closed.state, domain::FindingState::Closed { run: without.id.clone() });

        client.put_item().table_name(table).set_item(old.attributes).send().await.unwrap();
        let again = run(&bench, &authority).await;
        assert_eq!((again.opened, again.closed), (1, 0));
        assert_eq!(again.compared.unwrap().counts, Differences { new: 1, gone: 0, still });
        let reopened = bench.aws.finding(&id).await.unwrap();
        assert_eq!((reopened.state, reopened.first_run), (domain::FindingState::Open, closed.first_run));
    });
}

#[test]
fn one_run_of_an_authority_at_a_time() {
    test(async {
        let (bench, authority) = bench().await;
        let operator = bench.operator().await;
        let replicas: Vec<_> = (0..8).map(|_| bench.another()).collect();
        let starts = replicas.iter().map(|console| console.start_run(&operator, &authority));
        let outcomes = futures::future::join_all(starts).await;
        let started: Vec<&Run> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        let [only] = started.as_slice() else { panic!("{outcomes:?}") };
        for outcome in &outcomes {
            match outcome {
                Ok(_) | Err(Error::Conflict(_)) => (),
                Err(Error::RunUnderWay(id)) => assert_eq!(*id, only.id),
                Err(error) => panic!("{error:?}"),
            }
        }
        finished(&bench, &authority, only).await;
        run(&bench, &authority).await;
    });
}

#[test]
fn a_report_that_is_fresh_enough_is_read_again() {
    test(async {
        let (mut bench, authority) = bench().await;
        bench.stop().await;
        bench.replace(|parts| parts.reconcile.report_max_age = Duration::from_secs(3600)).await;
        bench.work().await;
        let first = run(&bench, &authority).await.inputs.report.unwrap();
        let second = run(&bench, &authority).await.inputs.report.unwrap();
        assert!(second.reused && second.created_at >= first.created_at, "{second:?}");
    });
}

#[test]
fn only_an_operator_starts_a_run_and_the_attempt_is_told() {
    test(async {
        let (bench, authority) = bench().await;
        let approver = bench.sign_in("approver", &[Role::Approver, Role::Auditor]).await;
        let refused = bench.console.start_run(&approver, &authority).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        // The worker tells of itself meanwhile.
        let entries = bench.entries().await;
        let last = entries.iter().rfind(|entry| matches!(entry.who, Who::Person { .. })).unwrap();
        assert_eq!(last.action, Action::Refused);
        let unknown = bench.console.start_run(&bench.operator().await, &"unknown".parse().unwrap()).await;
        assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
    });
}

#[test]
fn a_run_that_was_left_behind_is_taken_up_under_its_id() {
    test(async {
        let _unchanged = INVENTORY.read().await;
        let (bench, authority) = bench().await;
        let now = bench.parts.clock.now();
        let name = format!("run/{authority}");
        let Taking::Taken(lease) = bench.aws.acquire_lease(&name, "dead", None).await.unwrap() else {
            panic!("somebody holds {name}")
        };
        let left_behind = Run {
            id: uuid::Uuid::now_v7().to_string().parse().unwrap(),
            authority: bench.parts.authorities[0].authority.arn.clone(),
            state: RunState::Running,
            stage: Stage::Comparing,
            started_at: now,
            started_by: None,
            scheduled: None,
            proves: None,
            finished_at: None,
            inputs: RunInputs { report_rows: 7, ..RunInputs::default() },
            counts: Default::default(),
            opened: 3,
            closed: 0,
            found: None,
            compared: None,
            failure: None,
        };
        let who = Who::System { part: "test".to_owned() };
        let object = Object::Run { authority: left_behind.authority.clone(), id: left_behind.id.clone() };
        let body = Body::new(now, who, Action::RunStarted, object);
        let order = bench.aws.order_run(&left_behind).unwrap();
        bench.aws.commit(order, &body).await.unwrap();

        bench.work().await;
        let done = finished(&bench, &authority, &left_behind).await;
        assert_eq!(done.opened, planted(&authority).await.len() as u64);
        // Whoever held it before is refused.
        let late = bench.aws.save_run_progress(&left_behind, &lease).await;
        assert!(matches!(late, Err(countersign_aws::Error::Conflict { .. })), "{late:?}");
        bench.stop().await;
    });
}

#[test]
fn a_run_that_cannot_go_on_says_why() {
    test(async {
        let (bench, authority) = bench().await;
        bench.stop().await;
        bench
            .work_with({
                let mut parts = bench.parts.clone();
                parts.aws = bench.aws.clone();
                parts.authorities[0].report_bucket = "no-such-bucket".to_owned();
                parts
            })
            .await;
        let console = bench.another();
        let operator = bench.operator().await;
        let started = console.start_run(&operator, &authority).await.unwrap();
        let failed = ended(&bench, &authority, &started).await;
        assert_eq!(failed.state, RunState::Failed);
        assert!(failed.failure.as_ref().is_some_and(|why| why.contains("no-such-bucket")), "{failed:?}");
        // The next one is not in its way.
        bench.stop().await;
        bench.work().await;
        run(&bench, &authority).await;
    });
}

#[test]
fn the_read_model_is_kept_fresh_and_says_what_is_in_its_way() {
    test(async {
        let (mut bench, _) = bench().await;
        let auditor = bench.sign_in("auditor", &[Role::Auditor]).await;
        bench.work().await;
        let query = CertificateQuery::default();
        let first = until("a list", async || {
            let page = bench.console.certificates(&auditor, &query).await.unwrap();
            page.as_of.is_some().then_some(page)
        })
        .await;
        assert!(first.total.number > 10);
        until("a list that is younger", async || {
            let page = bench.console.certificates(&auditor, &query).await.unwrap();
            (page.as_of > first.as_of).then_some(())
        })
        .await;
        bench.stop().await;
        let mut settings = bench.aws.settings().clone();
        settings.inventory.table = "missing".to_owned();
        bench.parts.aws = aws_with(settings).await;
        bench.replace(|_| ()).await;
        let broken = bench.console.clone();
        let page = until("a problem", async || {
            let page = broken.certificates(&auditor, &query).await.unwrap();
            page.problem.is_some().then_some(page)
        })
        .await;
        assert!(page.problem.is_some_and(|why| why.contains("no such table")) && page.as_of.is_none());
        bench.stop().await;
    });
}
