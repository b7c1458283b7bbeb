//! Alerts from events that are in the table, with consoles that work in the background, die, and race each other. The trail
//! is that of an account of which no bucket has anything: only what a test puts there is ever read.

use std::time::Duration;

use console::{AlertSettings, Parts, TrailSettings};
use countersign_aws::trail::{KeptEvents, TrailFile, TrailState};
use domain::finding::{FindingChange, Subject};
use domain::ledger::{Action, Body};
use domain::run::Unreadable;
use domain::trail::{
    About, Event, Failure, Identity, Issuer, Issuers, Problem, Proof, TrailPart, What, Wholeness,
};
use domain::{Finding, FindingId, FindingKind, FindingState, Serial, Timestamp};
use futures::TryStreamExt;

use crate::child;
use crate::notify::{NOWHERE, channel, until_told};
use crate::support::{Bench, authority, description, lease, take, test};

const ACCOUNT: &str = "999900001111";
const REGION: &str = "eu-central-1";
const GOOD: &str = "arn:aws:iam::111122223333:role/service/provisioning";
pub const ROGUE: &str = "arn:aws:iam::111122223333:role/legacy-deploy";
const DAY: Duration = Duration::from_secs(86_400);

/// What makes a console look for alerts.
pub fn configure(parts: &mut Parts, bucket: &str) {
    parts.trail = Some(TrailSettings {
        bucket: bucket.to_owned(),
        kms_key: None,
        prefix: String::new(),
        organization: None,
        accounts: vec![ACCOUNT.to_owned()],
        regions: vec![REGION.to_owned()],
        history: 30 * DAY,
        interval: Duration::from_secs(1),
        delay: Duration::from_secs(60),
    });
    let bounded = Issuer { addresses: vec!["10.20.0.0/16".parse().unwrap()], ..Issuer::new(GOOD).unwrap() };
    parts.issuers = Issuers::new(vec![bounded]);
    parts.notify.channels.push(channel("on-call", NOWHERE));
    parts.alerts = AlertSettings {
        denied: 5,
        denied_within: Duration::from_secs(600),
        burst: 200,
        burst_within: Duration::from_secs(600),
    };
}

pub async fn bench() -> Bench {
    let bucket = description().await.buckets.trail.clone();
    Bench::with(|parts| configure(parts, &bucket)).await
}

fn part() -> TrailPart {
    TrailPart { account: ACCOUNT.to_owned(), region: REGION.to_owned() }
}

async fn event(id: &str, at: Timestamp, who: &str, what: What) -> Event {
    Event {
        id: id.parse().unwrap(),
        time: at,
        name: if what == What::TrailChange { "StopLogging" } else { "IssueCertificate" }.to_owned(),
        source: "acm-pca.amazonaws.com".to_owned(),
        region: REGION.to_owned(),
        account: Some(ACCOUNT.to_owned()),
        identity: Identity::of_arn(who),
        address: Some("203.0.113.77".to_owned()),
        user_agent: None,
        request_id: None,
        failure: None,
        read_only: false,
        authority: Some(authority(description().await)),
        serial: None,
        key: None,
        alternative_names: Vec::new(),
        what,
    }
}

pub async fn issue(serial: Serial, at: Timestamp, who: &str) -> Event {
    let id = format!("issue-{serial}");
    Event { serial: Some(serial), ..event(&id, at, who, What::Issuance { template: None }).await }
}

/// Serial numbers that nobody has.
fn unknown(number: u32) -> Serial {
    format!("7fff00000000{number:08x}").parse().unwrap()
}

/// Puts one log file with these events at the end of what was ingested.
pub async fn put(bench: &Bench, events: &[Event]) {
    put_read_at(bench, events, bench.parts.clock.now()).await;
}

