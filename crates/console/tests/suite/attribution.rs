//! The trail in runs and on pages: each kind that only events tell apart, and events that prove nothing.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use console::reconciliation::offline::{self, Files, TrailFiles};
use console::{AuthoritySettings, Error, Parts, TrailSettings, Work};
use countersign_aws::trail::{KeptEvents, TrailFile, TrailState};
use domain::finding::Evidence;
use domain::ledger::{Action, Body, Object, Who};
use domain::trail::{
    Authorisation, Coverage, Event, Identity, Issuance, Issuer, Issuers, Proof, Span, TrailPart, What,
    Wholeness,
};
use domain::views::{ActivityQuery, Link, NoIssuance};
use domain::{AuthorityArn, Finding, FindingId, FindingKind, InventoryItem, Serial, Timestamp, views};
use futures::TryStreamExt;

use crate::support::{Bench, description, lease, test};

const ISSUER: &str = "arn:aws:iam::111122223333:role/service/provisioning";
pub const ROGUE: &str = "arn:aws:iam::111122223333:user/mallory";

/// A console for the sandbox's second authority with a trail of its own making.
pub struct Trail {
    pub bench: Bench,
    pub arn: AuthorityArn,
    part: TrailPart,
    files: u64,
}

impl Trail {
    pub async fn new() -> Self {
        let description = description().await;
        let arn: AuthorityArn = description.authorities[1].arn.parse().unwrap();
        let part = TrailPart { account: arn.account().to_owned(), region: arn.region().to_owned() };
        let settings = TrailSettings {
            bucket: "trail".to_owned(),
            kms_key: None,
            prefix: String::new(),
            organization: None,
            accounts: vec![part.account.clone()],
            regions: vec![part.region.clone()],
            history: Duration::from_secs(86_400),
            interval: Duration::from_secs(3600),
            delay: Duration::ZERO,
        };
        let bench = Bench::with(|parts| {
            let authority = views::Authority { arn: arn.clone(), name: "second".to_owned() };
            let report_bucket = description.buckets.reports.clone();
            parts.authorities = vec![AuthoritySettings { authority, report_bucket, known_cas: Vec::new() }];
            parts.trail = Some(settings);
            parts.issuers = Issuers::new(vec![Issuer::new(ISSUER).unwrap()]);
        });
        Self { bench: bench.await, arn, part, files: 0 }
    }

    async fn lease(&self) -> countersign_aws::Lease {
        lease(&self.bench.aws, "test").await
    }

