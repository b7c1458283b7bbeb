//! Findings: stable, never overwritten by a stale page, and read by what changed.

use countersign_aws::findings::Written;
use countersign_aws::{Aws, Error, Thing};
use domain::{Finding, FindingKind, Role, Timestamp};
use futures::TryStreamExt;

use crate::bench::{Bench, CONSOLE, s};
use crate::fixture::{actor, authority, body, finding, id, later, now, serial};

async fn save(aws: &Aws, finding: &Finding, replaces: Option<u64>) -> Result<(), Error> {
    aws.commit(vec![aws.save_finding(finding, replaces, now())?], &body("finding")).await.map(drop)
}

#[tokio::test]
async fn a_stale_version_overwrites_nothing() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let opened = finding(FindingKind::UnauthorizedIssuance, 1, now());
    save(&aws, &opened, None).await.unwrap();
    let taken = opened.acknowledge(&actor("one", Role::Operator), None, later(1)).unwrap();
    let dismissed = opened.dismiss(&actor("two", Role::Operator), "Known to the lab", later(1)).unwrap();
    save(&aws, &taken, Some(opened.version)).await.unwrap();
    let error = save(&aws, &dismissed, Some(opened.version)).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { what: Thing::Finding, .. }));
    assert_eq!(aws.finding(&opened.id).await.unwrap(), taken);
}

#[tokio::test]
async fn findings_come_in_the_order_asked_for() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let older = finding(FindingKind::UnauthorizedIssuance, 3, later(5));
    let high = finding(FindingKind::SubjectDiffers, 4, now());
    for finding in [&older, &high] {
        save(&aws, finding, None).await.unwrap();
    }
    let unknown = finding(FindingKind::Duplicate, 9, now());
    let found = aws.findings(&[high.id.clone(), unknown.id, older.id.clone()]).await.unwrap();
    assert_eq!(found, [high, older]);
}

async fn written_since(aws: &Aws, since: Timestamp) -> Vec<(Finding, Timestamp)> {
    let written: Vec<Written> = aws.findings_written_since(since).try_collect().await.unwrap();
    let mut written: Vec<_> = written.into_iter().map(|written| (written.finding, written.at)).collect();
    written.sort_by(|a, b| a.0.id.cmp(&b.0.id));
    written
}

#[tokio::test]
async fn whoever_keeps_the_findings_reads_what_changed() {
    let bench = Bench::new().await;
    let (web, aws) = (bench.web(), bench.worker());
    let mut findings: Vec<_> =
        (1..=90).map(|number| finding(FindingKind::Duplicate, number, now())).collect();
    let changes = findings.iter().map(|finding| aws.save_finding(finding, None, later(100)).unwrap());
    aws.commit(changes.collect(), &body("findings")).await.unwrap();
    findings.sort_by(|a, b| a.id.cmp(&b.id));
    let at = |seconds, findings: &[Finding]| -> Vec<_> {
        findings.iter().map(|finding| (finding.clone(), later(seconds))).collect()
    };
    assert_eq!(written_since(&web, Timestamp::EPOCH).await, at(100, &findings));
    assert_eq!(written_since(&web, later(100)).await, at(100, &findings), "that second, too");
    assert_eq!(written_since(&web, later(101)).await, []);

    let closed = findings[3].gone(&id(), later(200)).unwrap();
    let noted = findings[7].revocation_requested(&actor("one", Role::Operator).person, id(), later(200));
    let changes = [(&closed, &findings[3]), (&noted, &findings[7])];
    let changes = changes.map(|(next, old)| aws.save_finding(next, Some(old.version), later(201)).unwrap());
    aws.commit(changes.to_vec(), &body("changed")).await.unwrap();
    assert_eq!(written_since(&web, later(150)).await, at(201, &[closed, noted]), "closed ones, too");
    assert_eq!(written_since(&web, Timestamp::EPOCH).await.len(), findings.len(), "each once");
}

#[tokio::test]
async fn a_run_sees_what_is_not_closed_and_a_page_all_of_a_certificate() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let closed = finding(FindingKind::Duplicate, 1, now());
    let open = finding(FindingKind::DatesDiffer, 1, now());
    let longer_serial = finding(FindingKind::DatesDiffer, 0x101, now());
    for finding in [&closed, &open, &longer_serial] {
        save(&aws, finding, None).await.unwrap();
    }
    let gone = closed.gone(&id(), later(1)).unwrap();
    save(&aws, &gone, Some(closed.version)).await.unwrap();
    let authority = authority().id();
    let seen: Vec<Finding> = aws.findings_not_closed(&authority).try_collect().await.unwrap();
    assert_eq!(seen, [open.clone(), longer_serial]);
    assert_eq!(aws.findings_of(&authority, serial(1)).await.unwrap(), [open, gone]);
}

#[tokio::test]
async fn hundreds_are_found_by_their_ids() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let findings: Vec<_> = (1..=130).map(|number| finding(FindingKind::Duplicate, number, now())).collect();
    for some in findings.chunks(countersign_aws::MAX_CHANGES) {
        let changes = some.iter().map(|finding| aws.save_finding(finding, None, now()).unwrap()).collect();
        aws.commit(changes, &body("findings")).await.unwrap();
    }
    let ids: Vec<_> = findings.iter().map(|finding| finding.id.clone()).collect();
    assert_eq!(aws.findings(&ids).await.unwrap(), findings);
}

#[tokio::test]
async fn what_cannot_be_read_is_a_finding_that_says_so_and_can_be_written_anew() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let [good, one, two] = [1, 2, 3].map(|number| finding(FindingKind::Duplicate, number, now()));
    for finding in [&good, &one, &two] {
        save(&aws, finding, None).await.unwrap();
    }
    // A body that is none, and one that is another finding's.
    let other = serde_json::to_string(&good).unwrap();
    for (of, text) in [(&one, "{}"), (&two, other.as_str())] {
        let key = ("pk", s(&format!("FINDING#{}", of.id.scope)));
        let sort = ("sk", s(&format!("{}#{}", of.id.subject, of.id.kind)));
        let list = [("list_pk", s("FINDINGS#0")), ("list_sk", s("when?"))];
        bench.put(CONSOLE, &[key, sort, ("body", s(text)), list[0].clone(), list[1].clone()]).await;
    }
    let ids = [good.id.clone(), one.id.clone(), two.id.clone()];
    let stubs = [Finding::unreadable(one.id.clone(), 0), Finding::unreadable(two.id.clone(), 0)];
    let all = [good.clone(), stubs[0].clone(), stubs[1].clone()];
    assert_eq!(aws.findings(&ids).await.unwrap(), all);
    assert_eq!(aws.finding(&one.id).await.unwrap(), stubs[0]);
    let open: Vec<Finding> = aws.findings_not_closed(&authority().id()).try_collect().await.unwrap();
    assert_eq!(open, all);
    let listed: Vec<_> =
        written_since(&aws, Timestamp::EPOCH).await.into_iter().map(|(finding, _)| finding).collect();
    assert_eq!(listed, all);

    let again = stubs[0].seen(&one.evidence, &id(), later(1)).unwrap();
    save(&aws, &again, Some(stubs[0].version)).await.unwrap();
    let error = save(&aws, &again, Some(stubs[0].version)).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { what: Thing::Finding, .. }));
    assert_eq!(aws.finding(&one.id).await.unwrap(), again);
}