/// The same, as if it had been read at that time.
async fn put_read_at(bench: &Bench, events: &[Event], read_at: Timestamp) {
    let key = format!("AWSLogs/{}.json.gz", uuid::Uuid::new_v4());
    let mut kept = KeptEvents::default();
    for event in events {
        kept.push(event, "{}").unwrap();
    }
    let (oldest, newest) = kept.span();
    let file = TrailFile {
        seq: 0,
        bucket: "trail".to_owned(),
        key: key.clone(),
        sha256: "0".repeat(64),
        bytes: 1,
        records: kept.count(),
        kept: kept.count(),
        unreadable: Unreadable::default(),
        refused: None,
        delivered_at: read_at,
        read_at,
        oldest,
        newest,
    };
    let lease = lease(&bench.aws, &key).await;
    bench.aws.add_trail_files(&part(), vec![(file, kept)], &lease).await.unwrap();
}

async fn id(kind: FindingKind, serial: Serial) -> FindingId {
    FindingId { kind, scope: (&authority(description().await)).into(), subject: Subject::Certificate(serial) }
}

fn of_trail(kind: FindingKind, hour: &str) -> FindingId {
    let scope = (&part()).into();
    FindingId { kind, scope, subject: Subject::Other(hour.to_owned()) }
}

/// Waits until all of these are there.
pub async fn until(bench: &Bench, ids: &[FindingId]) -> Vec<Finding> {
    sandbox::until("all findings", async || {
        let mut found = Vec::new();
        for chunk in ids.chunks(100) {
            found.extend(bench.aws.findings(chunk).await.unwrap());
        }
        (found.len() == ids.len()).then_some(found)
    })
    .await
}

/// Waits until the reader has come to the end of what there is.
pub async fn until_read(bench: &Bench) {
    let heads = bench.aws.trail_heads(&part(), 0).try_collect::<Vec<_>>().await.unwrap();
    let last = heads.last().map_or(0, |file| file.seq);
    sandbox::until("the end of the files", async || {
        (bench.aws.cursor("alerts", &part()).await.unwrap() >= last).then_some(())
    })
    .await;
}

/// What the ledger says of alerts.
pub async fn raised(bench: &Bench) -> Vec<Body> {
    let entries = bench.entries().await.into_iter();
    entries.filter(|body| body.action == Action::AlertRaised).collect()
}

#[test]
fn an_alert_survives_every_death_and_is_raised_once() {
    test(async {
        for point in ["before-alerts", "after-alerts"] {
            let bench = bench().await;
            let serial = unknown(1);
            put(&bench, &[issue(serial, bench.parts.clock.now(), ROGUE).await]).await;
            let mut died = child::start_alerting(&bench, point).await;
            let status =
                tokio::time::timeout(sandbox::PATIENCE, died.wait()).await.expect("it dies").unwrap();
            assert!(!status.success(), "{point}");
            let id = id(FindingKind::UnauthorizedIssuance, serial).await;
            assert_eq!(
                bench.aws.findings(std::slice::from_ref(&id)).await.unwrap().len(),
                usize::from(point == "after-alerts")
            );
            // The dead one's lease runs out first.
            bench.another_works().await;
            bench.another_works().await;
            let finding = until(&bench, std::slice::from_ref(&id)).await.remove(0);
            until_read(&bench).await;
            // The same event comes again, in another file.
            put(&bench, &[issue(serial, bench.parts.clock.now(), ROGUE).await]).await;
            until_read(&bench).await;
            assert_eq!(bench.aws.finding(&id).await.unwrap(), finding, "{point}");
            assert_eq!(finding.history.len(), 1);
            assert_eq!(finding.history[0].what, FindingChange::Raised);
            let issuance = finding.evidence.issuance.unwrap();
            assert_eq!(
                (issuance.identity.principal.as_str(), issuance.address.as_deref()),
                (ROGUE, Some("203.0.113.77"))
            );
            assert_eq!(raised(&bench).await.len(), 1, "{point}");
            let told = until_told(&bench, &id, 1).await;
            assert_eq!(
                (told[0].channel.as_str(), told[0].to.as_str()),
                ("on-call", "hooks.example.com"),
                "{point}"
            );
        }
    });
}

