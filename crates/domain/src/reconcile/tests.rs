//! What runs make of two records, and of three.

use super::*;
use crate::trail::{Issuer, Span};

const ARN: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_unix(1_700_000_000 + minutes * 60).unwrap()
}

fn context() -> Context {
    Context {
        authority: ARN.parse().unwrap(),
        report_created_at: at(0),
        grace: Duration::from_secs(900),
        report_complete: true,
        requests_known: true,
        trail: None,
        infrastructure: Infrastructure::default(),
        expired_after: None,
    }
}

fn row() -> ReportRow {
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

fn item() -> InventoryItem {
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

fn issuance(arn: &str) -> Issuance {
    Issuance {
        event: "1".parse().unwrap(),
        at: at(-1000),
        identity: crate::trail::Identity::of_arn(arn),
        address: Some("10.20.0.15".to_owned()),
        user_agent: None,
        template: None,
    }
}

const ISSUER: &str = "arn:aws:iam::111122223333:role/provisioning";

/// With a trail that is proven for a day and unproven since an hour.
fn with_trail(spans: &[(i64, i64, Proof)]) -> Context {
    let spans = spans.iter().map(|(from, to, proof)| Span { from: at(*from), to: at(*to), proof: *proof });
    let trail = TrailContext {
        issuers: Issuers::new(vec![Issuer::new(ISSUER).unwrap()]),
        coverage: Coverage::of(spans),
        delay: Duration::from_secs(3600),
    };
    Context { trail: Some(trail), ..context() }
}

const WHOLE: [(i64, i64, Proof); 2] = [(-5000, -60, Proof::Proven), (-60, 0, Proof::Unproven)];

#[test]
fn the_trail_tells_who_issued_what_the_inventory_does_not_know() {
    let by = |arn: Option<&str>, recorded: bool| {
        let mut sides = Sides { issuance: arn.map(issuance), ..both() };
        if !recorded {
            sides.inventory.clear();
        }
        with_trail(&WHOLE).judge(&sides)
    };
    let found = |kind| Verdict::Disagreed(vec![kind]);
    assert_eq!(by(Some(ISSUER), true), Verdict::Agreed);
    assert_eq!(by(Some(ISSUER), false), found(UnrecordedIssuance));
    assert_eq!(by(Some("arn:aws:iam::111122223333:user/m"), false), found(UnauthorizedIssuance));
    assert_eq!(by(Some("arn:aws:iam::111122223333:user/m"), true), found(RogueIssuer));
    assert_eq!((by(None, true), by(None, false)), (found(UnattributedIssuance), found(UnattributedIssuance)));
}

#[test]
fn a_hole_in_the_evidence_is_told_from_evidence_that_is_not_there_yet() {
    let without_event = |spans: &[(i64, i64, Proof)], recorded: bool| {
        let mut sides = both();
        if !recorded {
            sides.inventory.clear();
        }
        with_trail(spans).judge(&sides)
    };
    let hole = Verdict::Disagreed(vec![UnattributedIssuance]);
    for proof in [Proof::Missing, Proof::Altered] {
        let spans = [(-5000, -1010, Proof::Proven), (-1010, -990, proof), (-990, 0, Proof::Proven)];
        assert_eq!(without_event(&spans, true), hole, "{proof:?}");
    }
    // No digest yet, or the trail began later: nothing is known, and the inventory's word is taken.
    for spans in [[(-5000, -1000, Proof::Proven)], [(-900, 0, Proof::Proven)], [(-5000, 0, Proof::Unproven)]]
    {
        assert_eq!(without_event(&spans, true), Verdict::Agreed, "{spans:?}");
        assert_eq!(without_event(&spans, false), Verdict::Disagreed(vec![UnauthorizedIssuance]), "{spans:?}");
    }
}

#[test]
fn an_unauthorised_identity_is_told_at_once_and_a_revoked_certificate_settled() {
    let mut sides = Sides { issuance: Some(issuance("arn:aws:iam::111122223333:user/m")), ..both() };
    row_of(&mut sides).issued_at = at(-1);
    assert_eq!(with_trail(&WHOLE).judge(&sides), Verdict::Disagreed(vec![RogueIssuer]));
    let mut sides = Sides { issuance: Some(issuance("arn:aws:iam::111122223333:user/m")), ..both() };
    row_of(&mut sides).revoked_at = Some(at(-100));
    sides.inventory[0].revoked_at = Some(at(-100));
    sides.countersigned = true;
    assert_eq!(with_trail(&WHOLE).judge(&sides), Verdict::Agreed);
}

#[test]
fn what_an_event_shows_and_the_report_lacks_waits_for_the_cas_word() {
    let context = with_trail(&[]);
    let unreported = |inventory: Vec<InventoryItem>, issued| Sides {
        inventory,
        issuance: Some(Issuance { at: issued, ..issuance("arn:aws:iam::111122223333:role/legacy") }),
        ..Sides::default()
    };
    let judged = |sides: &Sides, has_it| -> Vec<FindingKind> {
        let Verdict::Disagreed(kinds) = context.judge(sides) else { panic!("{sides:?}") };
        let found = context.disagreements("0a".parse().unwrap(), sides, kinds);
        found.iter().filter(|one| stands(one, has_it)).map(|one| one.kind).collect()
    };
    let alone = unreported(Vec::new(), at(-1000));
    assert_eq!(judged(&alone, Some(true)), [UnauthorizedIssuance, IssuanceNotReported]);
    assert_eq!(judged(&alone, Some(false)), [], "nothing was issued");
    assert_eq!(judged(&alone, None), [UnauthorizedIssuance]);
    let recorded = unreported(vec![item()], at(-1000));
    assert_eq!(judged(&recorded, Some(true)), [RogueIssuer, IssuanceNotReported]);
    assert_eq!(judged(&recorded, Some(false)), [RogueIssuer, IssuanceWithoutCertificate]);
    assert_eq!(judged(&recorded, None), [RogueIssuer]);
    assert_eq!(context.judge(&unreported(Vec::new(), at(-10))), Verdict::InGrace, "too young for the report");
    let cut_short = Context { report_complete: false, ..context.clone() };
    assert_eq!(cut_short.judge(&alone), Verdict::InGrace);
}

#[test]
fn a_template_hides_nobody_but_the_root() {
    let of = |template: &str, by: Option<&str>| {
        let mut sides = Sides { issuance: by.map(issuance), inventory: Vec::new(), ..both() };
        row_of(&mut sides).template = Some(format!("arn:aws:acm-pca:::template/{template}/V1"));
        with_trail(&WHOLE).judge(&sides)
    };
    let stranger = Some("arn:aws:iam::111122223333:user/m");
    for template in ["SubordinateCACertificate_PathLen0", "OCSPSigningCertificate"] {
        let unauthorized = Verdict::Disagreed(vec![UnauthorizedIssuance]);
        assert_eq!(of(template, stranger), unauthorized, "{template}");
        assert_eq!(of(template, Some(ISSUER)), unauthorized, "{template} is not named");
    }
    assert_eq!(of("RootCACertificate", stranger), Verdict::Infrastructure);
    let hole = Verdict::Disagreed(vec![UnattributedIssuance]);
    assert_eq!(of("SubordinateCACertificate_PathLen0", None), hole);
    assert_eq!(of("OCSPSigningCertificate", None), hole);
}

#[test]
fn without_an_event_a_ca_is_known_by_its_serial_or_by_what_issuers_may_do() {
    let of = |template: Option<&str>, infrastructure: Infrastructure, recorded: bool| {
        let mut sides = both();
        if !recorded {
            sides.inventory.clear();
        }
        row_of(&mut sides).template = template.map(|name| format!("arn:aws:acm-pca:::template/{name}/V1"));
        Context { infrastructure, ..context() }.judge(&sides)
    };
    let nothing = Infrastructure::default;
    let known = || Infrastructure { known: BTreeSet::from([row().serial]), ..nothing() };
    let unauthorized = Verdict::Disagreed(vec![UnauthorizedIssuance]);
    let (sub, ocsp) = (Some("SubordinateCACertificate_PathLen0"), Some("OCSPSigningCertificate"));
    for template in [sub, ocsp] {
        assert_eq!(of(template, nothing(), false), unauthorized);
        assert_eq!(of(template, nothing(), true), Verdict::Disagreed(vec![RogueIssuer]));
    }
    // A report from before 2020, or a CSV without the column.
    for template in [None, sub] {
        assert_eq!(of(template, known(), false), Verdict::Infrastructure);
    }
    assert_eq!(of(None, nothing(), false), unauthorized);
    let named = || {
        let templates = vec!["SubordinateCACertificate_PathLen0/V1".to_owned()];
        Infrastructure { templates, ..nothing() }
    };
    assert_eq!(of(sub, named(), false), Verdict::Infrastructure);
    assert_eq!(of(ocsp, named(), false), unauthorized);
    let answering = || Infrastructure { ocsp: true, ..nothing() };
    assert_eq!(of(ocsp, answering(), false), Verdict::Infrastructure, "AWS's own, maybe");
    assert_eq!(of(sub, answering(), false), unauthorized);
}

#[test]
fn an_item_that_cannot_be_read_hides_no_issuer() {
    let judge = |by: Option<&str>| {
        let sides = Sides { issuance: by.map(issuance), inventory: Vec::new(), ..both() };
        with_trail(&WHOLE).judge_issuer_alone(&sides)
    };
    assert_eq!(judge(Some("arn:aws:iam::111122223333:user/m")), Verdict::Disagreed(vec![RogueIssuer]));
    assert_eq!(judge(None), Verdict::Disagreed(vec![UnattributedIssuance]));
    assert_eq!(judge(Some(ISSUER)), Verdict::Agreed);
}

#[test]
fn a_subject_that_differs_is_settled_by_a_countersigned_revocation() {
    let revoked = |countersigned| {
        verdict(|s| {
            row_of(s).revoked_at = Some(at(-100));
            s.inventory[0].revoked_at = Some(at(-100));
            s.inventory[0].subject = Some("CN=another".to_owned());
            s.countersigned = countersigned;
        })
    };
    assert_eq!(revoked(true), Verdict::Agreed);
    assert_eq!(revoked(false), Verdict::Disagreed(vec![RevocationNotCountersigned, SubjectDiffers]));
}

#[test]
fn services_manage_their_certificates_and_calls_count_before_the_report_does() {
    let service = crate::trail::Identity::service("acm.amazonaws.com");
    let issuance = Issuance { identity: service, ..issuance(ISSUER) };
    let managed = Sides { issuance: Some(issuance), inventory: Vec::new(), ..both() };
    let named = || {
        let mut context = with_trail(&WHOLE);
        let entries = [ISSUER, "acm.amazonaws.com"].map(|one| Issuer::new(one).unwrap());
        context.trail.as_mut().unwrap().issuers = Issuers::new(entries.to_vec());
        context
    };
    assert_eq!(named().judge(&managed), Verdict::Managed);
    let unauthorised = Verdict::Disagreed(vec![UnauthorizedIssuance]);
    assert_eq!(with_trail(&WHOLE).judge(&managed), unauthorised, "nobody named the service");
    let mut reported = Sides { inventory: Vec::new(), ..both() };
    row_of(&mut reported).requested_by_service = Some("acm.amazonaws.com".to_owned());
    let before_the_trail = [(-900, -60, Proof::Proven)];
    assert_eq!(with_trail(&before_the_trail).judge(&reported), unauthorised);
    let mut without = named();
    without.trail.as_mut().unwrap().coverage = Coverage::default();
    assert_eq!(without.judge(&reported), Verdict::Managed);
    let call = RevocationCall {
        event: "2".parse().unwrap(),
        at: at(-100),
        identity: crate::trail::Identity::of_arn(ISSUER),
        address: None,
        reason: None,
    };
    let called = Sides { revocation: Some(call), ..both() };
    let kinds = context().judge(&called);
    assert_eq!(kinds, Verdict::Disagreed(vec![RevocationNotCountersigned]));
}
