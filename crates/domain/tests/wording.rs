//! The words of every alert and of its notification, against the files in `snapshots/`. After a change that is meant:
//! `INSTA_UPDATE=always cargo test -p domain --test wording`, and read what git says has changed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write as _;
use std::time::Duration;

use domain::alerts::{Alert, Defect, Memory, Raised, Rules, Watched};
use domain::finding::{Evidence, Subject};
use domain::notify::Notice;
use domain::trail::{
    Authorisation, Event, Failure, Identity, Issuance, Issuers, RevocationMeans, TrailPart, What,
};
use domain::worker::{Heartbeat, Passes, Silence};
use domain::{AuthorityArn, Finding, FindingId, FindingKind, Timestamp};

const ARN: &str = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/1122";
const ROGUE: &str = "arn:aws:sts::111122223333:assumed-role/legacy-deploy/ci";
const WORKERS: [&str; 13] = [
    "ingester",
    "alerter",
    "months",
    "executor",
    "prover",
    "runner",
    "scheduler",
    "notifier",
    "inventory",
    "reports",
    "orders",
    "expiry",
    "heartbeat",
];

fn at(minutes: u64) -> Timestamp {
    "2026-11-22T09:00:00Z".parse::<Timestamp>().unwrap().plus(Duration::from_secs(60 * minutes))
}

fn arn() -> AuthorityArn {
    ARN.parse().unwrap()
}

fn trail() -> TrailPart {
    TrailPart { account: "111122223333".to_owned(), region: "eu-central-1".to_owned() }
}

fn event(name: &str, minutes: u64, what: What) -> Event {
    Event {
        id: format!("{name}-{minutes}").parse().unwrap(),
        time: at(minutes),
        name: name.to_owned(),
        source: "acm-pca.amazonaws.com".to_owned(),
        region: "eu-central-1".to_owned(),
        account: Some("111122223333".to_owned()),
        identity: Identity::of_arn(ROGUE),
        address: Some("203.0.113.77".to_owned()),
        user_agent: None,
        request_id: None,
        failure: None,
        read_only: false,
        authority: Some(arn()),
        serial: None,
        key: None,
        alternative_names: Vec::new(),
        what,
    }
}

fn refused(minutes: u64) -> Event {
    let failure = Failure { code: "AccessDeniedException".to_owned(), message: None };
    Event { failure: Some(failure), ..event("IssueCertificate", minutes, What::Issuance { template: None }) }
}

/// So many refusals within a day are an alert.
fn rules(denied: u32) -> Rules {
    Rules {
        issuers: Issuers::new(Vec::new()),
        watched: vec![Watched { arn: arn(), report_bucket: "reports".to_owned() }],
        denied,
        denied_within: Duration::from_secs(86_400),
        burst: 3,
        burst_within: Duration::from_secs(86_400),
        trail_bucket: "trail".to_owned(),
        trail_key: Some("1234abcd".to_owned()),
        delay: Duration::from_secs(3600),
    }
}

fn raise(denied: u32, events: &[Event]) -> Vec<Alert> {
    let raised = rules(denied).events(&trail(), events, &mut Memory::default(), at(1000));
    let alerts = raised.into_iter().filter_map(|raised| match raised {
        Raised::Alert(alert) => Some(alert),
        Raised::Issued(_) | Raised::OfBurst(_) => None,
    });
    alerts.collect()
}

fn defects() -> Vec<Alert> {
    let defect = |is_gap, what: &str| Defect {
        proof: domain::trail::Proof::Altered,
        from: at(0),
        is_gap,
        object: "AWSLogs/111122223333/CloudTrail/eu-central-1/2026/11/22/log.json.gz".to_owned(),
        what: what.to_owned(),
    };
    let defects = [
        defect(true, "Nothing was logged for two hours."),
        defect(false, "The file is not what CloudTrail delivered."),
    ];
    rules(1).defects(&trail(), &defects, &Memory::default())
}

fn silence(worker: &str, problem: Option<&str>, waiting: bool) -> Alert {
    let passes = Passes {
        interval: Duration::from_secs(2),
        good_at: Some(at(0)),
        problem: problem.map(str::to_owned),
        waiting,
    };
    let heartbeat = Heartbeat {
        holder: "one".to_owned(),
        version: "1.0.0".to_owned(),
        started_at: at(0),
        seen_at: at(500),
        workers: [(worker.to_owned(), passes)].into(),
    };
    Silence::of(&[heartbeat], at(500)).remove(0).alert()
}

/// A certificate that was issued for somebody who may not.
fn issued(kind: FindingKind, authorisation: Authorisation) -> Finding {
    let issuance = Issuance {
        event: "issue".parse().unwrap(),
        at: at(0),
        identity: Identity::of_arn(ROGUE),
        address: Some("203.0.113.77".to_owned()),
        user_agent: None,
        template: None,
        key: None,
    };
    let evidence =
        Evidence { issuance: Some(issuance), authorisation: Some(authorisation), ..Evidence::default() };
    let subject = Subject::Certificate("0a:0b".parse().unwrap());
    Finding::raised(FindingId { kind, scope: arn().id().into(), subject }, Some(arn()), evidence, at(2))
}

