//! What a thief does with the role of the provisioning service, who can issue and write records: everything as large and as
//! awkward as DynamoDB lets it be. Alerts still arrive, runs finish, and memory stays small.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use countersign_aws::Aws;
use domain::finding::{LeftOut, Subject};
use domain::trail::Event;
use domain::{AuthorityArn, FindingId, FindingKind, InventoryAttributes, RunState, Serial, Timestamp};
use feeds::trail::LogReader;
use futures::{StreamExt, TryStreamExt, stream};
use sandbox::Description;
use serde_json::json;

use crate::alerts::{self, ROGUE};
use crate::child;
use crate::endpoints::{aws_settings, aws_with};
use crate::support::{all_planted, authority, description, raw_dynamodb, test};

/// How many items each serial number gets.
const ITEMS: usize = 20;
/// How many characters its texts have: one item is of the largest size (400 KB), and all others are longer than what is kept
/// of them, as the sandbox takes long to give back more.
const LONGEST: usize = 139_000;
const LONG: usize = 1_000;
/// Alerts come within a minute, unless many tests run at once.
/// The most that the process that does all the work may have had in memory, in KiB.
const MEMORY: u64 = 300 * 1024;

/// An inventory of the test's own, and the sandbox with it in the place of its own.
async fn inventory(key: &InventoryAttributes) -> Description {
    let sandbox = description().await;
    let table = format!("inventory-{}", uuid::Uuid::new_v4());
    let attribute = |name: &str| {
        let text = ScalarAttributeType::S;
        AttributeDefinition::builder().attribute_name(name).attribute_type(text).build().unwrap()
    };
    let part =
        |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let create =
        raw_dynamodb(sandbox).create_table().table_name(&table).billing_mode(BillingMode::PayPerRequest);
    let create = create
        .attribute_definitions(attribute(&key.device_id))
        .key_schema(part(&key.device_id, KeyType::Hash));
    let create = create
        .attribute_definitions(attribute(&key.cert_serial))
        .key_schema(part(&key.cert_serial, KeyType::Range));
    create.send().await.unwrap();
    let mut own = sandbox.clone();
    own.tables.inventory = table;
    own
}

/// Writes the items of these serial numbers, the first of each with texts of `first` characters.
async fn fill(own: &Description, arn: &AuthorityArn, serials: &[Serial], first: usize) {
    let (client, names) = (raw_dynamodb(description().await), InventoryAttributes::default());
    let awkward = |length: usize| "\u{1}\"\\\u{202e}\n".chars().cycle().take(length).collect::<String>();
    let [first, long] = [first, LONG].map(|length| format!("CN={}", awkward(length)));
    let puts = serials.iter().flat_map(|serial| (0..ITEMS).map(move |number| (serial, number)));
    let puts = puts.map(|(serial, number)| {
        let text = |text: String| AttributeValue::S(text);
        let words = if number == 0 { &first } else { &long };
        client
            .put_item()
            .table_name(&own.tables.inventory)
            .item(&names.device_id, text(format!("{number}-{}", awkward(1440))))
            .item(&names.cert_serial, text(serial.to_string()))
            .item(&names.ca_arn, text(arn.to_string()))
            .item(&names.subject, text(words.clone()))
            .item(&names.revocation_reason, text(words.clone()))
            .send()
    });
    stream::iter(puts).buffer_unordered(4).try_for_each(|_| async { Ok(()) }).await.unwrap();
}

/// The events of a log file with five refused calls of each of fifty callers.
fn fifty_callers(arn: &AuthorityArn, now: Timestamp) -> Vec<Event> {
    let name =
        |number: usize| format!("arn:aws:iam::111122223333:role/{number}-{}", "\u{1}\"\\".repeat(2000));
    let record = |number: usize, call: usize| {
        json!({
            "eventVersion": "1.11", "eventID": format!("refused-{number}-{call}"), "eventTime": now.to_string(),
            "eventSource": "acm-pca.amazonaws.com", "eventName": "IssueCertificate", "awsRegion": "eu-central-1",
            "sourceIPAddress": "\u{2}".repeat(5000), "userAgent": "\u{3}".repeat(5000), "errorCode": "AccessDenied",
            "userIdentity": {
                "type": "AssumedRole", "arn": name(number), "accountId": "\u{4}".repeat(5000),
                "accessKeyId": "\u{5}".repeat(5000), "invokedBy": "\u{6}".repeat(5000),
            },
            "requestParameters": { "certificateAuthorityArn": arn.as_str() }, "recipientAccountId": "999900001111",
        })
    };
    let records: Vec<_> = (0..50).flat_map(|number| (0..5).map(move |call| record(number, call))).collect();
    let file = serde_json::to_vec(&json!({ "Records": records })).unwrap();
    let events: Vec<Event> =
        LogReader::open(file.as_slice()).unwrap().map(|record| record.unwrap().event).collect();
    assert_eq!(events.len(), 250);
    events
}

