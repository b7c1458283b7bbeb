//! That what an address says is what it was made of.

use domain::finding::FindingStateName;
use domain::views::{Property, Token};

use super::*;

/// The query as an address says it, read again.
fn again(query: Query) -> Pairs {
    Pairs::of(query.on("/list").trim_start_matches("/list"))
}

fn day(day: &str) -> Option<Timestamp> {
    Some(format!("{day}T00:00:00Z").parse().unwrap())
}

#[test]
fn a_list_of_findings_is_its_address() {
    let query = FindingQuery {
        severity: Some(Severity::High),
        kind: Some(FindingKind::Duplicate),
        state: FindingStates::Is(FindingStateName::Dismissed),
        authority: Some("a".parse().unwrap()),
        mine: true,
        overdue: true,
        opened: Days { from: day("2026-11-01"), to: day("2026-11-30") },
        ended: Days { from: None, to: day("2026-11-02") },
        ended_by: Some("https://idp.example|ada".parse().unwrap()),
        open_for: Some(OpenFor::AWeek),
        sort: FindingSort::IssuedFirst,
        page: 1,
    };
    assert_eq!(read_findings(&again(write_findings(&query))), Ok(query));
    for state in FindingStates::OTHERS {
        let query = FindingQuery { state: *state, ..FindingQuery::default() };
        assert_eq!(read_findings(&again(write_findings(&query))), Ok(query));
    }
    assert_eq!(read_findings(&Pairs::of("ended_from=2026-11-01")).unwrap().state, FindingStates::Any);
    assert_eq!(read_findings(&Pairs::of("opened_from=2026-11-01")).unwrap().state, FindingStates::Waiting);
    for wrong in ["owner=you", "due=soon", "sort=evil", "state=all", "opened_to=now", "open_for=ever"] {
        assert!(read_findings(&Pairs::of(wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn what_a_pack_is_asked_for_about_is_its_address() {
    let period = PackQuery {
        from: day("2026-11-01"),
        to: day("2026-11-30"),
        authorities: vec!["a".parse().unwrap(), "b".parse().unwrap()],
        ..PackQuery::default()
    };
    assert_eq!(read_pack(&again(write_pack(&period))), Ok(period));
    let request = "0193533a-0000-7000-8000-000000000001".parse().ok();
    let request = PackQuery { request, ..PackQuery::default() };
    assert_eq!(read_pack(&again(write_pack(&request))), Ok(request));
    let incident = "0193533a-0000-7000-8000-000000000001".parse().ok();
    let incident = PackQuery { incident, ..PackQuery::default() };
    assert_eq!(read_pack(&again(write_pack(&incident))), Ok(incident));
    for wrong in ["from=today", "authority=%20x/", "request=1", "incident=1"] {
        assert!(read_pack(&Pairs::of(wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn a_list_of_events_is_its_address() {
    let query = ActivityQuery {
        name: Some("IssueCertificate".to_owned()),
        identity: Some("role/a&b=c".to_owned()),
        address: Some("2001:db8::7".to_owned()),
        outcome: Some(Outcome::Denied),
        authority: Some("a".parse().unwrap()),
        from: Some("2026-11-22T09:00:00Z".parse().unwrap()),
        to: Some("2026-11-22T10:30:15Z".parse().unwrap()),
        reads: true,
        page: 2,
    };
    assert_eq!(read_activity(&again(write_activity(&query))), Ok(query));
    let typed = read_activity(&Pairs::of("from=2026-11-22T09:00&to=2026-11-22T10:30:15")).unwrap();
    assert_eq!(typed.from.unwrap().absolute(), "2026-11-22 09:00:00 UTC");
    assert_eq!(typed.to.unwrap().absolute(), "2026-11-22 10:30:15 UTC");
    for hostile in ["from=yesterday", "from=2026-13-01T00:00", "result=ok", "to=%00"] {
        assert!(read_activity(&Pairs::of(hostile)).is_err(), "{hostile}");
    }
}

#[test]
fn an_identity_is_named_once() {
    for key in [
        IdentityKey::Principal("arn:aws:iam::111122223333:role/a+b/c".to_owned()),
        IdentityKey::AccessKey("ASIA 1&".to_owned()),
        IdentityKey::Address("2001:db8::7".to_owned()),
    ] {
        let query = IdentityQuery { key, only: Issued::Unauthorised, page: 2 };
        assert_eq!(read_identity(&again(write_identity(&query))), Ok(query));
    }
    for wrong in ["", "principal=", "principal=a&key=b", "name=a", "key=b&issued=x"] {
        assert!(read_identity(&Pairs::of(wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn a_list_of_requests_is_its_address() {
    let query = RequestQuery {
        inbox: Inbox::Mine,
        state: Some(RequestState::PartlyFailed),
        authority: Some("a".parse().unwrap()),
        reason: Some(RevocationReason::Superseded),
        requester: Some("Olivia & é".to_owned()),
        from: Some("2026-11-22T09:00:00Z".parse().unwrap()),
        to: Some("2026-11-22T10:30:15Z".parse().unwrap()),
        before: Some("0193533a-0000-7000-8000-000000000001".parse().unwrap()),
    };
    assert_eq!(read_requests(&again(write_requests(&query))), Ok(query));
    assert_eq!(write_requests(&RequestQuery::default()), Query::new());
    for wrong in ["inbox=yours", "state=x", "reason=boredom", "from=never", "before=x"] {
        assert!(read_requests(&Pairs::of(wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn a_selection_is_its_text() {
    let key = IdentityKey::Principal("arn:aws:iam::111122223333:role/a+b/c:d".to_owned());
    let moment = Some("2026-11-22T09:00:00Z".parse().unwrap());
    let id = "ab".repeat(32).parse::<domain::revocation::ListId>().unwrap();
    let matching = CertificateQuery {
        filter: vec![
            Token::parse(Property::Text, "100% & é").unwrap(),
            Token::parse(Property::Authority, "a").unwrap(),
            Token::parse(Property::Status, "active").unwrap(),
        ],
        ..CertificateQuery::default()
    };
    for of in [
        Selection::Serials(vec!["0a".parse().unwrap(), "0b".parse().unwrap()]),
        Selection::List { id: id.clone(), despite_unread: false },
        Selection::List { id, despite_unread: true },
        Selection::OfRequest("0193533a-0000-7000-8000-000000000001".parse().unwrap()),
        Selection::Matching(matching),
        Selection::Matching(CertificateQuery::default()),
        Selection::IssuedBy { key: key.clone(), only: Issued::Unauthorised, from: None, to: moment },
        Selection::IssuedBy { key, only: Issued::All, from: moment, to: None },
    ] {
        assert_eq!(read_selection(&write_selection(&of)), Ok(of.clone()));
        let more = of.with_same_keys();
        assert_eq!(read_selection(&write_selection(&more)), Ok(more.clone()));
        assert_eq!(more.clone().with_same_keys(), more, "once");
    }
    let nested = "same-keys:".repeat(100_000);
    for wrong in
        [&*nested, "", "serials", "serials:zz", "list:0a", "all:", "issued:", "certificates:status=no"]
    {
        assert!(read_selection(wrong).is_err(), "{wrong}");
    }
}
