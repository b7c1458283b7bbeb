//! What is too much for one transaction of DynamoDB gets through all the same.

use countersign_aws::{Error, Part, Taking, With};
use domain::finding::{AlertFacts, LeftOut};
use domain::trail::TrailPart;
use domain::{Finding, FindingKind};
use futures::TryStreamExt;

use crate::bench::Bench;
use crate::fixture::{authority, body, finding, now};

/// A finding of about `size` bytes: past the bounds of evidence.
fn large(number: usize, size: usize) -> Finding {
    let facts = AlertFacts {
        at: now(),
        what: "\u{1}\"".repeat(size / 8),
        identity: None,
        address: None,
        events: Vec::new(),
        count: 1,
        proofs: [].into(),
    };
    let mut finding = finding(FindingKind::UnauthorizedIssuance, number, now());
    finding.evidence.alert = Some(facts);
    finding
}

#[tokio::test]
async fn attack_what_cannot_be_stored_is_split_and_then_replaced_and_the_cursor_moves() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let part = TrailPart { account: "111122223333".to_owned(), region: "eu-central-1".to_owned() };
    let Taking::Taken(lease) = aws.acquire_lease("alerts", "a", None).await.unwrap() else { panic!("held") };
    let findings: Vec<Finding> =
        (1..=62).map(|number| large(number, if number % 30 == 7 { 900_000 } else { 120_000 })).collect();
    let save = |finding: &Finding| {
        Ok(Part { of: finding.clone(), changes: vec![aws.save_finding(finding, None, now())?] })
    };

    let some: Vec<_> =
        findings.iter().filter(|finding| !is_huge(finding)).map(|one| save(one).unwrap()).collect();
    let at_once = some.into_iter().flat_map(|part| part.changes).collect();
    let refused = aws.commit(at_once, &body("too much")).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid { .. }), "{refused}");

    let parts = findings.iter().map(save).collect::<Result<Vec<_>, Error>>().unwrap();
    let with =
        With { each: vec![aws.holds_lease(&lease)], last: vec![aws.move_cursor("alerts", &part, 0, 7)] };
    let told = |parts: &[Part<Finding>]| body(parts.len());
    let mut done = Vec::new();
    let note = |parts: Vec<Part<Finding>>| done.extend(parts.into_iter().map(|part| part.of));
    aws.commit_parts(parts, &with, &told, &|finding| save(&finding.stub()), note).await.unwrap();

    assert_eq!(aws.cursor("alerts", &part).await.unwrap(), 7);
    let mut stored: Vec<Finding> = aws.findings_not_closed(&authority().id()).try_collect().await.unwrap();
    stored.sort_by_key(|finding| finding.id.subject.serial());
    let expected: Vec<Finding> =
        findings.iter().map(|one| if is_huge(one) { one.stub() } else { one.clone() }).collect();
    assert_eq!(stored.len(), 62);
    assert!(stored == expected && done == expected, "in their order, each as it is or as a stub");
    let stubs: Vec<_> =
        stored.iter().filter(|one| one.evidence.left_out == Some(LeftOut::Everything)).collect();
    assert_eq!(stubs.len(), 2);
    let entries = crate::ledger::placed(&aws).await;
    let counts = entries.iter().map(|entry| entry.read().unwrap().detail["note"].parse::<usize>().unwrap());
    assert_eq!(counts.sum::<usize>(), 62, "the ledger tells of each once");
}

fn is_huge(finding: &Finding) -> bool {
    serde_json::to_string(finding).unwrap().len() > 400 * 1024
}
