//! What events say of a certificate.

use super::*;
use crate::trail::{Issuer, Span};

fn issuance(arn: &str) -> Issuance {
    Issuance {
        event: "1".parse().unwrap(),
        at: at(-1000),
        identity: crate::trail::Identity::of_arn(arn),
        address: Some("10.20.0.15".to_owned()),
        user_agent: None,
        template: None,
        key: None,
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
