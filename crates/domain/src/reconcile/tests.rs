//! What runs make of two records, and of three.

use super::*;

mod trail;

const ARN: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

pub(super) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_unix(1_700_000_000 + minutes * 60).unwrap()
}

pub(super) fn context() -> Context {
    Context {
        authority: ARN.parse().unwrap(),
        report_created_at: at(0),
        now: at(1440),
        grace: Duration::from_secs(900),
        report_complete: true,
        requests_known: true,
        trail: None,
        infrastructure: Infrastructure::default(),
        expired_after: None,
    }
}

pub(super) fn row() -> ReportRow {
    ReportRow {
        authority: ARN.parse().unwrap(),
        serial: "0a".parse().unwrap(),
        subject: Some("CN=sensor-1,O=Example".to_owned()),
        not_before: at(-1060),
        not_after: at(100_000),
        issued_at: at(-1000),
        revoked_at: None,
        revocation_reason: None,
        template: Some("arn:aws:acm-pca:::template/EndEntityCertificate/V1".to_owned()),
        requested_by_service: None,
    }
}

pub(super) fn item() -> InventoryItem {
    InventoryItem {
        authority: ARN.parse().unwrap(),
        serial: "0a".parse().unwrap(),
        decimal: None,
        device: "sensor-1".parse().unwrap(),
        serial_key: "0a".to_owned(),
        subject: Some("O=Example, CN=sensor-1".to_owned()),
        issued_at: Some(at(-1000)),
        expires_at: Some(at(100_000)),
        revoked_at: None,
        revocation_unread: false,
        revocation_reason: None,
    }
}

#[test]
fn what_expired_and_left_the_inventory_is_no_emergency() {
    let expired = |sides: &mut Sides| {
        sides.inventory.clear();
        if let Some(row) = &mut sides.report {
            row.not_after = at(-1);
        }
    };
    assert_eq!(verdict(expired), Verdict::Disagreed(vec![ExpiredUnrecorded]));
    for (age, left_out) in [(30, true), (90, false)] {
        let context = Context { expired_after: Some(Duration::from_secs(age)), ..context() };
        let mut sides = both();
        expired(&mut sides);
        assert_eq!(context.judge(&sides) == Verdict::LongExpired, left_out, "{age}");
    }
    assert_eq!(verdict(|sides| sides.inventory.clear()), Verdict::Disagreed(vec![UnauthorizedIssuance]));
}

#[test]
fn what_is_not_said_differs_from_nothing() {
    let with = |change: fn(&mut ReportRow, &mut InventoryItem)| {
        verdict(|sides| {
            let Sides { report: Some(row), inventory, .. } = sides else { return };
            change(row, &mut inventory[0]);
        })
    };
    assert_eq!(with(|row, _| row.subject = None), Verdict::Agreed);
    assert_eq!(
        with(|row, item| (row.revoked_at, item.revocation_unread) = (Some(at(-500)), true)),
        with(|row, item| {
            (row.revoked_at, item.revoked_at) = (Some(at(-500)), Some(at(-500)));
        })
    );
    // A date without a time stands for its day.
    let dates = |row: &mut ReportRow, item: &mut InventoryItem| {
        let day = |at: Timestamp| at.minus(Duration::from_secs(at.unix().rem_euclid(86_400).unsigned_abs()));
        (item.issued_at, item.expires_at) = (Some(day(row.issued_at)), Some(day(row.not_after)));
    };
    assert_eq!(with(dates), Verdict::Agreed);
    let other = |row: &mut ReportRow, item: &mut InventoryItem| {
        item.expires_at = Some(row.not_after.minus(Duration::from_secs(2 * 86_400)));
    };
    assert_eq!(with(other), Verdict::Disagreed(vec![DatesDiffer]));
}

fn both() -> Sides {
    Sides { report: Some(row()), inventory: vec![item()], ..Sides::default() }
}

fn verdict(change: impl FnOnce(&mut Sides)) -> Verdict {
    let mut sides = both();
    change(&mut sides);
    context().judge(&sides)
}

fn row_of(sides: &mut Sides) -> &mut ReportRow {
    sides.report.as_mut().unwrap()
}

#[test]
fn records_that_agree_are_no_finding() {
    assert_eq!(verdict(|_| ()), Verdict::Agreed);
    let revoked = verdict(|s| {
        row_of(s).revoked_at = Some(at(-100));
        s.inventory[0].revoked_at = Some(at(-99));
        s.countersigned = true;
    });
    assert_eq!(revoked, Verdict::Agreed);
    assert_eq!(verdict(|s| row_of(s).revocation_reason = Some("UNSPECIFIED".to_owned())), Verdict::Agreed);
}

