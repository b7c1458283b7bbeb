//! The report for a terminal, against the files in `snapshots/`. After a change that is meant:
//! `INSTA_UPDATE=always cargo test -p console --lib wording`, and read what git says has changed.

use domain::finding::{Disagreement, Evidence};
use domain::run::{ReportIdentity, RunInputs, TrailInputs, Unjudged, Unreadable};
use domain::trail::{Authorisation, Identity, Issuance, Proof};
use domain::{FindingKind, InventoryItem, ReportRow};

use super::Reconciliation;
use crate::fixture::{arn, at, item, row, serial};

fn golden(name: &str, findings: Vec<Disagreement>, inputs: RunInputs, not_judged: Vec<FindingKind>) {
    let mut text = Vec::new();
    Reconciliation::new(arn(), findings, inputs, not_judged).write_text(&mut text).unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, String::from_utf8(text).unwrap()));
}

fn report(guessed: bool, reused: bool) -> Option<ReportIdentity> {
    Some(ReportIdentity {
        report_id: "report".to_owned(),
        bucket: "reports".to_owned(),
        key: "report.json".to_owned(),
        version: None,
        sha256: None,
        created_at: at(0),
        completed_at: None,
        guessed,
        reused,
    })
}

fn unreadable(count: u64, place: &str, problem: &str) -> Unreadable {
    let mut unreadable = Unreadable::default();
    (0..count).for_each(|_| unreadable.add(place, problem));
    unreadable
}

/// One finding of each kind that runs find, in turns with what is known of it.
fn findings() -> Vec<Disagreement> {
    let kinds = FindingKind::ALL.iter().copied().filter(|kind| !kind.is_alert());
    let issuance = |address: Option<&str>, service: Option<&str>| Issuance {
        event: "event".parse().unwrap(),
        at: at(-10_000),
        identity: Identity {
            invoked_by: service.map(str::to_owned),
            ..Identity::of_arn("arn:aws:sts::111122223333:assumed-role/legacy-deploy/ci")
        },
        address: address.map(str::to_owned),
        user_agent: None,
        template: None,
        key: None,
    };
    let evidence = |number: u64| match number % 4 {
        0 => Evidence { report: Some(row(number)), inventory: vec![item(number)], ..Evidence::default() },
        1 => Evidence {
            report: Some(ReportRow { subject: Some("CN=\u{1b}[31mred,O=Example".to_owned()), ..row(number) }),
            issuance: Some(issuance(Some("203.0.113.77"), None)),
            authorisation: Some(Authorisation::NotAnIssuer),
            ..Evidence::default()
        },
        2 => Evidence {
            inventory: vec![InventoryItem { subject: None, ..item(number) }],
            issuance: Some(issuance(None, Some("acm.amazonaws.com"))),
            ..Evidence::default()
        },
        _ => Evidence { issuance: Some(issuance(None, None)), ..Evidence::default() },
    };
    (0..)
        .zip(kinds)
        .map(|(number, kind)| Disagreement {
            kind,
            authority: arn(),
            serial: serial(number),
            evidence: evidence(number),
        })
        .collect()
}

#[test]
fn a_report_says_what_was_found_and_what_was_not_compared() {
    let whole = RunInputs {
        report: report(false, false),
        report_rows: 1200,
        inventory_items: 1198,
        infrastructure: 1,
        managed: 2,
        in_grace: 3,
        ..RunInputs::default()
    };
    golden("agree", Vec::new(), whole.clone(), Vec::new());
    let trail = TrailInputs {
        from: Some(at(-1440)),
        to: Some(at(0)),
        hours: [(Proof::Proven, 22), (Proof::Missing, 1), (Proof::Altered, 1)].into(),
        attributed: 1100,
        not_covered: 100,
        digests: Vec::new(),
        unreadable: unreadable(1, "2026/11/22/log.json.gz", "It is cut short."),
    };
    golden("findings", findings(), RunInputs { trail: Some(trail.clone()), ..whole.clone() }, Vec::new());
    let serials = (0..20).map(serial).collect();
    let incomplete = RunInputs {
        report: report(true, true),
        report_truncated: true,
        report_unreadable: unreadable(12, "row 17", "The serial number is missing."),
        inventory_unreadable: unreadable(1, "device_id sensor-0007", "The certificate's CA is no ARN."),
        inventory_unread: unreadable(1, "device_id sensor-0008", "expires_at is no time."),
        unjudged: Unjudged { count: 23, serials },
        trail: Some(TrailInputs { from: None, to: None, ..trail }),
        ..whole
    };
    let not_judged = vec![FindingKind::RogueIssuer, FindingKind::UnattributedIssuance];
    golden("incomplete", Vec::new(), incomplete, not_judged);
}