    /// Adds a log file and gives its key.
    pub async fn file(&mut self, events: &[Event]) -> String {
        let lease = self.lease().await;
        let mut kept = KeptEvents::default();
        for event in events {
            kept.push(event, &format!(r#"{{"eventID":"{}","number":1.50}}"#, event.id)).unwrap();
        }
        self.files += 1;
        let key = format!("AWSLogs/{}", self.files);
        let (oldest, newest) = kept.span();
        let file = TrailFile {
            seq: 0,
            bucket: "trail".to_owned(),
            key: key.clone(),
            sha256: "00".repeat(32),
            bytes: 1,
            records: kept.count(),
            kept: kept.count(),
            unreadable: Default::default(),
            refused: None,
            delivered_at: self.bench.parts.clock.now(),
            read_at: self.bench.parts.clock.now(),
            oldest,
            newest,
        };
        self.bench.aws.add_trail_files(&self.part, vec![(file, kept)], &lease).await.unwrap();
        self.bench.aws.release_lease(&lease).await.unwrap();
        key
    }

    /// All time is proven; these files are altered.
    async fn prove(&self, altered: &[String]) {
        let lease = self.lease().await;
        let to = self.bench.parts.clock.now().plus(Duration::from_secs(86_400));
        let state = self.bench.aws.trail_state(&self.part).await.unwrap().unwrap_or_default();
        let whole = Wholeness {
            coverage: Coverage::of([Span { from: Timestamp::EPOCH, to, proof: Proof::Proven }]),
            bad_files: altered.iter().map(|key| (key.clone(), Proof::Altered)).collect(),
            ..state.whole
        };
        let state = TrailState { whole, ..state };
        self.bench.aws.save_trail_state(&self.part, state, &lease).await.unwrap();
        self.bench.aws.release_lease(&lease).await.unwrap();
    }

    pub fn issued(&self, serial: Serial, at: Timestamp, arn: &str) -> Event {
        let session = arn.contains(":role/").then(|| "fleet".to_owned());
        Event {
            id: format!("issue-{serial}").parse().unwrap(),
            time: at,
            name: "IssueCertificate".to_owned(),
            source: "acm-pca.amazonaws.com".to_owned(),
            region: self.part.region.clone(),
            account: Some(self.part.account.clone()),
            identity: Identity { session, ..Identity::of_arn(arn) },
            address: Some("10.20.0.15".to_owned()),
            user_agent: None,
            request_id: None,
            failure: None,
            read_only: false,
            authority: Some(self.arn.clone()),
            serial: Some(serial),
            key: None,
            alternative_names: Vec::new(),
            what: What::Issuance { template: None },
        }
    }

    async fn run(&self) -> domain::Run {
        let parts = Parts { aws: self.bench.aws.clone(), ..self.bench.parts.clone() };
        let (run, _) =
            Work::new(parts, crate::signed::keys()).unwrap().reconcile(&self.arn.id()).await.unwrap();
        run
    }

    async fn open(&self) -> BTreeSet<(FindingKind, Serial)> {
        let findings = self.bench.aws.findings_not_closed(&self.arn.id());
        let findings: Vec<Finding> = findings.try_collect().await.unwrap();
        findings.into_iter().map(|finding| (finding.id.kind, finding.id.subject.serial().unwrap())).collect()
    }
}

/// The items of the authority, each certificate once.
pub async fn items(trail: &Trail) -> Vec<InventoryItem> {
    let pages: Vec<_> = trail.bench.aws.scan_inventory(1).try_collect().await.unwrap();
    let items = pages.into_iter().flatten().filter_map(|read| read.ok().map(|read| read.item));
    items.filter(|item| item.authority == trail.arn).collect()
}

#[test]
fn a_run_tells_who_issued_what() {
    test(async {
        let mut trail = Trail::new().await;
        // Without any event yet, what the inventory does not know is the worst case.
        let first = trail.run().await;
        assert_eq!(first.inputs.trail.as_ref().unwrap().attributed, 0);
        let before = trail.open().await;
        let unknown: Vec<Serial> = before
            .iter()
            .filter(|(kind, _)| *kind == FindingKind::UnauthorizedIssuance)
            .map(|(_, serial)| *serial)
            .collect();
        assert!(unknown.len() >= 2, "{before:?}");
        let known: BTreeSet<Serial> = before.iter().map(|(_, serial)| *serial).collect();
        let items = items(&trail).await;
        let good: Vec<Serial> =
            items.iter().map(|item| item.serial).filter(|serial| !known.contains(serial)).collect();

        // A stranger's in the inventory, one of nobody, one from an altered file, one that was lost on its way.
        let [rogue, hole, forged, ..] = good.as_slice() else { panic!("three") };
        assert_eq!(nobody_for(&trail, *hole).await, Some(NoIssuance::NotProven));
        let at = trail.bench.parts.clock.now().minus(Duration::from_secs(86_400));
        let events: Vec<Event> = items
            .iter()
            .filter(|item| ![*rogue, *hole, *forged].contains(&item.serial))
            .map(|item| trail.issued(item.serial, at, ISSUER))
            .collect();
        trail.file(&events).await;
        // Delivered twice.
        let stranger = trail.issued(*rogue, at, ROGUE);
        let lost = trail.issued(unknown[0], at, ISSUER);
        trail.file(&[stranger.clone(), lost.clone()]).await;
        trail.file(std::slice::from_ref(&stranger)).await;
        let others: Vec<Event> = unknown[1..].iter().map(|serial| trail.issued(*serial, at, ROGUE)).collect();
        trail.file(&others).await;
        let altered = trail.file(&[trail.issued(*forged, at, ISSUER)]).await;
        trail.prove(&[altered]).await;

        let second = trail.run().await;
        let mut expected = before.clone();
        expected.remove(&(FindingKind::UnauthorizedIssuance, unknown[0]));
        expected.extend([
            (FindingKind::UnrecordedIssuance, unknown[0]),
            (FindingKind::RogueIssuer, *rogue),
            (FindingKind::UnattributedIssuance, *hole),
            (FindingKind::UnattributedIssuance, *forged),
        ]);
        assert_eq!(trail.open().await, expected);
        assert_eq!((second.opened, second.closed), (4, 1));
        let told = second.inputs.trail.unwrap();
        assert!(told.attributed > 10 && told.not_covered == 0, "{told:?}");
        assert!(told.hours[&Proof::Proven] > 100 && told.hours.len() == 1, "{:?}", told.hours);
        assert_eq!(nobody_for(&trail, *hole).await, Some(NoIssuance::Missing));
        assert_eq!(nobody_for(&trail, *rogue).await, None);
        waiting(&trail, *rogue).await;
        pages(&trail, &stranger, unknown.len() as u64).await;
    });
}

/// Why the certificate's page names nobody.
async fn nobody_for(trail: &Trail, serial: Serial) -> Option<NoIssuance> {
    let actor = trail.bench.operator().await;
    let page = trail.bench.console.certificate(&actor, &trail.arn.id(), serial).await.unwrap();
    page.issuance.err()
}

/// What an event showed is not closed by a report that is too old for it; what the report could show is.
async fn waiting(trail: &Trail, not_this: Serial) {
    let raise = async |serial: &str, at: Timestamp| {
        let serial: Serial = serial.parse().unwrap();
        assert_ne!(serial, not_this);
        let event = trail.issued(serial, at, ROGUE);
        let issuance = Issuance {
            event: event.id,
            at,
            identity: event.identity,
            address: event.address,
            user_agent: None,
            template: None,
            key: None,
        };
        let id: FindingId = format!("unauthorized_issuance.{}.{serial}", trail.arn.id()).parse().unwrap();
        let evidence = Evidence { issuance: Some(issuance), ..Evidence::default() };
        let now = trail.bench.parts.clock.now();
        let finding = Finding::raised(id.clone(), Some(trail.arn.clone()), evidence, now);
        let body = Body::new(
            now,
            Who::System { part: "test".to_owned() },
            Action::FindingsRecorded,
            Object::Finding(id),
        );
        let change = trail.bench.aws.save_finding(&finding, None, trail.bench.parts.clock.now()).unwrap();
        trail.bench.aws.commit(vec![change], &body).await.unwrap();
        (FindingKind::UnauthorizedIssuance, serial)
    };
    let now = trail.bench.parts.clock.now();
    let young = raise("77777777", now.plus(Duration::from_secs(600))).await;
    let old = raise("66666666", now.minus(Duration::from_secs(600))).await;
    trail.run().await;
    let open = trail.open().await;
    assert_eq!((open.contains(&young), open.contains(&old)), (true, false));
}

async fn pages(trail: &Trail, rogue: &Event, by_rogue: u64) {
    let (console, actor) = (&trail.bench.console, trail.bench.operator().await);
    let query =
        |identity: &str| ActivityQuery { identity: Some(identity.to_owned()), ..ActivityQuery::default() };
    let page = console.activity(&actor, &query("mallory")).await.unwrap();
    assert_eq!((page.total, page.names.as_slice()), (by_rogue, ["IssueCertificate".to_owned()].as_slice()));
    assert!(page.ingestion.configured && page.lines.iter().all(|line| line.proof == Proof::Proven));
    assert_eq!(console.activity(&actor, &query("mal%")).await.unwrap().total, 0);

    let event = console.event(&actor, &rogue.id).await.unwrap();
    assert_eq!((&event.event, event.authorisation), (rogue, Some(Authorisation::NotAnIssuer)));
    assert!(event.record.contains("\n  \"number\": 1.50\n"), "{}", event.record);
    let kinds: Vec<FindingKind> = event.findings.iter().map(|id| id.kind).collect();
    assert_eq!(
        (kinds.as_slice(), event.file.bucket.as_str()),
        ([FindingKind::RogueIssuer].as_slice(), "trail")
    );
    let missing = console.event(&actor, &"nobody".parse().unwrap()).await;
    assert!(matches!(missing, Err(Error::NotFound(_))), "{missing:?}");

    crate::identity::pages(console, &actor, &trail.arn, rogue, by_rogue).await;

    let page = console.certificate(&actor, &trail.arn.id(), rogue.serial.unwrap()).await.unwrap();
    assert_eq!(page.issuance.unwrap().event, rogue.id);
    let requested = page.timeline.iter().find(|moment| moment.link == Some(Link::Event(rogue.id.clone())));
    assert_eq!(requested.unwrap().what, "Requested by mallory from 10.20.0.15");
}

/// The inventory as DynamoDB exports it.
fn export(items: &[InventoryItem]) -> String {
    let line = |item: &InventoryItem| {
        let mut value = serde_json::json!({
            "device_id": {"S": item.device.as_str()}, "cert_serial": {"S": item.serial_key},
            "ca_arn": {"S": item.authority.as_str()},
        });
        for (name, at) in
            [("issued_at", item.issued_at), ("expires_at", item.expires_at), ("revoked_at", item.revoked_at)]
        {
            if let Some(at) = at {
                value[name] = serde_json::json!({"S": at.to_string()});
            }
        }
        serde_json::json!({ "Item": value }).to_string()
    };
    items.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What `aws cloudtrail list-public-keys` prints.
async fn public_keys(trail: &Trail) -> String {
    let now = trail.bench.parts.clock.now();
    let keys = trail.bench.aws.trail_public_keys(&trail.part.region, Timestamp::EPOCH, now).await.unwrap();
    let keys = keys.iter().map(
        |key| serde_json::json!({"Fingerprint": key.fingerprint, "Value": BASE64_STANDARD.encode(&key.der)}),
    );
    serde_json::json!({ "PublicKeyList": keys.collect::<Vec<_>>() }).to_string()
}

/// What a run with a trail finds of what was planted, but for countersigning.
fn with_trail(trouble: &str) -> &'static [FindingKind] {
    match trouble {
        "rogue_issuer" => &[FindingKind::UnauthorizedIssuance],
        "lost_write" => &[FindingKind::UnrecordedIssuance],
        "log_edited" | "log_deleted" => &[FindingKind::UnattributedIssuance],
        "stolen_key" => &[FindingKind::RogueIssuer],
        "failed_issuance" => &[FindingKind::IssuanceWithoutCertificate],
        "revoked_outside" => &[FindingKind::RevocationNotRecorded],
        "revocation_not_made" => &[FindingKind::RevocationNotEffective],
        "wrong_expiry" => &[FindingKind::DatesDiffer],
        _ => &[],
    }
}

/// The same for all certificates of the authority. A hidden log file can hide more than it was hidden for.
async fn planted(trail: &Trail) -> BTreeSet<(FindingKind, Serial)> {
    let description = description().await;
    let hidden = description.planted.get("unattributed_issuance").into_iter().flatten();
    let hidden: BTreeSet<Serial> = hidden.map(|serial| serial.parse().unwrap()).collect();
    let mut expected = BTreeSet::new();
    let mut here: BTreeSet<Serial> = items(trail).await.iter().map(|item| item.serial).collect();
    for planted in description.planted_detail.iter().filter(|one| one.authority == trail.arn.as_str()) {
        let trouble = serde_json::to_value(planted.trouble).unwrap();
        let serial: Serial = planted.serial.parse().unwrap();
        here.insert(serial);
        let kinds = with_trail(trouble.as_str().unwrap()).iter();
        let by_issuer =
            [FindingKind::UnauthorizedIssuance, FindingKind::UnrecordedIssuance, FindingKind::RogueIssuer];
        let kinds = kinds.filter(|kind| !(hidden.contains(&serial) && by_issuer.contains(kind)));
        expected.extend(kinds.map(|kind| (*kind, serial)));
    }
    expected.extend(hidden.intersection(&here).map(|serial| (FindingKind::UnattributedIssuance, *serial)));
    expected
}

#[test]
fn the_sandboxs_trail_as_it_was_downloaded_says_all_that_was_planted() {
    test(async {
        let trail = Trail::new().await;
        let report = trail.run().await.inputs.report.unwrap();
        let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("suite");
        let folder = data.join(format!("offline-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        let (inventory, keys) = (folder.join("inventory.json"), folder.join("keys.json"));
        std::fs::write(&inventory, export(&items(&trail).await)).unwrap();
        std::fs::write(&keys, public_keys(&trail).await).unwrap();
        let mut issuer = Issuer::new(ISSUER).unwrap();
        issuer.addresses = vec!["10.20.0.0/16".parse().unwrap()];
        let files = Files {
            report: data.join("s3").join(&report.bucket).join(&report.key),
            inventory: vec![inventory],
            authority: Some(trail.arn.clone()),
            attributes: Default::default(),
            grace: Duration::ZERO,
            known: BTreeSet::new(),
            expired_after: None,
            report_created_at: Some(report.created_at),
            trail: Some(TrailFiles {
                folder: data.join("s3").join(&description().await.buckets.trail),
                public_keys: Some(keys),
                issuers: Issuers::new(vec![issuer]),
                delay: Duration::from_secs(900),
                limits: Default::default(),
            }),
        };
        let found = tokio::task::spawn_blocking(move || offline::reconcile(&files)).await.unwrap().unwrap();
        let found_kinds: BTreeSet<(FindingKind, Serial)> =
            found.findings.iter().map(|finding| (finding.kind, finding.serial)).collect();
        let expected = planted(&trail).await;
        assert_eq!(found_kinds, expected, "{:?}", found.inputs.trail);
        let covered = found.inputs.trail.unwrap();
        assert!(covered.hours[&Proof::Proven] > 24 * 20 && covered.hours[&Proof::Missing] > 0, "{covered:?}");
        assert_eq!(covered.unreadable.count, 0, "{:?}", covered.unreadable);
        std::fs::remove_dir_all(folder).unwrap();
    });
}