#[test]
fn each_kind_is_seen() {
    let revoked = Some(at(-100));
    let cases: [(&str, Verdict, Vec<FindingKind>); 9] = [
        ("not in inventory", verdict(|s| s.inventory.clear()), vec![UnauthorizedIssuance]),
        ("not at the CA", verdict(|s| s.report = None), vec![IssuanceWithoutCertificate]),
        (
            "revoked outside",
            verdict(|s| row_of(s).revoked_at = revoked),
            vec![RevocationNotCountersigned, RevocationNotRecorded],
        ),
        (
            "revoked outside, recorded",
            verdict(|s| {
                row_of(s).revoked_at = revoked;
                s.inventory[0].revoked_at = revoked;
            }),
            vec![RevocationNotCountersigned],
        ),
        ("only recorded", verdict(|s| s.inventory[0].revoked_at = revoked), vec![RevocationNotEffective]),
        ("expiry", verdict(|s| s.inventory[0].expires_at = Some(at(99_998))), vec![DatesDiffer]),
        ("issue", verdict(|s| s.inventory[0].issued_at = Some(at(-900))), vec![DatesDiffer]),
        (
            "subject",
            verdict(|s| s.inventory[0].subject = Some("CN=sensor-2,O=Example".to_owned())),
            vec![SubjectDiffers],
        ),
        ("twice", verdict(|s| s.inventory.push(item())), vec![Duplicate]),
    ];
    for (name, verdict, kinds) in cases {
        assert_eq!(verdict, Verdict::Disagreed(kinds), "{name}");
    }
}

#[test]
fn the_young_the_managed_and_the_infrastructure_are_no_findings() {
    let young_row = verdict(|s| {
        s.inventory.clear();
        row_of(s).issued_at = at(-5);
    });
    let later_item = verdict(|s| {
        s.report = None;
        s.inventory[0].issued_at = Some(at(5));
    });
    assert_eq!((young_row, later_item), (Verdict::InGrace, Verdict::InGrace));
    let managed = verdict(|s| {
        s.inventory.clear();
        row_of(s).requested_by_service = Some("acm.amazonaws.com".to_owned());
    });
    assert_eq!(managed, Verdict::Managed);
    let root = verdict(|s| {
        s.inventory.clear();
        row_of(s).template = Some("arn:aws:acm-pca:::template/RootCACertificate/V1".to_owned());
    });
    assert_eq!(root, Verdict::Infrastructure);
}

#[test]
fn absence_proves_nothing_in_a_report_cut_short() {
    let sides = Sides { inventory: vec![item()], ..Sides::default() };
    assert_eq!(Context { report_complete: false, ..context() }.judge(&sides), Verdict::Agreed);
}

#[test]
fn a_countersigned_revocation_settles_an_unauthorized_issuance() {
    let revoked = |countersigned| {
        verdict(|s| {
            s.inventory.clear();
            row_of(s).revoked_at = Some(at(-100));
            s.countersigned = countersigned;
        })
    };
    assert_eq!(revoked(true), Verdict::Agreed);
    assert_eq!(revoked(false), Verdict::Disagreed(vec![UnauthorizedIssuance, RevocationNotCountersigned]));
}

#[test]
fn offline_says_nothing_about_countersigning() {
    let mut sides = both();
    row_of(&mut sides).revoked_at = Some(at(-100));
    sides.inventory[0].revoked_at = Some(at(-100));
    assert_eq!(Context { requests_known: false, ..context() }.judge(&sides), Verdict::Agreed);
}

#[test]
fn what_the_inventory_has_of_times_ahead_is_no_excuse() {
    let recorded = |at| Sides {
        report: Some(row()),
        inventory: vec![InventoryItem { revoked_at: Some(at), ..item() }],
        ..Sides::default()
    };
    let missing = Verdict::Disagreed(vec![RevocationNotEffective]);
    assert_eq!(context().judge(&recorded(at(5))), Verdict::Agreed, "the report is older");
    assert_eq!(context().judge(&recorded(at(1_000_000))), missing);
    let unissued =
        |at| Sides { inventory: vec![InventoryItem { issued_at: Some(at), ..item() }], ..Sides::default() };
    assert_eq!(context().judge(&unissued(at(5))), Verdict::InGrace);
    let none = Verdict::Disagreed(vec![IssuanceWithoutCertificate]);
    assert_eq!(context().judge(&unissued(at(1_000_000))), none);
}
