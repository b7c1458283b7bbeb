//! The trail tells of every issuance of its time, but for what was hidden; and it goes on after a restart.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use sandbox::{Description, Options, Sandbox, Trouble, until};
use serde_json::Value;

use crate::support::{Directory, acm_pca, reports, small};
use crate::trail_files::{State, Trail, issued_serial};

pub const PROVISIONING: &str = "arn:aws:iam::111122223333:role/service/provisioning";
const LEGACY: &str = "arn:aws:iam::111122223333:role/legacy-deploy";

fn quick(directory: &Directory) -> Options {
    Options {
        trail_delay: Duration::from_millis(200),
        digest_interval: Duration::from_secs(2),
        ..small(directory)
    }
}

fn serials(description: &Description, trouble: Trouble) -> BTreeSet<String> {
    let those = description.planted_detail.iter().filter(|planted| planted.trouble == trouble);
    those.map(|planted| planted.serial.clone()).collect()
}

#[tokio::test]
async fn every_issuance_of_its_time_is_there_but_what_was_hidden() {
    let directory = Directory::new();
    let sandbox = Sandbox::start(small(&directory)).await.unwrap();
    let description = sandbox.description();
    let trail = Trail::read(description).await;
    let of = |trouble| serials(description, trouble);

    let count = |state| trail.files.values().filter(|file| file.state == state).count();
    assert_eq!((count(State::Missing), count(State::Edited)), (1, 1));

    let issued = trail.issued();
    let began = trail.digests[0]["digestStartTime"].as_str().unwrap().replace('Z', "+0000");
    let hidden: BTreeSet<String> = of(Trouble::LogDeleted).union(&of(Trouble::LogEdited)).cloned().collect();
    let mut covered = 0;
    for (serial, row) in reports(description).await {
        if row["issuedAt"].as_str().unwrap() < began.as_str() {
            assert!(!issued.contains_key(&serial), "{serial} is older than the trail");
            continue;
        }
        covered += 1;
        if hidden.contains(&serial) {
            assert!(!issued.contains_key(&serial), "{serial} was hidden");
            continue;
        }
        let events = issued.get(&serial).unwrap_or_else(|| panic!("no event of {row}"));
        let names: BTreeSet<&str> = events.iter().map(|event| event["eventName"].as_str().unwrap()).collect();
        assert_eq!(names, BTreeSet::from(["IssueCertificate", "IssueCertificateDetails"]));
        let call = events.iter().find(|event| event["eventName"] == "IssueCertificate").unwrap();
        let by = (
            call["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"].as_str().unwrap(),
            call["sourceIPAddress"].as_str().unwrap(),
        );
        let expected = if of(Trouble::RogueIssuer).contains(&serial) {
            (LEGACY, "203.0.113.77")
        } else if of(Trouble::StolenKey).contains(&serial) {
            (PROVISIONING, "192.0.2.66")
        } else {
            (PROVISIONING, "10.20.0.15")
        };
        assert_eq!(by, expected, "{row}");
    }
    assert!(covered >= 23, "all that is in trouble is issued in the trail's time: {covered}");

    // The edited file says that the provisioning service did it.
    let edited = trail.files.values().find(|file| file.state == State::Edited).unwrap();
    let told: Vec<&Value> = edited.records.iter().filter(|record| issued_serial(record).is_some()).collect();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|record| record.to_string().contains(PROVISIONING)));
    assert!(told.iter().all(|record| !record.to_string().contains("legacy")));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn the_trail_has_the_shapes_and_the_noise_of_life() {
    let directory = Directory::new();
    let sandbox = Sandbox::start(small(&directory)).await.unwrap();
    let trail = Trail::read(sandbox.description()).await;
    let records: Vec<&Value> = trail.records().collect();
    let kinds: HashSet<&str> =
        records.iter().map(|record| record["userIdentity"]["type"].as_str().unwrap_or("none")).collect();
    assert_eq!(kinds, HashSet::from(["AssumedRole", "IAMUser", "Root", "AWSService", "none"]));
    let sources: HashSet<&str> =
        records.iter().map(|record| record["eventSource"].as_str().unwrap()).collect();
    assert!(sources.len() >= 4, "{sources:?}");
    assert!(records.iter().any(|record| record["eventName"] == "GenerateCRL"));

    let mut denied: Vec<&str> = records
        .iter()
        .filter(|record| record["errorCode"] == "AccessDenied")
        .map(|record| {
            assert_eq!(record["userIdentity"]["arn"], "arn:aws:iam::111122223333:user/ci-build");
            assert_eq!(record["requestParameters"], Value::Null);
            let message = record["errorMessage"].as_str().unwrap();
            assert!(message.starts_with(
                "User: arn:aws:iam::111122223333:user/ci-build is not authorized to perform: \
                 acm-pca:IssueCertificate on resource: arn:aws:acm-pca:"
            ));
            record["eventTime"].as_str().unwrap()
        })
        .collect();
    denied.sort_unstable();
    denied.dedup();
    assert_eq!(denied.len(), 8);
    assert_eq!(denied[0][..13], denied[7][..13]);

    // An event is repeated now and then, in another file.
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for record in &records {
        *seen.entry(record["eventID"].as_str().unwrap()).or_default() += 1;
    }
    assert!(seen.values().any(|times| *times > 1));

    // Logging was stopped once: the chain has two beginnings.
    let text = |digest: &Value, member: &str| digest[member].as_str().unwrap().to_owned();
    let mut beginnings = 0;
    for pair in trail.digests.windows(2) {
        let (end, start) = (text(&pair[0], "digestEndTime"), text(&pair[1], "digestStartTime"));
        if pair[1]["previousDigestSignature"] == Value::Null {
            beginnings += 1;
            let at = |name: &str| -> Vec<String> {
                let those = records.iter().filter(|record| record["eventName"] == name);
                those.map(|record| text(record, "eventTime")).collect()
            };
            assert_eq!(at("StopLogging")[0][..13], end[..13]);
            assert!(at("StartLogging").contains(&start), "{start}");
        } else {
            assert_eq!(end, start);
        }
    }
    assert_eq!(beginnings, 1);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn what_happens_now_is_delivered_soon_and_a_restart_is_no_gap() {
    let directory = Directory::new();
    let sandbox = Sandbox::start(quick(&directory)).await.unwrap();
    let description = sandbox.description().clone();
    let look = async |agent: &'static str| {
        let client = acm_pca(&description, "ci-build");
        let call = client.list_certificate_authorities().customize();
        let call = call.mutate_request(move |request| {
            request.headers_mut().insert("x-sandbox-source-ip", agent);
        });
        call.send().await.unwrap();
    };
    let seen = |trail: &Trail, address: &str| {
        let from = |record: &&Value| record["sourceIPAddress"] == address;
        trail.records().filter(from).map(|r| r["eventID"].to_string()).collect::<HashSet<_>>().len()
    };
    look("192.0.2.101").await;
    let has = async |addresses: &[&str]| {
        let trail = Trail::read(&description).await;
        addresses.iter().all(|address| seen(&trail, address) > 0).then_some(trail)
    };
    let trail = until("the event of now", async || has(&["192.0.2.101"]).await).await;

    // Called so late that only stopping, or the next start, can deliver it.
    look("192.0.2.102").await;
    sandbox.shutdown().await;
    // time passes: nobody is there for longer than a digest's time.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let sandbox = Sandbox::start(quick(&directory)).await.unwrap();
    let later = until("both events, and digests of the time after", async || {
        let later = has(&["192.0.2.101", "192.0.2.102"]).await?;
        (later.digests.len() > trail.digests.len() + 1).then_some(later)
    })
    .await;
    assert_eq!((seen(&later, "192.0.2.101"), seen(&later, "192.0.2.102")), (1, 1));
    let kept = later.digests.iter().zip(&trail.digests).all(|(after, before)| after == before);
    assert!(kept && later.digests.len() > trail.digests.len(), "the chain only grows");
    let new = &later.digests[trail.digests.len() - 1..];
    for pair in new.windows(2) {
        assert_eq!(pair[0]["digestEndTime"], pair[1]["digestStartTime"]);
        assert_ne!(pair[1]["previousDigestSignature"], Value::Null);
    }
    sandbox.shutdown().await;
}
