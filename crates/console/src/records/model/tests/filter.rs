//! Each property of the filter, among a few certificates of each kind.

use domain::KeyHash;
use domain::trail::{Event, Identity, Issuer, Issuers, What};

use super::*;
use crate::records::events::{EventFile, add, judge};

const DEPLOY: &str = "arn:aws:iam::111122223333:role/ci/legacy-deploy";
const PROVISIONING: &str = "arn:aws:iam::111122223333:role/service/provisioning";

/// Certificates 1 to 9, in the report and the inventory but for what is said.
async fn fleet() -> ReadModel {
    let revoked = ReportRow { revoked_at: Some(at(-9)), ..row(2) };
    let expiring = ReportRow { not_after: at(14_000), ..row(3) };
    let expired = ReportRow { not_after: at(-10), ..row(4) };
    let other = ReportRow {
        subject: Some("CN=Build-17.example,O=Other".to_owned()),
        template: Some("arn:aws:acm-pca:::template/CodeSigningCertificate/V1".to_owned()),
        issued_at: at(-60),
        ..row(5)
    };
    let rows = vec![row(1), revoked, expiring, expired, other, row(6), row(7), row(8)];
    let told = InventoryItem { revoked_at: Some(at(5)), ..item(6) };
    let elsewhere = InventoryItem { authority: OTHER.parse().unwrap(), ..item(9) };
    let model =
        model(rows, vec![item(1), item(2), item(3), item(4), told, item(7), item(8), elsewhere]).await;
    let issued = model.blocking(|database| {
        let event = |number: u64, principal: &str, address: &str, key: &str| Event {
            id: format!("e{number}").parse().unwrap(),
            time: at(-10_000),
            name: "IssueCertificate".to_owned(),
            source: "acm-pca.amazonaws.com".to_owned(),
            region: "eu-central-1".to_owned(),
            account: Some("111122223333".to_owned()),
            identity: Identity {
                pathless: false,
                access_key: Some(key.to_owned()),
                ..Identity::of_arn(principal)
            },
            address: Some(address.to_owned()),
            user_agent: None,
            request_id: None,
            failure: None,
            read_only: false,
            authority: Some(arn()),
            serial: Some(serial(number)),
            key: (number < 5).then(|| KeyHash::of(b"a key")),
            alternative_names: vec![format!("DNS:sensor-{number}.devices.example"), format!("IP:192.0.2.{number}")],
            what: What::Issuance { template: None },
        };
        let events = vec![
            event(1, PROVISIONING, "10.20.0.1", "ASIAGOOD"),
            event(2, PROVISIONING, "192.0.2.66", "ASIAGOOD"),
            event(5, DEPLOY, "203.0.113.77", "ASIABAD"),
        ];
        let file = EventFile {
            account: "111122223333".to_owned(),
            region: "eu-central-1".to_owned(),
            seq: 1,
            bucket: "trail".to_owned(),
            key: "AWSLogs/1".to_owned(),
            sha256: "00".to_owned(),
            delivered_at: at(0),
            read_at: at(0),
            bad: None,
        };
        let addresses = vec!["10.20.0.0/16".parse().unwrap()];
        let issuers = Issuers::new(vec![Issuer { addresses, ..Issuer::new(PROVISIONING).unwrap() }]);
        let finding = "INSERT INTO finding (id, scope, kind, severity, state, waits, first_seen, version, serial) \
                       VALUES (?, ?, 'k', 1, 'open', ?, 0, 1, ?)";
        Ok(database.write(|connection| {
            judge(connection, &add(connection, &[(file, events)])?, &issuers)?;
            for (id, waits, number) in [("a", 1, 5), ("b", 0, 7)] {
                let scope = arn().id().to_string();
                connection.execute(finding, (id, scope, waits, serial(number).as_bytes()))?;
            }
            Ok(())
        })?)
    });
    issued.await.unwrap();
    model
}

/// The certificates that all these mean, `property=value` each, by their numbers.
async fn found(model: &ReadModel, tokens: &[&str]) -> Vec<u64> {
    let query = CertificateQuery {
        filter: tokens.iter().map(|text| token(text)).collect(),
        ..CertificateQuery::default()
    };
    let page = page(model, query.clone()).await;
    let number = |found: domain::Serial| (1..10).find(|number| serial(*number) == found).unwrap();
    let mut numbers: Vec<u64> = page.lines.iter().map(|line| number(line.serial)).collect();
    assert_eq!(page.total, Total { number: numbers.len() as u64, more: false }, "{tokens:?}");
    numbers.sort_unstable();
    // What a request takes is what the list shows.
    let taken = model.matching(&arn().id(), &query, 1000, at(0)).await.unwrap();
    let mut taken: Vec<u64> = taken.into_iter().map(number).collect();
    taken.sort_unstable();
    assert_eq!(
        taken,
        numbers.iter().copied().filter(|number| *number != 9).collect::<Vec<_>>(),
        "{tokens:?}"
    );
    let by_authority = model.matching_by_authority(&query, at(0)).await.unwrap();
    assert_eq!(by_authority.values().sum::<u64>(), numbers.len() as u64, "{tokens:?}");
    numbers
}

