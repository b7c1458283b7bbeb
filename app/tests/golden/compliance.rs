//! What auditors ask.

use std::collections::BTreeMap;

use app::compliance::{Compliance, Controls, Evidence, OnePack};
use domain::finding::FindingStateName;
use domain::schedule::Outcome;
use domain::trail::Proof;
use domain::views::{
    self, CertificateCounts, ComplianceQuery, ComplianceView, Control, ControlsView, Figure, FindingEnd,
    FindingFlow, Framework, IssuerCount, LedgerRead, OpenFor, Pack, PackFile, PackOf, PackQuery, PackView,
    PacksView, Period, PolicyChange, RequestCounts, RolesSeen, RunsHeld, Totals, TrailHours,
};
use domain::{FindingKind, Role, Timestamp};
use leptos::prelude::*;

use super::golden;
use super::sample::{authority, minutes_ago, named_authority, now, person};

fn day(text: &str) -> Timestamp {
    format!("{text}T00:00:00Z").parse().unwrap()
}

fn empty() -> ComplianceView {
    ComplianceView {
        period: Period::new(day("2026-11-01"), day("2026-11-23")).unwrap(),
        authorities: vec![named_authority("Devices EU")],
        as_of: None,
        certificates: Vec::new(),
        issuers: Vec::new(),
        findings: Vec::new(),
        requests: RequestCounts::default(),
        revocations: Vec::new(),
        revocations_total: 0,
        break_glass: Vec::new(),
        runs: Vec::new(),
        trails: Vec::new(),
        policy_changes: Vec::new(),
        people: Vec::new(),
        totals: Totals::default(),
        ledger: LedgerRead { entries: 12, is_reading: true },
    }
}

fn full() -> ComplianceView {
    let hostile = "</td><script>alert(1)</script>";
    let counts = |template: Option<&str>, issued| CertificateCounts {
        authority: authority(),
        template: template.map(str::to_owned),
        issued,
        revoked: 3,
        expired: 0,
    };
    let kind = FindingKind::UnauthorizedIssuance;
    let ended = |how, by, seconds| Some(FindingEnd { how, by, open_for: OpenFor::AWeek, seconds });
    let flow = |number, ended| FindingFlow { kind, number, ended };
    ComplianceView {
        as_of: Some(minutes_ago(3)),
        certificates: vec![
            counts(None, 1),
            counts(Some("arn:aws:acm-pca:::template/EndEntityCertificate/V1"), 412_203),
        ],
        issuers: vec![IssuerCount {
            issuer: "arn:aws:iam::111122223333:role/provisioning".to_owned(),
            issued: 412_204,
            unauthorised: 2,
        }],
        findings: vec![
            flow(7, None),
            flow(2, ended(FindingStateName::Dismissed, Some(person(hostile)), 400_000)),
            flow(3, ended(FindingStateName::Resolved, None, 600_000)),
        ],
        requests: RequestCounts {
            all: 4,
            drills: 1,
            countersigned: 3,
            proven: 2,
            break_glass: 1,
            ..Default::default()
        },
        runs: vec![RunsHeld {
            authority: named_authority("").arn,
            finished: 21,
            incomplete: 1,
            failed: 0,
            gap: Some((day("2026-11-05"), day("2026-11-07"))),
            cut: false,
            last: Some(("0193533a-0000-7000-8000-000000000001".parse().unwrap(), minutes_ago(40))),
            due: [(Outcome::Held, 3), (Outcome::MadeUp, 1)].into(),
        }],
        trails: vec![TrailHours {
            account: "111122223333".to_owned(),
            region: "eu-central-1".to_owned(),
            hours: [(Proof::Proven, 500), (Proof::Missing, 2)].into(),
            unknown: 14,
        }],
        policy_changes: vec![PolicyChange {
            seq: 17,
            at: minutes_ago(600),
            process: "work".to_owned(),
            changes: BTreeMap::from([("policy.quorum".to_owned(), "1 → 2".to_owned())]),
        }],
        totals: Totals {
            issuers: 51,
            unauthorised: 9,
            policy_changes: 1,
            roles_seen: 230,
            people: 120,
            sign_ins: 4_100,
        },
        people: vec![RolesSeen {
            person: person("auditor"),
            roles: vec![Role::Auditor],
            first: minutes_ago(900),
            last: now(),
            sign_ins: 4,
        }],
        ledger: LedgerRead { entries: 1200, is_reading: false },
        ..empty()
    }
}

#[tokio::test]
async fn the_numbers_of_a_time() {
    let of = |view: ComplianceView| move || view! { <Compliance query=ComplianceQuery::default() view=view.clone() /> };
    golden("compliance", of(full())).await;
    golden("compliance-nothing", of(empty())).await;
}

#[tokio::test]
async fn the_controls_that_are_served() {
    let control = Control {
        id: "AC-5".to_owned(),
        title: "Separation of duties <b>".to_owned(),
        served: "Who requests never approves.".to_owned(),
        figures: Figure::ALL.to_vec(),
    };
    let framework = Framework { name: "NIST SP 800-53 Rev. 5".to_owned(), controls: vec![control] };
    let controls = views::Controls { frameworks: vec![framework] };
    let view = ControlsView { controls, of: full(), log: None };
    golden("controls", move || view! { <Controls query=ComplianceQuery::default() view=view.clone() /> })
        .await;
}

fn pack(of: PackOf) -> Pack {
    let by = super::sample::viewer().actor.unwrap();
    Pack::ordered("0193533a-0000-7000-8000-000000000001".parse().unwrap(), by, of, minutes_ago(2))
}

fn file(minutes: u64) -> PackFile {
    PackFile {
        at: minutes_ago(minutes),
        attempt: "1".to_owned(),
        parts: 2,
        bytes: 412_203,
        sha256: "ab".repeat(32),
        without_proof: 3,
    }
}

#[tokio::test]
async fn evidence_to_take_along() {
    let period = Period::new(day("2026-11-01"), day("2026-11-23")).unwrap();
    let of = PackOf::Period { period, authorities: vec![authority()] };
    let asked = pack(of.clone()).begins();
    let made = pack(PackOf::Period { period, authorities: Vec::new() }).ready(file(1));
    let request = PackOf::Request("0193533a-0000-7000-8000-000000000002".parse().unwrap());
    let incident = PackOf::Incident("0193533a-0000-7000-8000-000000000003".parse().unwrap());
    let failed = pack(request.clone()).failed("It was begun 5 times.".to_owned(), now());
    let gone = pack(of.clone()).ready(file(20_000));
    let authorities = vec![named_authority("Devices EU")];
    let packs = vec![asked.reached(2_000_000), made.clone(), failed.clone(), gone.clone()];
    for (name, of, query) in [
        ("evidence", of, PackQuery { authorities: vec![authority()], ..PackQuery::default() }),
        ("evidence-of-a-request", request, PackQuery::default()),
        ("evidence-of-an-incident", incident, PackQuery::default()),
    ] {
        let view = PacksView { of, authorities: authorities.clone(), packs: packs.clone() };
        golden(name, move || {
            view! { <Evidence query=query.clone() view=view.clone() order=ServerAction::new() /> }
        })
        .await;
    }
    let again = asked.begins().reached(2_000_000);
    for (name, pack) in [("pack", again), ("pack-ready", made), ("pack-failed", failed), ("pack-gone", gone)]
    {
        let view = PackView { pack, authorities: authorities.clone() };
        golden(name, move || view! { <OnePack view=view.clone() /> }).await;
    }
}