/// The most that a process has had in memory, in KiB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

#[test]
fn attack_a_thief_with_the_provisioning_role_stops_neither_alerts_nor_runs() {
    test(async {
        let own = inventory(&InventoryAttributes::default()).await;
        let arn = authority(description().await);
        let issued = serials(&arn).await;
        let made_up: Vec<Serial> =
            (1..=11).map(|number| format!("7eee00000000{number:08x}").parse().unwrap()).collect();
        fill(&own, &arn, &issued, LONG).await;
        fill(&own, &arn, &made_up[..1], LONGEST).await;
        fill(&own, &arn, &made_up[1..], LONG).await;

        let bench = alerts::bench().await;
        let now = bench.parts.clock.now();
        let mut events = fifty_callers(&arn, now);
        for serial in &issued {
            events.push(alerts::issue(*serial, now, ROGUE).await);
        }
        alerts::put(&bench, &events).await;
        let mut worker = child::start_alerting_on(&bench, &own);
        // Which of the two it is depends on how soon the inventory is read.
        let kinds = [FindingKind::RogueIssuer, FindingKind::UnauthorizedIssuance];
        sandbox::until("an alert for each certificate and each caller", async || {
            let open = bench.aws.findings_not_closed(&arn.id()).map_ok(|finding| finding.id);
            let open: Vec<FindingId> = open.try_collect().await.unwrap();
            let of = |kinds: &[FindingKind]| open.iter().filter(|id| kinds.contains(&id.kind)).count();
            let told = (of(&kinds), of(&[FindingKind::IssuanceDenied]));
            (told == (20, 50)).then_some(())
        })
        .await;
        alerts::until_read(&bench).await;

        let run = bench.console.start_run(&bench.operator().await, &arn.id()).await.unwrap();
        let run = sandbox::until("the end of the run", async || {
            Some(bench.aws.run(&arn.id(), &run.id).await.unwrap())
                .filter(|run| run.state != RunState::Running)
        })
        .await;
        assert_eq!((run.state, run.failure.as_deref()), (RunState::Finished, None));
        let id = |kind, serial: &Serial| FindingId {
            kind,
            scope: domain::Scope::from(&arn),
            subject: Subject::Certificate(*serial),
        };
        let duplicates: Vec<FindingId> =
            issued.iter().chain(&made_up).map(|serial| id(FindingKind::Duplicate, serial)).collect();
        let duplicates = bench.aws.findings(&duplicates).await.unwrap();
        assert_eq!(duplicates.len(), 31);
        assert!(duplicates.iter().all(|one| matches!(one.evidence.left_out, Some(LeftOut::Items(1..20)))));
        let missing: Vec<FindingId> =
            made_up.iter().map(|serial| id(FindingKind::IssuanceWithoutCertificate, serial)).collect();
        assert_eq!(bench.aws.findings(&missing).await.unwrap().len(), 11);
        let peak = peak(worker.id().unwrap());
        assert!(peak < MEMORY, "{peak} KiB");
        worker.kill().await.unwrap();
    });
}

/// Serial numbers of twenty certificates that the sandbox's CA issued.
async fn serials(arn: &AuthorityArn) -> Vec<Serial> {
    let aws: Aws = aws_with(aws_settings(description().await, "none")).await;
    let pages: Vec<_> = aws.scan_inventory(1).try_collect().await.unwrap();
    let items = pages.into_iter().flatten().map(|read| read.unwrap().item);
    let planted = all_planted().await;
    let mut serials: Vec<Serial> = items
        .filter(|item| item.authority == *arn && !planted.contains(&item.serial))
        .map(|item| item.serial)
        .collect();
    serials.sort();
    serials.truncate(20);
    assert_eq!(serials.len(), 20);
    serials
}