#[tokio::test]
async fn who_acts_on_a_filter_gets_what_it_names_now_whatever_a_page_has_counted() {
    let model = fleet().await;
    let tokens = ["template=CodeSigningCertificate/V1", "open_finding=no"];
    assert!(found(&model, &tokens).await.is_empty());
    let closed = model.blocking(|database| {
        Ok(database.write(|connection| connection.execute("UPDATE finding SET waits = 0", []))?)
    });
    closed.await.unwrap();
    let query = CertificateQuery { filter: tokens.map(token).to_vec(), ..CertificateQuery::default() };
    assert_eq!(model.matching(&arn().id(), &query, 1000, at(0)).await.unwrap(), [serial(5)]);
    assert_eq!(model.matching_by_authority(&query, at(0)).await.unwrap().values().sum::<u64>(), 1);
}

#[tokio::test]
async fn each_property_finds_its_certificates_and_its_opposite_the_others() {
    let model = fleet().await;
    let all = (1..10).collect::<Vec<_>>();
    let a_key = format!("key={}", KeyHash::of(b"a key"));
    for (token, expected) in [
        ("device=sensor-000003", vec![3]),
        ("device=SENSOR-000003", vec![]),
        ("device=~SOR-00000", vec![1, 2, 3, 4, 6, 7, 8, 9]),
        ("device=~3", vec![3]),
        ("subject=~o=other", vec![5]),
        ("subject=cn=build-17.example,o=other", vec![5]),
        ("common_name=build-17.example", vec![5]),
        ("common_name=~or-00000", vec![1, 2, 3, 4, 6, 7, 8, 9]),
        ("san=sensor-1.devices.EXAMPLE", vec![1]),
        ("san=DNS:sensor-2.devices.example", vec![2]),
        ("san=192.0.2.5", vec![5]),
        ("san=sensor-1", vec![]),
        ("san=~.Devices.", vec![1, 2, 5]),
        ("san=~2.5", vec![5]),
        ("san=~100%", vec![]),
        ("authority=99999999-1234-1122-2233-112233445566", vec![9]),
        ("authority=nobody", vec![]),
        ("status=active", vec![1, 5, 7, 8, 9]),
        ("status=expiring", vec![3]),
        ("status=expired", vec![4]),
        ("status=revoked", vec![2, 6]),
        ("status=unproven", vec![6]),
        ("expires=<10d", vec![3]),
        ("expires=<1d", vec![]),
        ("expires=<2025-10-09T08:53:20Z", vec![4]),
        ("expires=>2026-01-01", vec![1, 2, 5, 6, 7, 8, 9]),
        ("issued=<1d", vec![5]),
        ("issuer=arn:aws:iam::111122223333:role/legacy-deploy", vec![5]),
        ("issuer=~PROVISION", vec![1, 2]),
        ("access_key=ASIABAD", vec![5]),
        ("access_key=~asiagood", vec![1, 2]),
        ("address=192.0.2.66", vec![2]),
        ("address=~0.", vec![1, 2, 5]),
        ("judgement=authorised", vec![1]),
        ("judgement=other_address", vec![2]),
        ("judgement=unauthorised", vec![2, 5]),
        ("judgement=unknown", vec![3, 4, 6, 7, 8, 9]),
        ("template=CodeSigningCertificate/V1", vec![5]),
        ("key=c0ff5c2a2a4b0b9e4a4ef0f1e7b4ac0bd6d4a1b8a4d13e9ac0b3e2f8aa7d0a11", vec![]),
        (&a_key, vec![1, 2]),
        ("template=~endentity", vec![1, 2, 3, 4, 6, 7, 8]),
        ("open_finding=yes", vec![5]),
        ("open_finding=no", vec![1, 2, 3, 4, 6, 7, 8, 9]),
        ("in_inventory=no", vec![5]),
    ] {
        assert_eq!(found(&model, &[token]).await, expected, "{token}");
        let (property, value) = token.split_once('=').unwrap();
        let sign = if value.starts_with(['~', '<', '>']) { "" } else { "=" };
        let others: Vec<u64> = all.iter().copied().filter(|number| !expected.contains(number)).collect();
        assert_eq!(found(&model, &[&format!("{property}=!{sign}{value}")]).await, others, "not {token}");
    }
    assert_eq!(found(&model, &[]).await, all);
    assert_eq!(
        found(&model, &["status=!revoked", "device=~sensor", "judgement=unknown"]).await,
        [3, 4, 7, 8, 9]
    );
}

#[tokio::test]
async fn a_serial_number_is_found_in_any_form_and_by_any_part() {
    let model = fleet().await;
    for number in 1..9 {
        let whole = serial(number);
        let (colons, hex) = (whole.colons(), whole.to_string());
        let cut = format!("{}…{}", &colons[..11], &colons[colons.len() - 5..]);
        for text in [&colons, &hex, &cut, &format!("0x{hex}"), &hex.to_uppercase(), &format!("00:{colons}")] {
            for property in ["serial", "q"] {
                let token = format!("{property}={text}");
                assert_eq!(found(&model, &[&token]).await, [number], "{token}");
            }
        }
        // An odd number of digits, of its beginning and out of its middle.
        assert_eq!(found(&model, &[&format!("q={}", &hex[..7])]).await, [number]);
        assert_eq!(found(&model, &[&format!("serial=~{}", &hex[3..12])]).await, [number]);
        assert!(found(&model, &[&format!("serial=…{}", &hex[hex.len() - 1..])]).await.contains(&number));
    }
    assert!(found(&model, &["serial=0badc0de"]).await.is_empty());
    assert!(found(&model, &["q=OR 1=1 --\" NOT \\%_"]).await.is_empty());
}
