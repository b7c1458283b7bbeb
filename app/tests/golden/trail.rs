//! The pages about the trail, from made-up events.

use app::activity::{Activity, OneEvent};
use app::coverage::Coverage;
use app::identity::OneIdentity;
use app::overview::Overview;
use domain::certificate::CertificateStatus;
use domain::run::{Unreadable, UnreadableExample};
use domain::trail::{About, Authorisation, Event, Failure, Hour, Identity, MonthLoad, Problem, Proof, What};
use domain::views::{
    ActivityPage, ActivityQuery, ActivityStrip, Alarm, Alarms, Caller, CoverageDay, CoverageView, Deed,
    EventLine, EventView, FrontPage, IdentityKey, IdentityQuery, IdentityView, Ingestion, Issued,
    IssuedCertificate, LogFile, StripHour, StripRow, TrailCoverage, TrailNow, TrailProblem,
};
use domain::{FindingId, Timestamp};
use leptos::prelude::*;

use super::golden;
use super::sample::{self, minutes_ago, named_authority, now, serial};

const ROGUE: &str = "arn:aws:iam::111122223333:role/ci/legacy-deploy";
const FLEET: &str = "arn:aws:iam::111122223333:role/service/provisioning";

fn activity() -> impl IntoView {
    let page = ActivityPage {
        lines: lines(),
        total: 3911,
        page: 0,
        names: vec!["GetCertificate".to_owned(), "IssueCertificate".to_owned()],
        ingestion: ingestion(),
    };
    let query = ActivityQuery { name: Some("IssueCertificate".to_owned()), ..ActivityQuery::default() };
    view! { <Activity query page authorities=vec![named_authority("devices")] /> }
}

fn event() -> impl IntoView {
    let event = issued(3, ROGUE, "203.0.113.77");
    let record = "{\n  \"eventVersion\": \"1.11\",\n  \"eventName\": \"IssueCertificate\"\n}".to_owned();
    let file = LogFile {
        bucket: "org-trail".to_owned(),
        key: "AWSLogs/111122223333/CloudTrail/eu-central-1/2026/11/22/111122223333_CloudTrail_eu-central-1_20261122T1155Z_Qm9vbGVhbiBhbGdl.json.gz".to_owned(),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        read_at: minutes_ago(4),
        proof: Proof::Unproven,
    };
    let view = EventView {
        event,
        authority: Some(named_authority("devices")),
        authorisation: Some(Authorisation::NotAnIssuer),
        record,
        file,
        findings: vec![finding(3)],
    };
    view! { <OneEvent view /> }
}

fn identity() -> impl IntoView {
    let certificate = |(n, status): (u8, Option<CertificateStatus>)| IssuedCertificate {
        authority: named_authority("devices").arn,
        serial: serial(n),
        issued_at: minutes_ago(u64::from(n) * 7),
        event: "7ed0a6a0-3f4f-4e3c-9a34-000000000001".parse().unwrap(),
        status,
        subject: Some(format!("CN=sensor-{n:05}.devices.example,O=Example")),
        device: (n % 2 == 0).then(|| format!("sensor-{n:05}").parse().unwrap()),
        authorisation: if n == 4 { Authorisation::OtherAddress } else { Authorisation::NotAnIssuer },
    };
    let statuses = [None, Some(CertificateStatus::Active), Some(CertificateStatus::Revoked)];
    let certificates: Vec<_> = (2..5u8).zip(statuses.into_iter().cycle()).map(certificate).collect();
    let deed = |name: &str, succeeded, failed| Deed {
        name: name.to_owned(),
        succeeded,
        failed,
        last: minutes_ago(9),
    };
    let hour = |hour: &str, succeeded, failed| StripHour {
        from: format!("{hour}:00:00Z").parse().unwrap(),
        succeeded,
        failed,
    };
    let view = IdentityView {
        key: IdentityKey::Principal(ROGUE.to_owned()),
        first_seen: minutes_ago(3000),
        last_seen: minutes_ago(6),
        events: 23,
        strip: ActivityStrip {
            from: "2026-11-20T10:00:00Z".parse().unwrap(),
            hours: 48,
            rows: vec![
                StripRow {
                    by: Some(IdentityKey::Address("203.0.113.77".to_owned())),
                    hours: vec![hour("2026-11-21T02", 12, 0), hour("2026-11-22T09", 2, 7)],
                },
                StripRow { by: None, hours: vec![hour("2026-11-20T10", 1, 0), hour("2026-11-22T09", 0, 1)] },
            ],
        },
        deeds: vec![deed("IssueCertificate", 7, 9), deed("GetCertificate", 7, 0)],
        seen_with: vec![
            (IdentityKey::AccessKey("ASIAQWERTYUIOPASDFGH".to_owned()), 23),
            (IdentityKey::Address("203.0.113.77".to_owned()), 21),
            (IdentityKey::Principal(FLEET.to_owned()), 2),
        ],
        authorisations: vec![
            (Authorisation::Authorised, 80),
            (Authorisation::NotAnIssuer, 6),
            (Authorisation::OtherAddress, 1),
        ],
        unauthorised: vec![(named_authority("").arn, 7)],
        certificates,
        newest: lines(),
    };
    let query = IdentityQuery { key: view.key.clone(), only: Issued::All, page: 0 };
    view! { <OneIdentity query view authorities=vec![named_authority("devices")] /> }
}