fn opened(alert: Alert) -> Finding {
    let (id, authority) = (alert.id(), alert.authority.clone());
    Finding::raised(id, authority, Evidence { alert: Some(alert.facts), ..Evidence::default() }, at(2))
}

/// One of each wording.
fn all() -> Vec<Finding> {
    let authorisations = [
        Authorisation::NotAnIssuer,
        Authorisation::OtherSession,
        Authorisation::OtherAddress,
        Authorisation::OtherTemplate,
        Authorisation::OtherService,
    ];
    let mut findings = authorisations.map(|one| issued(FindingKind::UnauthorizedIssuance, one)).to_vec();
    findings.push(issued(FindingKind::RogueIssuer, Authorisation::NotAnIssuer));
    let disabled = What::AuthorityUpdate { status: Some("DISABLED".to_owned()), off: Vec::new() };
    let off = |means: &[RevocationMeans]| What::AuthorityUpdate { status: None, off: means.to_vec() };
    let shared = |with: Option<&str>| What::Sharing { with: with.map(str::to_owned) };
    let stored = |bucket: Option<&str>, key: Option<&str>| What::StorageChange {
        bucket: bucket.map(str::to_owned),
        key: key.map(str::to_owned),
    };
    let issued_again = |minutes: u64| Event {
        serial: Some(format!("0a{minutes:04}").parse().unwrap()),
        ..event("IssueCertificate", minutes, What::Issuance { template: None })
    };
    let report = |bucket: Option<&str>| What::AuditReport { bucket: bucket.map(str::to_owned) };
    let nobody = Event { identity: Identity::unknown(), ..event("Delete", 2, What::Deletion) };
    let alerts = [
        raise(1, &[event("Update", 0, disabled)]),
        raise(1, &[event("Delete", 0, What::Deletion)]),
        raise(1, &[nobody]),
        raise(1, &[event("UpdateCertificateAuthority", 0, off(&[RevocationMeans::Crl]))]),
        raise(
            1,
            &[event("UpdateCertificateAuthority", 1, off(&[RevocationMeans::Crl, RevocationMeans::Ocsp]))],
        ),
        raise(1, &[event("PutPolicy", 0, shared(None))]),
        raise(1, &[event("CreatePermission", 1, shared(Some("acm.amazonaws.com")))]),
        raise(1, &[event("ImportCertificateAuthorityCertificate", 0, What::CertificateImport)]),
        raise(1, &[event("PutBucketPolicy", 0, stored(Some("trail"), None))]),
        raise(1, &[event("PutBucketLifecycle", 1, stored(Some("reports"), None))]),
        raise(1, &[event("ScheduleKeyDeletion", 2, stored(None, Some("1234abcd")))]),
        raise(1, &(0..3).map(issued_again).collect::<Vec<_>>()),
        raise(1, &[event("Report", 0, report(Some("elsewhere")))]),
        raise(1, &[event("Report", 1, report(None))]),
        raise(1, &[event("StopLogging", 0, What::TrailChange)]),
        raise(1, &[refused(0)]),
        raise(3, &[refused(0), refused(1), refused(2)]),
        raise(3, &(0..200).map(refused).collect::<Vec<_>>()),
        defects(),
        WORKERS.map(|worker| silence(worker, Some("S3 said: AccessDenied"), false)).to_vec(),
        vec![silence("ingester", None, false), silence("ingester", None, true)],
    ];
    findings.extend(alerts.into_iter().flatten().map(opened));
    findings
}

fn golden(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn alerts_say_what_happened() {
    let mut text = String::new();
    for finding in all() {
        let Notice { severity, sentence, .. } = Notice::of_alert(&finding, String::new());
        writeln!(text, "{} {}\n  {sentence}\n", severity.name(), finding.id).unwrap();
    }
    golden("alerts", &text);
    // These are said where they are found out.
    let elsewhere = [
        FindingKind::ChannelFailing,
        FindingKind::DecisionNotProven,
        FindingKind::GlassBroken,
        FindingKind::LedgerRewritten,
        FindingKind::LedgerBehind,
        FindingKind::RunMissed,
    ];
    let told =
        |kind: &&FindingKind| text.contains(&format!(" {}.", kind.name())) || elsewhere.contains(*kind);
    assert!(
        FindingKind::ALL.iter().filter(|kind| kind.is_alert()).all(|kind| told(&kind)),
        "each kind of alert"
    );
}

#[test]
fn notifications_say_it_to_programs_as_well() {
    let of = [issued(FindingKind::RogueIssuer, Authorisation::OtherAddress), opened(defects().remove(0))];
    let json = of.map(|finding| {
        let notice = Notice::of_alert(&finding, "0193533a-0000-7000-8000-000000000001".to_owned());
        serde_json::to_string_pretty(&notice).unwrap()
    });
    golden("notifications", &json.join("\n"));
}