#[test]
fn the_past_opens_findings_and_sends_nothing() {
    test(async {
        let bench = bench().await;
        let now = bench.parts.clock.now();
        let long_ago = now.minus(10 * DAY);
        for file in 0..30 {
            let mut events = Vec::new();
            for number in 0..4 {
                events.push(issue(unknown(file * 4 + number), long_ago, ROGUE).await);
            }
            put(&bench, &events).await;
        }
        put(&bench, &[issue(unknown(500), now, ROGUE).await]).await;
        // Two replicas race.
        bench.another_works().await;
        bench.another_works().await;
        let mut ids = Vec::new();
        for number in (0..120).chain([500]) {
            ids.push(id(FindingKind::UnauthorizedIssuance, unknown(number)).await);
        }
        let findings = until(&bench, &ids).await;
        assert!(
            findings.iter().all(|finding| finding.history.len() == 1 && finding.state == FindingState::Open)
        );
        let told: u64 =
            raised(&bench).await.iter().map(|body| body.detail["count"].parse::<u64>().unwrap()).sum();
        assert_eq!(told, 121, "each finding is in the ledger once");
        until_told(&bench, &ids[120], 1).await;
        assert!(bench.aws.tellings(1).await.unwrap().is_empty());
        let told = bench.aws.sendings_about(&domain::ledger::About::Finding(ids[0].clone())).await.unwrap();
        assert!(told.is_empty());
        assert_eq!(bench.parts.aws.told(10).await.unwrap().len(), 1);
    });
}

#[test]
fn what_an_outage_held_up_is_sent_however_late_it_comes() {
    test(async {
        let bench = bench().await;
        let now = bench.parts.clock.now();
        // This trail has been read for five days; what happened since is told.
        put_read_at(&bench, &[], now.minus(5 * DAY)).await;
        let late = [(unknown(700), 10, 0), (unknown(701), 6, 0), (unknown(702), 4, 1), (unknown(703), 2, 1)];
        for (serial, days, _) in late {
            put(&bench, &[issue(serial, now.minus(days * DAY), ROGUE).await]).await;
        }
        bench.another_works().await;
        for (serial, _, notices) in late {
            let id = id(FindingKind::UnauthorizedIssuance, serial).await;
            until(&bench, std::slice::from_ref(&id)).await;
            until_told(&bench, &id, notices).await;
        }
        for (serial, days, notices) in late {
            let about = domain::ledger::About::Finding(id(FindingKind::UnauthorizedIssuance, serial).await);
            assert_eq!(bench.aws.sendings_about(&about).await.unwrap().len(), notices, "{days} days ago");
        }
    });
}

#[test]
fn what_happened_decides_what_is_opened() {
    test(async {
        let bench = bench().await;
        let now = bench.parts.clock.now();
        let known = take(1).await.remove(0);
        let arn = authority(description().await);
        let refused = |number: i64| {
            let failure = Failure { code: "AccessDenied".to_owned(), message: None };
            (format!("refused-{number}"), now.minus(Duration::from_secs(60 + number.unsigned_abs())), failure)
        };
        let mut events = vec![
            issue(known.serial, now, GOOD).await,
            event(
                "disabled",
                now,
                GOOD,
                What::AuthorityUpdate { status: Some("DISABLED".to_owned()), off: Vec::new() },
            )
            .await,
            event("elsewhere", now, GOOD, What::AuditReport { bucket: Some("elsewhere".to_owned()) }).await,
            event(
                "ours",
                now,
                GOOD,
                What::AuditReport { bucket: Some(description().await.buckets.reports.clone()) },
            )
            .await,
        ];
        for (id, at, failure) in (0..5).map(refused) {
            let what = What::Issuance { template: None };
            events.push(Event { failure: Some(failure), ..event(&id, at, ROGUE, what).await });
        }
        put(&bench, &events).await;
        bench.another_works().await;
        let other = |kind: FindingKind, subject: &str| FindingId {
            kind,
            scope: (&arn).into(),
            subject: Subject::Other(subject.to_owned()),
        };
        let ids = [
            // The key of the provisioning service, from another address; the inventory knows the certificate.
            id(FindingKind::RogueIssuer, known.serial).await,
            other(FindingKind::AuthorityChanged, "disabled"),
            other(FindingKind::ReportBucketChanged, "elsewhere"),
            other(FindingKind::IssuanceDenied, ROGUE),
        ];
        let findings = until(&bench, &ids).await;
        until_read(&bench).await;
        assert_eq!(findings[0].evidence.inventory[0].device, known.device);
        assert_eq!(findings[3].evidence.alert.as_ref().unwrap().count, 5);
        let told = raised(&bench).await;
        assert_eq!((told.len(), told[0].detail["count"].as_str()), (1, "4"), "and nothing else");
        // A run closes none of the alerts: it compares nothing that they are about.
        bench.run().await;
        let alerts = bench.aws.findings(&ids[1..]).await.unwrap();
        assert!(alerts.iter().all(|finding| finding.state == FindingState::Open));
    });
}