fn coverage() -> impl IntoView {
    let load =
        MonthLoad { month: "2026-09".to_owned(), done: 812, total: 2210, finished: false, failure: None };
    let view = CoverageView {
        trails: vec![trail()],
        ingestion: ingestion(),
        since: Some(minutes_ago(30 * 24 * 60)),
        older_months: vec!["2026-08".to_owned(), "2026-07".to_owned()],
        loads: vec![load],
        cannot_load: None,
    };
    view! { <Coverage view load=ServerAction::new() /> }
}

fn front() -> FrontPage {
    let alarm = |principal: &str, address: &str, authorisation, certificates| Alarm {
        caller: Caller { principal: principal.to_owned(), address: Some(address.to_owned()), authorisation },
        certificates,
        last: minutes_ago(6),
        finding: finding(3),
    };
    let alarms = Alarms {
        issuers: vec![
            alarm(ROGUE, "203.0.113.77", Authorisation::NotAnIssuer, 6),
            alarm(FLEET, "192.0.2.66", Authorisation::OtherAddress, 1),
        ],
        certificates: 7,
        callers: 2,
        others: vec![(id("trail_altered.111122223333_eu-central-1.2026-11-22T09"), minutes_ago(31))],
    };
    let today = trail().days.into_iter().take(1).map(|day| ("111122223333 · eu-central-1".to_owned(), day));
    let trail = TrailNow { ingestion: ingestion(), today: today.collect() };
    let for_me = vec![super::revocations::request().0];
    FrontPage {
        overview: sample::overview(),
        alarms,
        trail,
        for_me,
        last_visit: Some(minutes_ago(3 * 24 * 60)),
    }
}

#[tokio::test]
async fn the_pages_about_the_trail() {
    golden("overview", || view! { <Overview front=front() /> }).await;
    golden("activity", activity).await;
    golden("event", event).await;
    golden("identity", identity).await;
    golden("coverage", coverage).await;
}

fn id(text: &str) -> FindingId {
    text.parse().unwrap()
}

fn finding(n: u8) -> FindingId {
    id(&format!("unauthorized_issuance.{}.{}", sample::authority(), serial(n)))
}

fn ingestion() -> Ingestion {
    let example = UnreadableExample {
        place: "AWSLogs/111122223333/CloudTrail/eu-central-1/2026/11/22/x.json.gz, record 17".to_owned(),
        problem: "eventTime is not a time".to_owned(),
    };
    Ingestion {
        configured: true,
        as_of: Some(minutes_ago(1)),
        files: 1204,
        events: 3911,
        unreadable: Unreadable { count: 3, examples: vec![example] },
        problem: None,
    }
}

