//! A new sandbox holds the trouble that it lists, and no other.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use sandbox::{Description, Options, Planted, Sandbox, Trouble};
use serde_json::Value;

use crate::support::{Directory, Item, acm_pca, dynamodb, inventory, reports, s3, small};
use crate::trail::PROVISIONING;
use crate::trail_files::{State, Trail};

#[tokio::test]
async fn what_is_planted_is_all_that_differs() {
    let directory = Directory::new();
    let sandbox = Sandbox::start(small(&directory)).await.unwrap();
    let description = sandbox.description();
    nothing_else_differs(description).await;
    assert_eq!(description.planted_detail.len(), 26);
    for authority in &description.authorities {
        let here = |trouble| {
            description.planted_detail.iter().any(|p| p.trouble == trouble && p.authority == authority.arn)
        };
        assert!(here(Trouble::RogueIssuer) && here(Trouble::LostWrite) && here(Trouble::RevokedOutside));
    }
    sandbox.shutdown().await;
}

/// Compares reports, inventory and trail.
pub async fn nothing_else_differs(description: &Description) {
    let (reported, recorded) = (reports(description).await, inventory(description).await);
    let trail = Trail::read(description).await;
    let (issued, began) = (trail.issued(), trail.digests[0]["digestStartTime"].as_str().unwrap());

    let mut found = of_trail(&trail);
    let serials: BTreeSet<&String> = reported.keys().chain(recorded.keys()).collect();
    for serial in serials {
        let (row, item) = (reported.get(serial), recorded.get(serial));
        if let (Some(row), Some(item)) = (row, item) {
            compare(&mut found, serial, row, item);
        }
        let Some(row) = row else {
            add(&mut found, "issuance_without_certificate", serial);
            continue;
        };
        let covered = row["issuedAt"].as_str().unwrap()[..19] >= began[..19];
        let kind = match (issued.get(serial), item.is_some()) {
            (None, _) if covered => Some("unattributed_issuance"),
            (Some(events), recorded) => match (authorised(events), recorded) {
                (true, true) => None,
                (true, false) => Some("unrecorded_issuance"),
                (false, true) => Some("rogue_issuer"),
                (false, false) => Some("unauthorized_issuance"),
            },
            (None, true) => None,
            (None, false) => Some("unauthorized_issuance"),
        };
        if let Some(kind) = kind {
            add(&mut found, kind, serial);
        }
    }
    assert_eq!(sorted(found), sorted(description.planted.clone()));
}

/// What the trail shows that is about no certificate.
fn of_trail(trail: &Trail) -> Planted {
    let altered = trail.files.values().filter(|file| matches!(file.state, State::Missing | State::Edited));
    let altered = altered.map(|file| file.hour.clone().unwrap());
    let stopped = trail.records().filter(|record| record["eventName"] == "StopLogging");
    let stopped = stopped.map(|record| record["eventTime"].as_str().unwrap()[..13].to_owned());
    let denied = trail.records().filter(|record| record["errorCode"] == "AccessDenied");
    let denied = denied.map(|record| record["userIdentity"]["arn"].as_str().unwrap().to_owned());
    [("trail_altered", once(altered)), ("trail_stopped", once(stopped)), ("issuance_denied", once(denied))]
        .map(|(kind, subjects)| (kind.to_owned(), subjects))
        .into()
}