#[test]
fn holes_in_the_evidence_are_alerts_by_the_hour_and_stay() {
    test(async {
        let bench = bench().await;
        let at = |minutes: u64| {
            "2026-11-20T09:00:00Z".parse::<Timestamp>().unwrap().plus(Duration::from_secs(minutes * 60))
        };
        let digest = |end: &str| {
            format!(
                "AWSLogs/{ACCOUNT}/CloudTrail-Digest/{REGION}/2026/11/20/{ACCOUNT}_CloudTrail-Digest_{REGION}_main_{REGION}_{end}.json.gz"
            )
        };
        let problem = |from: u64, to: u64, proof: Proof, about: About, object: String| Problem {
            from: at(from),
            to: at(to),
            proof,
            about,
            object,
            what: "It is not there.".to_owned(),
        };
        let log = format!("AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/11/20/log.json.gz");
        let problems = vec![
            problem(5, 10, Proof::Missing, About::LogFile, log.clone()),
            problem(20, 25, Proof::Altered, About::LogFile, log.clone()),
            problem(65, 70, Proof::Unproven, About::LogFile, log),
            // Not there, and named by its successor.
            problem(120, 180, Proof::Missing, About::Digest, digest("20261120T120000Z")),
            // The last one before nothing came for long.
            problem(300, 400, Proof::Missing, About::Gap, digest("20261120T140000Z")),
            // The same, explained by a call.
            problem(600, 660, Proof::Missing, About::Gap, digest("20261120T190000Z")),
        ];
        put(&bench, &[event("stop", at(595), ROGUE, What::TrailChange).await]).await;
        let lease = lease(&bench.aws, "verifier").await;
        let whole = Wholeness { problems: problems.clone(), ..Wholeness::default() };
        let state = TrailState { whole, ..TrailState::default() };
        let state = bench.aws.save_trail_state(&part(), state, &lease).await.unwrap();
        bench.another_works().await;
        let ids = [
            of_trail(FindingKind::TrailAltered, "2026-11-20T09"),
            of_trail(FindingKind::TrailAltered, "2026-11-20T11"),
            of_trail(FindingKind::TrailStopped, "2026-11-20T14"),
            of_trail(FindingKind::TrailStopped, "2026-11-20T18"),
        ];
        let findings = until(&bench, &ids).await;
        let counts: Vec<u64> =
            findings.iter().map(|finding| finding.evidence.alert.as_ref().unwrap().count).collect();
        assert_eq!(counts, [2, 1, 1, 1]);
        assert_eq!(findings[3].evidence.alert.as_ref().unwrap().events[0].as_str(), "stop");
        assert!(findings.iter().all(|finding| finding.authority.is_none()));
        let shown = bench.console.coverage(&bench.operator().await).await.unwrap().trails.remove(0).problems;
        let linked: Vec<_> = shown.into_iter().map(|problem| problem.finding).collect();
        let [altered, missing, stopped, explained] = ids.clone().map(Some);
        assert_eq!(linked, [altered.clone(), altered, None, missing, stopped, explained]);
        // The file is put back: it was away all the same.
        let restored = TrailState { whole: Wholeness::default(), ..state };
        bench.aws.save_trail_state(&part(), restored, &lease).await.unwrap();
        // Files come first and holes after them: with the second file, those of the pass before have been looked at.
        for _ in 0..2 {
            put(&bench, &[]).await;
            until_read(&bench).await;
        }
        assert_eq!(bench.aws.findings(&ids).await.unwrap(), findings);
        let told: u64 =
            raised(&bench).await.iter().map(|body| body.detail["count"].parse::<u64>().unwrap()).sum();
        assert_eq!(told, 4);
    });
}
