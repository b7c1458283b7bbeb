//! Findings and certificates.

use std::time::Duration;

use app::certificates::{Certificates, OneCertificate};
use app::findings::{Findings, Matching, OneBulk, OneFinding};
use app::lists::ListForms;
use app::queries::{CertificateAddress, Wrong};
use domain::certificate::{CertificateLine, CertificateStatus, X509Details};
use domain::finding::{Bulk, Disagreement, Evidence, FindingChange, FindingEvent, FindingStateName, Triage};
use domain::notify::Delivery;
use domain::preferences::{Density, ListColumn, ListSettings};
use domain::trail::{Authorisation, Identity, Issuance, RevocationCall};
use domain::views::{
    Bound, CertificatePage, CertificateQuery, CertificateView, CrlsRead, FindingGroup, FindingPage,
    FindingQuery, FindingView, FindingsMatching, Moment, NoIssuance, Place, RestsOn, Revoked, Standing, Test,
    Token, Total,
};
use domain::{Finding, FindingKind, FindingState, InventoryItem, ReportRow, RevocationReason};
use leptos::prelude::*;

use super::golden;
use super::sample::{authority, minutes_ago, named_authority, now, overview, person, serial, viewer};

pub fn report_row(n: u8) -> ReportRow {
    ReportRow {
        authority: named_authority("").arn,
        serial: serial(n),
        subject: Some("CN=gateway.example".to_owned()),
        not_before: minutes_ago(60),
        not_after: now().plus(Duration::from_secs(86_400 * 330)),
        issued_at: minutes_ago(60),
        revoked_at: None,
        revocation_reason: None,
        template: Some("arn:aws:acm-pca:::template/EndEntityCertificate/V1".to_owned()),
        requested_by_service: None,
    }
}

fn item(n: u8) -> InventoryItem {
    InventoryItem {
        authority: named_authority("").arn,
        serial: serial(n),
        device: format!("sensor-{n:05}").parse().unwrap(),
        serial_key: serial(n).to_string(),
        subject: Some(format!("CN=sensor-{n:05}.devices.example")),
        issued_at: Some(minutes_ago(60)),
        expires_at: Some(now().plus(Duration::from_secs(86_400 * 330))),
        revoked_at: None,
        revocation_reason: None,
        decimal: None,
        revocation_unread: false,
    }
}

fn issuance() -> Issuance {
    Issuance {
        event: "7ed0a6a0-3f4f-4e3c-9a34-000000000001".parse().unwrap(),
        at: minutes_ago(60),
        identity: Identity::of_arn("arn:aws:iam::111122223333:role/ci/legacy-deploy"),
        address: Some("203.0.113.77".to_owned()),
        user_agent: Some("aws-sdk-rust/1.3.10".to_owned()),
        template: None,
        key: Some(domain::KeyHash::of(b"the key of the certificate")),
    }
}

pub fn finding(kind: FindingKind, n: u8) -> Finding {
    let evidence = Evidence {
        report: Some(report_row(n)),
        inventory: vec![item(n)],
        issuance: Some(issuance()),
        authorisation: Some(Authorisation::NotAnIssuer),
        ..Evidence::default()
    };
    let disagreement = Disagreement { kind, authority: named_authority("").arn, serial: serial(n), evidence };
    Finding::opened(disagreement, overview().authorities.swap_remove(0).last_run.unwrap().id, minutes_ago(97))
}

/// Somebody has taken it on, and is late.
fn overdue() -> Finding {
    let due = Some(minutes_ago(3000));
    let mut finding = finding(FindingKind::SubjectDiffers, 2);
    finding.state = FindingState::Acknowledged { owner: person("operator"), due };
    let by = Some(person("operator"));
    finding.history.push(FindingEvent {
        at: minutes_ago(4000),
        by,
        what: FindingChange::Acknowledged { due },
    });
    finding
}

/// Somebody dismisses three thousand.
fn bulk() -> Bulk {
    Bulk {
        id: "0193533a-0000-7000-8000-000000000007".parse().unwrap(),
        by: viewer().actor.unwrap(),
        what: Triage::Dismiss { reason: "The lab's own certificates".to_owned() },
        matching: "open or acknowledged, critical".to_owned(),
        asked_at: minutes_ago(1),
        count: 3_000,
        critical: 2,
        reached: 1_200,
        done: 1_200,
        asked: 0,
        left: [].into(),
        first_left: Vec::new(),
        end: None,
        version: 27,
    }
}