/// An event that is in the trail twice is one.
fn once(subjects: impl Iterator<Item = String>) -> Vec<String> {
    subjects.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether the provisioning service asked, from its own network.
fn authorised(events: &[&Value]) -> bool {
    let call = events.iter().find(|event| event["eventName"] == "IssueCertificate").unwrap();
    call["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] == PROVISIONING
        && call["sourceIPAddress"].as_str().unwrap().starts_with("10.20.")
}

fn compare(found: &mut Planted, serial: &str, row: &Value, item: &Item) {
    let issued = [row["issuedAt"].as_str().unwrap(), &item["issued_at"]].map(moment);
    assert!((issued[0] - issued[1]).abs() < time::Duration::seconds(10), "{row} {item:?}");
    assert_eq!(row["subject"], item["subject"]);
    assert!(row["certificateArn"].as_str().unwrap().starts_with(&item["ca_arn"]));
    assert_eq!(row["certificateArn"], item["certificate_arn"]);
    if row["notAfter"].as_str().unwrap().replace("+0000", "Z") != item["expires_at"] {
        add(found, "dates_differ", serial);
    }
    match (row.get("revokedAt").is_some(), item.contains_key("revoked_at")) {
        (true, recorded) => {
            add(found, "revocation_not_countersigned", serial);
            if !recorded {
                add(found, "revocation_not_recorded", serial);
            }
        }
        (false, true) => add(found, "revocation_not_effective", serial),
        (false, false) => {}
    }
}

/// Date and time of either form, which differ after the seconds.
fn moment(text: &str) -> time::PrimitiveDateTime {
    let format = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    time::PrimitiveDateTime::parse(&text[..19], format).unwrap()
}

fn add(found: &mut Planted, kind: &str, serial: &str) {
    found.entry(kind.to_owned()).or_default().push(serial.to_owned());
}

fn sorted(mut planted: Planted) -> Planted {
    planted.values_mut().for_each(|serials| serials.sort_unstable());
    planted
}

#[tokio::test]
async fn nothing_planted_is_young_and_the_clock_is_right_again() {
    let directory = Directory::new();
    let options = small(&directory);
    let clock = options.clock.clone();
    let sandbox = Sandbox::start(options).await.unwrap();
    let limit = clock.now() - time::Duration::minutes(29);
    for row in reports(sandbox.description()).await.values() {
        for time in ["issuedAt", "revokedAt"] {
            let old = |time: &Value| moment(time.as_str().unwrap()).assume_utc() < limit;
            assert!(row.get(time).is_none_or(old), "{row}");
        }
    }
    let system = std::time::SystemTime::from(clock.now());
    let off = system.elapsed().unwrap_or_else(|error| error.duration());
    assert!(off.as_secs() < 5, "the clock is {off:?} off");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn the_consoles_configuration_says_what_the_description_says() {
    let directory = Directory::new();
    let options = small(&directory);
    let data_dir = options.data_dir.join("a \"quoted\" place");
    let sandbox = Sandbox::start(Options { data_dir: data_dir.clone(), ..options }).await.unwrap();
    let description = sandbox.description();
    let config: toml::Table = std::fs::read_to_string(&description.config).unwrap().parse().unwrap();
    let text = |table: &str, key: &str| config[table][key].as_str().unwrap().to_owned();
    assert_eq!(
        text("server", "data_dir"),
        data_dir.canonicalize().unwrap().join("console").to_str().unwrap()
    );
    assert_eq!(text("server", "public_url"), description.console_url);
    assert_eq!(text("inventory", "table"), description.tables.inventory);
    assert_eq!(text("oidc", "issuer"), description.oidc.issuer);
    let authorities = config["authorities"].as_array().unwrap();
    let arns: Vec<&str> = authorities.iter().map(|authority| authority["arn"].as_str().unwrap()).collect();
    assert_eq!(arns, description.authorities.iter().map(|authority| &authority.arn).collect::<Vec<_>>());
    let profiles = std::fs::read_to_string(&description.env["AWS_SHARED_CREDENTIALS_FILE"]).unwrap();
    assert!(config["aws"].get("executor_profile").is_none(), "who serves pages has nothing that revokes");
    let worker: toml::Table = std::fs::read_to_string(&description.worker_config).unwrap().parse().unwrap();
    assert_ne!(worker["server"]["data_dir"], config["server"]["data_dir"], "each process has its own");
    let executor = worker["aws"]["executor_profile"].as_str().unwrap();
    assert!(profiles.contains(&format!("[{executor}]")));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn each_principal_can_do_its_part_and_no_more() {
    let directory = Directory::new();
    let sandbox = Sandbox::start(small(&directory)).await.unwrap();
    let description = sandbox.description();
    let target = &description.planted_detail.iter().find(|p| p.trouble == Trouble::RogueIssuer).unwrap();
    let revoke = |profile: &str| {
        let pca = acm_pca(description, profile);
        pca.revoke_certificate()
            .certificate_authority_arn(&target.authority)
            .certificate_serial(&target.serial)
            .revocation_reason("KEY_COMPROMISE".into())
            .send()
    };
    for profile in ["default", "provisioning", "legacy-deploy"] {
        let refused = revoke(profile).await.unwrap_err();
        let code = refused.into_service_error().meta().code().map(str::to_owned);
        assert_eq!(code.as_deref(), Some("AccessDeniedException"), "{profile}");
    }
    revoke("executor").await.unwrap();

    let wanted = hex::decode(&target.serial).unwrap();
    let (s3, bucket) = (s3(description), &description.buckets.crl);
    // Its own partition, or the complete list of its authority.
    let crls = format!("crl/{}", target.authority.rsplit('/').next().unwrap());
    sandbox::until("the CRL's entry", async || {
        let found = s3.list_objects_v2().bucket(bucket).prefix(&crls).send().await.ok()?;
        for object in found.contents() {
            let read = s3.get_object().bucket(bucket).key(object.key()?).send().await.ok()?;
            let body = read.body.collect().await.ok()?;
            if lists(&body.to_vec(), &wanted) {
                return Some(());
            }
        }
        None
    })
    .await;
    sandbox.shutdown().await;
}

fn lists(crl: &[u8], serial: &[u8]) -> bool {
    use x509_parser::prelude::{CertificateRevocationList, FromDer};
    let (_, crl) = CertificateRevocationList::from_der(crl).unwrap();
    crl.iter_revoked_certificates().any(|entry| {
        let octets = entry.raw_serial();
        octets.strip_prefix(&[0]).unwrap_or(octets) == serial
    })
}

#[tokio::test]
async fn the_tables_have_their_keys_and_their_indexes() {
    let directory = Directory::new();
    let sandbox = Sandbox::start(Options { devices: 0, ..small(&directory) }).await.unwrap();
    let description = sandbox.description();
    let client = dynamodb(description);
    let text = |value: &str| AttributeValue::S(value.to_owned());

    let (serial, item) = inventory(description).await.into_iter().next().unwrap();
    let query = client.query().table_name(&description.tables.inventory).index_name("cert_serial-index");
    let query = query.key_condition_expression("cert_serial = :serial");
    let found = query.expression_attribute_values(":serial", text(&serial)).send().await.unwrap();
    assert_eq!(found.items()[0]["device_id"], text(&item["device_id"]));

    let console = &description.tables.console;
    let put = |sk: &str, list_sk: &str| {
        let put = client.put_item().table_name(console).item("pk", text("P")).item("sk", text(sk));
        let put = put.item("list_pk", text("L")).item("list_sk", text(list_sk));
        put.condition_expression("attribute_not_exists(pk)").send()
    };
    put("1", "b").await.unwrap();
    put("2", "a").await.unwrap();
    assert!(put("1", "c").await.unwrap_err().into_service_error().is_conditional_check_failed_exception());
    let query =
        client.query().table_name(console).index_name("list").key_condition_expression("list_pk = :l");
    let listed = query.expression_attribute_values(":l", text("L")).send().await.unwrap();
    let order: Vec<_> = listed.items().iter().map(|item| &item["sk"]).collect();
    assert_eq!(order, [&text("2"), &text("1")]);
    let ttl = client.describe_time_to_live().table_name(console).send().await.unwrap();
    assert_eq!(ttl.time_to_live_description.unwrap().attribute_name.as_deref(), Some("expires"));
    sandbox.shutdown().await;
}
