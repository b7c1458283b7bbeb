//! Made-up records.

use std::time::Duration;

use app::session::Viewer;
use app::theme::Theme;
use domain::certificate::CertificateStatus;
use domain::people::Person;
use domain::revocation::{Mode, Policy};
use domain::run::{RunInputs, Stage};
use domain::views::{Authority, AuthorityOverview, DayCounts, Overview, Settings};
use domain::{Actor, AuthorityId, FindingKind, Role, Run, RunState, Serial, Timestamp};

pub fn now() -> Timestamp {
    "2026-11-22T12:04:31Z".parse().unwrap()
}

pub fn minutes_ago(minutes: u64) -> Timestamp {
    now().minus(Duration::from_secs(60 * minutes))
}

pub fn serial(seed: u8) -> Serial {
    let octets: [u8; 16] = std::array::from_fn(|at| {
        seed.wrapping_mul(37).wrapping_add(u8::try_from(at).unwrap().wrapping_mul(91)) | 0x11
    });
    Serial::from_bytes(&octets).unwrap()
}

pub fn authority() -> AuthorityId {
    let id = "11223344-1234-1122-2233-112233445566";
    id.parse().unwrap()
}

pub fn person(name: &str) -> Person {
    let id = format!("https://idp.example|{name}");
    Person { id: id.parse().unwrap(), name: name.to_owned(), human: None }
}

pub fn viewer() -> Viewer {
    let actor = Actor {
        person: person("operator"),
        roles: [Role::Operator].into(),
        groups: Vec::new(),
        signed_in_at: minutes_ago(12),
        strength: Default::default(),
    };
    let policy = Policy { fresh_sign_in: Duration::from_secs(300), ..Policy::default() };
    let place = "111122223333 · eu-central-1".to_owned();
    let environment = Some("SANDBOX".to_owned());
    let settings = Settings { environment, place, sandbox: true, mode: Mode::Drill, policy };
    Viewer {
        actor: Some(actor),
        settings,
        origin: "https://pki.example".to_owned(),
        theme: Theme::System,
        now: now(),
    }
}

pub fn named_authority(name: &str) -> Authority {
    let arn = format!("arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/{}", authority());
    Authority { arn: arn.parse().unwrap(), name: name.to_owned() }
}

pub fn overview() -> Overview {
    let counts = [
        (FindingKind::UnauthorizedIssuance, 3),
        (FindingKind::SubjectDiffers, 2),
        (FindingKind::DatesDiffer, 14),
    ];
    let run = Run {
        id: "0193533a-0000-7000-8000-000000000001".parse().unwrap(),
        authority: named_authority("").arn,
        state: RunState::Finished,
        stage: Stage::Done,
        started_at: minutes_ago(42),
        started_by: Some(person("operator")),
        scheduled: None,
        proves: None,
        finished_at: Some(minutes_ago(40)),
        inputs: RunInputs::default(),
        counts: counts.into(),
        opened: 2,
        closed: 1,
        found: None,
        compared: None,
        failure: None,
    };
    Overview {
        authorities: vec![
            AuthorityOverview {
                authority: named_authority("Devices EU"),
                last_run: Some(run),
                certificates: 480_213,
            },
            AuthorityOverview {
                authority: named_authority("Devices US"),
                last_run: None,
                certificates: 479_904,
            },
        ],
        waiting_findings: counts.into(),
        waiting_requests: 0,
        certificates: CertificateStatus::ALL.iter().copied().zip([930_117, 12_040, 9_310, 8_650]).collect(),
        devices: 948_202,
        as_of: Some(minutes_ago(3)),
        days: vec![
            DayCounts { from: minutes_ago(12 * 60), issued: 4, revoked: 1, opened: 0, ended: 3 },
            DayCounts { issued: 41, ..DayCounts::none(minutes_ago(12 * 60 + 1440)) },
        ],
    }
}