#[tokio::test]
async fn the_pages_of_findings() {
    golden("findings", || {
        let page = FindingPage {
            findings: vec![finding(FindingKind::RogueIssuer, 1), overdue()],
            total: 2,
            page: 0,
            waiting: [(FindingKind::RogueIssuer, 1), (FindingKind::SubjectDiffers, 1)].into(),
            under_way: vec![bulk()],
        };
        let query = FindingQuery { authority: Some(authority()), ..FindingQuery::default() };
        view! { <Findings query page authorities=vec![named_authority("Devices EU")] settings=set_up("severity=critical") forms=ListForms::new() /> }
    })
    .await;
    golden("findings-matching", || {
        let group = |kind, state, number| FindingGroup { kind, authority: Some(authority()), state, number };
        let view = FindingsMatching {
            groups: vec![
                group(FindingKind::DatesDiffer, FindingStateName::Acknowledged, 3),
                group(FindingKind::RogueIssuer, FindingStateName::Open, 2_997),
            ],
            authorities: vec![named_authority("Devices EU")],
            operators: vec![person("another operator")],
            cannot_handle: None,
        };
        let (acknowledge, dismiss, revoke) = (ServerAction::new(), ServerAction::new(), ServerAction::new());
        let query = FindingQuery { mine: true, ..FindingQuery::default() };
        view! { <Matching query view acknowledge dismiss revoke /> }
    })
    .await;
    golden("bulk", || view! { <OneBulk bulk=bulk() stop=ServerAction::new() /> }).await;
    golden("bulk-ended", || {
        let bulk = Bulk {
            reached: 3_000,
            done: 2,
            asked: 2_997,
            left: [("The finding is dismissed already.".to_owned(), 1)].into(),
            first_left: vec![finding(FindingKind::RogueIssuer, 1).id],
            ..bulk()
        };
        view! { <OneBulk bulk=bulk.ended(None, now()) stop=ServerAction::new() /> }
    })
    .await;
    golden("findings-none", || {
        let (query, page) = (FindingQuery::default(), FindingPage::default());
        view! { <Findings query page authorities=Vec::new() settings=ListSettings::default() forms=ListForms::new() /> }
    })
    .await;
    golden("finding", || {
        let notification = Delivery {
            channel: "on-call".to_owned(),
            to: "hooks.example".to_owned(),
            due_at: minutes_ago(97),
            digest: false,
            attempts: 2,
            delivered_at: Some(minutes_ago(95)),
            next_attempt: None,
            problem: Some("503 Service Unavailable".to_owned()),
        };
        let view = FindingView {
            finding: overdue(),
            authority: Some(named_authority("Devices EU")),
            notifications: vec![notification],
            cannot_handle: None,
            cannot_revoke: Some("Only an operator can do this.".to_owned()),
        };
        view! { <OneFinding view acknowledge=ServerAction::new() dismiss=ServerAction::new() /> }
    })
    .await;
    let open = finding(FindingKind::DatesDiffer, 3);
    let closed = open.gone(&open.first_run.clone().unwrap(), now()).unwrap();
    for (name, finding) in [("finding-to-correct", open), ("finding-closed", closed)] {
        golden(name, move || {
            let view = FindingView {
                finding: finding.clone(),
                authority: Some(named_authority("Devices EU")),
                notifications: Vec::new(),
                cannot_handle: None,
                cannot_revoke: None,
            };
            view! { <OneFinding view acknowledge=ServerAction::new() dismiss=ServerAction::new() /> }
        })
        .await;
    }
}

fn line(n: u8, revoked: bool) -> CertificateLine {
    CertificateLine {
        authority: named_authority("").arn,
        serial: serial(n),
        device: (!revoked).then(|| item(n).device),
        subject: item(n).subject,
        issued_at: Some(minutes_ago(60)),
        expires_at: Some(now().plus(Duration::from_secs(86_400 * u64::from(n) * 20))),
        revoked_at: revoked.then(|| minutes_ago(9)),
        in_report: true,
        in_inventory: !revoked,
    }
}