fn issued(n: u8, principal: &str, address: &str) -> Event {
    let id = format!("7ed0a6a0-3f4f-4e3c-9a34-0000000000{n:02x}");
    Event {
        id: id.parse().unwrap(),
        time: minutes_ago(u64::from(n) * 7),
        name: "IssueCertificate".to_owned(),
        source: "acm-pca.amazonaws.com".to_owned(),
        region: "eu-central-1".to_owned(),
        account: Some("111122223333".to_owned()),
        identity: Identity {
            session: Some("fleet-7".to_owned()),
            access_key: Some("ASIAQWERTYUIOPASDFGH".to_owned()),
            account: Some("111122223333".to_owned()),
            mfa: Some(false),
            ..Identity::of_arn(principal)
        },
        address: Some(address.to_owned()),
        user_agent: Some("aws-sdk-rust/1.3.10 os/linux lang/rust/1.95.0".to_owned()),
        request_id: Some("b0cc1a56-3f4f-4e3c-9a34-000000000001".to_owned()),
        failure: None,
        read_only: false,
        authority: Some(named_authority("devices").arn),
        serial: Some(serial(n)),
        key: None,
        alternative_names: Vec::new(),
        what: What::Issuance {
            template: Some("arn:aws:acm-pca:::template/EndEntityCertificate/V1".to_owned()),
        },
    }
}

fn lines() -> Vec<EventLine> {
    let line = |n: u8| {
        let mut event = match n % 4 {
            0 => issued(n, ROGUE, "203.0.113.77"),
            _ => issued(n, FLEET, "10.20.4.17"),
        };
        if n.is_multiple_of(5) {
            let message = Some("User is not authorized to perform: acm-pca:IssueCertificate".to_owned());
            event.failure = Some(Failure { code: "AccessDeniedException".to_owned(), message });
            event.serial = None;
        }
        if n.is_multiple_of(7) {
            event.name = "CreateCertificateAuthorityAuditReport".to_owned();
            event.serial = None;
            event.what = What::AuditReport { bucket: Some("reports".to_owned()) };
        }
        EventLine { event, proof: if n == 6 { Proof::Altered } else { Proof::Proven } }
    };
    (4..8).map(line).collect()
}

fn trail() -> TrailCoverage {
    let day = |back: u64| {
        let date = now().minus(std::time::Duration::from_secs(back * 86_400)).date();
        let hours = if back == 0 { 13 } else { 24 };
        let hour = |hour: u64| {
            let from: Timestamp = format!("{date}T{hour:02}:00:00Z").parse().unwrap();
            let proof = match (back, hour) {
                (0, 11..) => Proof::Unproven,
                (0, 9) => Proof::Missing,
                (3, 4) => Proof::Altered,
                _ => Proof::Proven,
            };
            Hour { from, proof: (hour < 23).then_some(proof) }
        };
        CoverageDay { hours: (0..hours).map(hour).collect(), date }
    };
    let problem = |date: &str, proof, what: &str| {
        let problem = Problem {
        from: format!("{date}:00:00Z").parse().unwrap(),
        to: format!("{date}:59:59Z").parse().unwrap(),
        proof,
        about: About::LogFile,
        object: "AWSLogs/111122223333/CloudTrail/eu-central-1/2026/11/22/111122223333_CloudTrail_eu-central-1_20261122T0915Z_Qm9vbGVhbiBhbGdl.json.gz".to_owned(),
        what: what.to_owned(),
    };
        TrailProblem {
            problem,
            finding: Some(id(&format!("trail_altered.111122223333_eu-central-1.{date}"))),
        }
    };
    TrailCoverage {
        account: "111122223333".to_owned(),
        region: "eu-central-1".to_owned(),
        days: [0, 3].map(day).into(),
        hours: [(Proof::Proven, 722), (Proof::Unproven, 2), (Proof::Missing, 7), (Proof::Altered, 1)].into(),
        problems: vec![
            problem(
                "2026-11-22T09",
                Proof::Missing,
                "The log file that the digest names is not in the bucket.",
            ),
            problem(
                "2026-11-19T04",
                Proof::Altered,
                "The log file does not have the hash that the digest states.",
            ),
        ],
        problems_total: 2,
    }
}