#[tokio::test]
async fn the_pages_of_certificates() {
    golden("certificates", || {
        let page = CertificatePage {
            lines: vec![line(1, false), line(2, false), line(3, true)],
            total: Total { number: 100_000, more: true },
            before: Some(50),
            previous: Some(Place::First),
            next: Some("after:53.1.4fa2.tsensor-0003".parse().unwrap()),
            as_of: Some(minutes_ago(3)),
            problem: Some("The inventory does not answer.".to_owned()),
        };
        let query = CertificateQuery {
            filter: vec![
                Test::Text("sensor-".to_owned()).into(),
                Token { not: true, test: Test::Status(Standing::Is(CertificateStatus::Revoked)) },
                Test::Expires(Bound::Within(30)).into(),
            ],
            ..CertificateQuery::default()
        };
        let wrong = vec![Wrong {
            property: "issued".to_owned(),
            operator: "from".to_owned(),
            value: "yesterday".to_owned(),
            why: "A time is written 2026-11-22 or 2026-11-22T09:00, UTC.".to_owned(),
        }];
        let address = CertificateAddress { query, wrong };
        view! { <Certificates address page authorities=vec![named_authority("Devices EU")] settings=set_up("status=active") forms=ListForms::new() /> }
    })
    .await;
    golden("certificate", || view! { <OneCertificate view=certificate() /> }).await;
    golden("certificate-unread", || {
        let view = CertificateView {
            x509: Err("The CA does not answer.".to_owned()),
            issuance: Err(NoIssuance::Earlier { since: minutes_ago(60 * 24 * 30) }),
            cannot_revoke: Some("It is revoked already.".to_owned()),
            status: CertificateStatus::Revoked,
            revoked: Some(Revoked { at: minutes_ago(9), rests_on: RestsOn::Trail }),
            crls: CrlsRead {
                newest: None,
                problem: Some(
                    "the CRL at s3://crl/<b>.crl proves nothing: the CRL's signature is not the CA's"
                        .to_owned(),
                ),
            },
            ..certificate()
        };
        view! { <OneCertificate view /> }
    })
    .await;
    golden("certificate-on-crl", || {
        let rests_on = RestsOn::Crl { made: minutes_ago(20), reason: Some(RevocationReason::KeyCompromise) };
        let revoked = Some(Revoked { at: minutes_ago(31), rests_on });
        let view = CertificateView { status: CertificateStatus::Revoked, revoked, ..certificate() };
        view! { <OneCertificate view /> }
    })
    .await;
}

/// Somebody who has saved two filters, one of which is not understood any more, and wants few columns close together.
fn set_up(query: &str) -> ListSettings {
    let mut settings = ListSettings::default();
    for (name, query) in [("<b>Mine</b>", query), ("Of old", "state=unheard&status=unheard")] {
        settings.save(name.parse().unwrap(), query.to_owned()).unwrap();
    }
    settings.hidden = [ListColumn::Subject, ListColumn::State].into();
    settings.density = Density::Compact;
    settings
}

fn certificate() -> CertificateView {
    let row = report_row(17);
    let x509 = X509Details {
        subject: "CN=sensor-00017.devices.example".to_owned(),
        issuer: "CN=Devices EU".to_owned(),
        serial: serial(17),
        not_before: row.not_before,
        not_after: row.not_after,
        alternative_names: vec!["DNS:sensor-00017.devices.example".to_owned()],
        key: "EC P-256".to_owned(),
        signature_algorithm: "SHA256 with ECDSA".to_owned(),
        key_usage: vec!["digital signature".to_owned()],
        extended_key_usage: vec!["client authentication".to_owned()],
        fingerprint: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        public_key_fingerprint: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752".to_owned(),
        crl_distribution_points: vec!["http://crl.example/devices-eu.crl".to_owned()],
        pem: "-----BEGIN CERTIFICATE-----\nMIIBszCC\n-----END CERTIFICATE-----".to_owned(),
    };
    let call = RevocationCall {
        event: "7ed0a6a0-3f4f-4e3c-9a34-000000000002".parse().unwrap(),
        at: minutes_ago(9),
        identity: Identity::of_arn("arn:aws:iam::111122223333:user/ops"),
        address: None,
        reason: Some("KEY_COMPROMISE".to_owned()),
    };
    let moment = |at, what: &str| Moment { at, what: what.to_owned(), who: None, link: None };
    CertificateView {
        authority: named_authority("Devices EU"),
        serial: serial(17),
        status: CertificateStatus::Active,
        revoked: None,
        inventory: vec![item(17)],
        report: Some(row),
        report_as_of: Some(minutes_ago(40)),
        crls: CrlsRead { newest: Some(minutes_ago(20)), problem: None },
        issuance: Ok(issuance()),
        revocation: Some(call),
        x509: Ok(x509),
        findings: vec![finding(FindingKind::SubjectDiffers, 17)],
        requests: Vec::new(),
        timeline: vec![moment(Some(minutes_ago(60)), "Issued"), moment(None, "Expires")],
        cannot_revoke: None,
    }
}
