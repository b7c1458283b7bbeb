//! What the events say after duplicates, alterations and filters.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use domain::trail::Outcome;
use domain::trail::{Authorisation, Event, Failure, Identity, Issuance, Issuer, Issuers, Span, What};
use domain::views::{ActivityQuery, IdentityKey, Issued};
use domain::{AuthorityArn, Serial};
use packed::Range;

use super::*;
use crate::fixture::{OTHER, arn, at, serial};

const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/provisioning/fleet";
const ROLE: &str = "arn:aws:iam::111122223333:role/service/provisioning";
const ROGUE: &str = "arn:aws:iam::111122223333:user/m_100%";
const PART: (&str, &str) = ("111122223333", "eu-central-1");

fn database() -> Database {
    let database = Database::create(None).unwrap();
    create(&database).unwrap();
    create(&database).unwrap();
    database
}

pub(crate) fn file(seq: u64) -> EventFile {
    EventFile {
        account: PART.0.to_owned(),
        region: PART.1.to_owned(),
        seq,
        bucket: "trail".to_owned(),
        key: format!("AWSLogs/{seq}"),
        sha256: "00".to_owned(),
        delivered_at: at(0),
        read_at: at(1),
        bad: None,
    }
}

pub(crate) fn event(id: &str, number: u64, identity: Identity, what: What) -> Event {
    let name = match &what {
        What::IssuanceDetails { .. } => "IssueCertificateDetails",
        What::Revocation { .. } => "RevokeCertificate",
        _ => "IssueCertificate",
    };
    Event {
        id: id.parse().unwrap(),
        time: at(i64::try_from(number).unwrap()),
        name: name.to_owned(),
        source: "acm-pca.amazonaws.com".to_owned(),
        region: PART.1.to_owned(),
        account: Some(PART.0.to_owned()),
        identity,
        address: Some(format!("10.20.0.{}", number % 250)),
        user_agent: Some("aws-sdk-rust/1.0".to_owned()),
        request_id: None,
        failure: None,
        read_only: false,
        authority: Some(arn()),
        serial: Some(serial(number)),
        key: None,
        alternative_names: Vec::new(),
        what,
    }
}

pub(crate) fn role() -> Identity {
    let access_key = Some("ASIAEXAMPLE".to_owned());
    let session = Some("fleet".to_owned());
    Identity { pathless: false, access_key, session, ..Identity::of_arn(ROLE) }
}

fn issuance(id: &str, number: u64, identity: Identity) -> Event {
    event(id, number, identity, What::Issuance { template: None })
}

fn details(id: &str, number: u64) -> Event {
    let what = What::IssuanceDetails { issued: true, template: Some("T/V1".to_owned()), reason: None };
    Event {
        address: Some("acm-pca.amazonaws.com".to_owned()),
        ..event(id, number, Identity::of_arn(SESSION), what)
    }
}

/// The role is an authorised issuer, from some addresses.
fn issuers() -> Issuers {
    let addresses = vec!["10.20.0.0/25".parse().unwrap()];
    Issuers::new(vec![Issuer { addresses, ..Issuer::new(ROLE).unwrap() }])
}

fn load(database: &Database, files: &[(EventFile, Vec<Event>)]) {
    database.write(|connection| judge(connection, &add(connection, files)?, &issuers())).unwrap();
}

fn mark(database: &Database, bad: &[(&str, Proof)]) {
    let bad: BTreeMap<String, Proof> = bad.iter().map(|(key, proof)| ((*key).to_owned(), *proof)).collect();
    let mark = |connection: &_| judge(connection, &mark_bad(connection, PART, &bad)?, &issuers());
    database.write(mark).unwrap();
}

fn issuer(database: &Database, number: u64) -> Option<Issuance> {
    database.read(|connection| deeds_of(connection, &arn(), serial(number))).unwrap().issuance
}

fn listed(database: &Database, query: ActivityQuery) -> Vec<String> {
    let (lines, total, _) = database.read(|connection| list(connection, &query)).unwrap();
    assert_eq!(total, lines.len() as u64);
    lines.into_iter().map(|line| line.event.id.to_string()).collect()
}

#[test]
fn an_event_counts_once_and_from_an_intact_file() {
    let database = database();
    let forged = |id| issuance(id, 1, role());
    let honest = issuance("one", 1, Identity::of_arn(ROGUE));
    let altered = EventFile { bad: Some(Proof::Altered), ..file(1) };
    load(&database, &[(altered, vec![forged("one"), forged("one")])]);
    assert_eq!(issuer(&database, 1), None, "an altered file proves nothing");
    assert_eq!(listed(&database, ActivityQuery::default()), ["one"]);
    let both = [(file(2), vec![honest.clone()]), (file(3), vec![honest.clone()])];
    load(&database, &both);
    load(&database, &both);
    assert_eq!(issuer(&database, 1).unwrap().identity.principal, ROGUE);
    let shown = database.read(|connection| super::event(connection, &honest.id)).unwrap().unwrap();
    assert_eq!((shown.event, shown.file.seq), (honest.clone(), 2));
    assert_eq!(listed(&database, ActivityQuery::default()), ["one"]);

    // Found out later.
    let bad = [("AWSLogs/1", Proof::Altered), ("AWSLogs/2", Proof::Altered)];
    mark(&database, &bad);
    let shown = database.read(|connection| super::event(connection, &honest.id)).unwrap().unwrap();
    assert_eq!((shown.file.seq, issuer(&database, 1).is_some()), (3, true));
    mark(&database, &[bad[0], bad[1], ("AWSLogs/3", Proof::Altered)]);
    assert_eq!(issuer(&database, 1), None);
    mark(&database, &[("AWSLogs/1", Proof::Altered), ("AWSLogs/2", Proof::Missing)]);
    let shown = database.read(|connection| super::event(connection, &honest.id)).unwrap().unwrap();
    assert_eq!(
        (shown.file.seq, shown.file.bad, issuer(&database, 1).is_some()),
        (2, Some(Proof::Missing), true)
    );
}

#[test]
fn a_file_is_as_good_as_the_digests_that_cover_it() {
    let database = database();
    load(&database, &[(file(1), vec![issuance("one", 1, role())])]);
    let shown = database.read(|c| super::event(c, &"one".parse().unwrap())).unwrap().unwrap();
    let coverage = |proof| Coverage::of([Span { from: at(-10), to: at(10), proof }]);
    let proofs: Vec<Proof> = Proof::ALL.iter().map(|proof| shown.proof(&coverage(*proof))).collect();
    assert_eq!(proofs, [Proof::Proven, Proof::Unproven, Proof::Unproven, Proof::Unproven]);
    assert_eq!(shown.proof(&Coverage::default()), Proof::Unproven);
}

#[test]
fn both_events_of_an_issuance_are_one_and_the_call_says_more() {
    let database = database();
    let failed = Event {
        failure: Some(Failure { code: "AccessDenied".to_owned(), message: None }),
        ..issuance("four", 4, role())
    };
    let call = |id: &str, number: u64| {
        let what = What::Revocation { reason: Some("KEY_COMPROMISE".to_owned()) };
        Event { time: at(50), ..event(id, number, Identity::of_arn(ROGUE), what) }
    };
    let later = Event { time: at(60), ..call("r2", 1) };
    let other = Event { authority: Some(OTHER.parse().unwrap()), ..issuance("other", 6, role()) };
    let events = vec![
        details("d1", 1),
        issuance("i1", 1, role()),
        details("d2", 2),
        failed,
        later,
        call("r1", 1),
        other,
    ];
    load(&database, &[(file(1), events)]);
    let both = issuer(&database, 1).unwrap();
    assert_eq!((both.event.as_str(), both.identity, both.template.as_deref()), ("i1", role(), Some("T/V1")));
    assert_eq!(both.address.as_deref(), Some("10.20.0.1"));
    let only = issuer(&database, 2).unwrap();
    assert_eq!((only.event.as_str(), only.address, only.identity.pathless), ("d2", None, true));
    assert_eq!((issuer(&database, 4), issuer(&database, 5), issuer(&database, 6)), (None, None, None));
    let deeds = database.read(|connection| deeds_of(connection, &arn(), serial(1))).unwrap();
    assert_eq!(deeds.revocation.unwrap().event.as_str(), "r1");
}

#[test]
fn lists_are_narrowed_and_their_newest_is_first() {
    let database = database();
    let denied = Event {
        failure: Some(Failure { code: "AccessDeniedException".to_owned(), message: None }),
        serial: None,
        ..issuance("denied", 3, Identity::of_arn(ROGUE))
    };
    let other = Event { authority: Some(OTHER.parse().unwrap()), ..issuance("other", 9, role()) };
    load(&database, &[(file(1), vec![issuance("one", 1, role()), denied, other, details("details", 20)])]);
    let all = ActivityQuery::default();
    assert_eq!(listed(&database, all.clone()), ["details", "other", "denied", "one"]);
    let by =
        |identity: &str| ActivityQuery { identity: Some(identity.to_owned()), ..ActivityQuery::default() };
    assert_eq!(listed(&database, by("m_100%")), ["denied"]);
    assert_eq!(listed(&database, by("%")), ["denied"]);
    assert_eq!(listed(&database, by("role_service")), Vec::<String>::new());
    assert_eq!(listed(&database, by("asiaex")), ["other", "one"]);
    assert_eq!(listed(&database, by(" fleet ")), ["details", "other", "one"]);
    let from =
        |address: &str| ActivityQuery { address: Some(address.to_owned()), ..ActivityQuery::default() };
    assert_eq!(listed(&database, from("10.20.0.")), ["other", "denied", "one"]);
    assert_eq!(listed(&database, from("%")), Vec::<String>::new());
    let ended = |outcome| ActivityQuery { outcome: Some(outcome), ..ActivityQuery::default() };
    assert_eq!(listed(&database, ended(Outcome::Denied)), ["denied"]);
    assert_eq!(listed(&database, ended(Outcome::Failed)), ["denied"]);
    assert_eq!(listed(&database, ended(Outcome::Succeeded)), ["details", "other", "one"]);
    let authority: AuthorityArn = OTHER.parse().unwrap();
    assert_eq!(
        listed(&database, ActivityQuery { authority: Some(authority.id()), ..all.clone() }),
        ["other"]
    );
    let between = ActivityQuery { from: Some(at(3)), to: Some(at(20)), ..all.clone() };
    assert_eq!(listed(&database, between), ["other", "denied"]);
    let named = ActivityQuery { name: Some("IssueCertificateDetails".to_owned()), ..all };
    assert_eq!(listed(&database, named), ["details"]);
}

#[test]
fn what_only_reads_is_left_out_unless_it_is_asked_for_and_what_was_refused_never() {
    let database = database();
    let read = |id: &str, number, failure| Event {
        name: "GetCertificate".to_owned(),
        read_only: true,
        failure,
        ..event(id, number, role(), What::Other)
    };
    let failed = |code: &str| Some(Failure { code: code.to_owned(), message: None });
    let events = vec![
        read("too_soon", 0, failed("RequestInProgressException")),
        read("read", 1, None),
        read("refused", 2, failed("AccessDeniedException")),
        issuance("one", 3, role()),
    ];
    load(&database, &[(file(1), events)]);
    assert_eq!(listed(&database, ActivityQuery::default()), ["one", "refused"]);
    let all = ["one", "refused", "read", "too_soon"];
    assert_eq!(listed(&database, ActivityQuery { reads: true, ..ActivityQuery::default() }), all);
    assert_eq!(listed(&database, ActivityQuery::of(&IdentityKey::AccessKey("ASIAEXAMPLE".to_owned()))), all);
    let named = ActivityQuery { name: Some("GetCertificate".to_owned()), ..ActivityQuery::default() };
    assert_eq!(listed(&database, named), ["refused", "read", "too_soon"]);
}

#[test]
fn one_identity_is_one_with_and_without_its_path() {
    let database = database();
    let rogue =
        issuance("rogue", 7, Identity { access_key: Some("AKIA".to_owned()), ..Identity::of_arn(ROGUE) });
    let events = vec![issuance("i1", 1, role()), details("d1", 1), details("d2", 2), rogue];
    load(&database, &[(file(1), events)]);
    let of = |key| database.read(|connection| identity(connection, &key)).unwrap();
    let without = ROLE.replace("service/", "");
    for principal in [ROLE, without.as_str()] {
        let seen = of(IdentityKey::Principal(principal.to_owned())).unwrap();
        assert_eq!((seen.events, seen.first, seen.last), (3, at(1), at(2)), "{principal}");
        let of = |page| issued(&database, IdentityKey::Principal(principal.to_owned()), Issued::All, page);
        // Of one of them only the end is told of, which says nothing against anybody but its template.
        assert_eq!(of(0), [(serial(2), Authorisation::Authorised), (serial(1), Authorisation::Authorised)]);
        assert_eq!((of(1).len(), seen.newest.len()), (0, 3));
        let deeds: Vec<_> = seen.deeds.iter().map(|deed| (deed.name.as_str(), deed.succeeded)).collect();
        assert_eq!(deeds, [("IssueCertificateDetails", 2), ("IssueCertificate", 1)]);
        let with: Vec<_> = seen.seen_with.into_iter().map(|(key, _)| key).collect();
        let address = |text: &str| IdentityKey::Address(text.to_owned());
        let key = IdentityKey::AccessKey("ASIAEXAMPLE".to_owned());
        assert_eq!(with, [key, address("acm-pca.amazonaws.com"), address("10.20.0.1")]);
    }
    let seen = of(IdentityKey::Address("10.20.0.1".to_owned())).unwrap();
    assert_eq!((seen.events, &seen.seen_with[0]), (1, &(IdentityKey::Principal(ROLE.to_owned()), 1)));
    let seen = of(IdentityKey::AccessKey("AKIA".to_owned())).unwrap();
    assert_eq!(seen.events, 1);
    let key = IdentityKey::AccessKey("AKIA".to_owned());
    assert_eq!(issued(&database, key, Issued::All, 0), [(serial(7), Authorisation::NotAnIssuer)]);
    assert!(of(IdentityKey::AccessKey("ASIA".to_owned())).is_none());
}

#[test]
fn a_strip_has_the_last_hours_by_address_and_takes_the_rarest_together() {
    let database = database();
    let call = |id: String, hours: i64, address: &str, failed: bool| Event {
        time: at(-60 * hours),
        address: Some(address.to_owned()),
        failure: failed.then(|| Failure { code: "AccessDeniedException".to_owned(), message: None }),
        ..issuance(&id, 1, role())
    };
    let mut events: Vec<_> =
        (0..12).map(|n| call(format!("r{n}"), 1, &format!("192.0.2.{n}"), false)).collect();
    events.extend((0..3).map(|n| call(format!("m{n}"), 0, "10.20.0.1", n == 2)));
    events.extend([
        call("first".to_owned(), 47, "10.20.0.1", false),
        call("early".to_owned(), 48, "10.20.0.1", false),
    ]);
    load(&database, &[(file(1), events)]);
    let strip = |key| database.read(|connection| identity(connection, &key)).unwrap().unwrap().strip;
    let of_role = strip(IdentityKey::Principal(ROLE.to_owned()));
    let sums =
        |row: &domain::views::StripRow| row.hours.iter().map(|hour| (hour.succeeded, hour.failed)).collect();
    let rows: Vec<(_, Vec<_>)> = of_role.rows.iter().map(|row| (row.by.clone(), sums(row))).collect();
    assert_eq!(rows.len(), 9);
    assert_eq!(rows[0], (Some(IdentityKey::Address("10.20.0.1".to_owned())), vec![(1, 0), (2, 1)]));
    assert_eq!(rows[8], (None, vec![(5, 0)]), "the others in one");
    assert_eq!((of_role.hours, of_role.from.unix() % 3600), (48, 0));
    assert_eq!(of_role.from.unix(), at(-60 * 47).unix() / 3600 * 3600, "not the hour before");
    let of_address = strip(IdentityKey::Address("10.20.0.1".to_owned()));
    let by = of_address.rows.into_iter().map(|row| row.by).collect::<Vec<_>>();
    assert_eq!(by, [Some(IdentityKey::Principal(ROLE.replace("service/", "")))]);
}

#[test]
fn all_that_an_identity_had_issued_is_found_and_nothing_of_others() {
    const THEFT: std::ops::Range<u64> = 1000..1120;
    let database = database();
    let stolen = Identity { access_key: Some("AKIA".to_owned()), ..role() };
    let of_thief = THEFT.map(|number| issuance(&format!("t{number}"), number, stolen.clone()));
    let of_others = (1..300).map(|number| issuance(&format!("o{number}"), number, role()));
    let elsewhere = Event { authority: Some(OTHER.parse().unwrap()), ..issuance("e", 2000, stolen.clone()) };
    let altered = vec![issuance("a", 3000, stolen.clone())];
    load(&database, &[(file(1), of_thief.chain(of_others).chain([elsewhere]).collect())]);
    load(&database, &[(EventFile { bad: Some(Proof::Altered), ..file(2) }, altered)]);
    let found = |from: Option<i64>, to: Option<i64>, most| {
        let by = (IdentityKey::AccessKey("AKIA".to_owned()), Issued::All, from.map(at), to.map(at));
        let serials = database.read(|connection| issued_by(connection, &arn(), &by, most)).unwrap();
        serials.into_iter().collect::<BTreeSet<Serial>>()
    };
    assert_eq!(found(None, None, 1000), THEFT.map(serial).collect(), "more than a page of them");
    assert_eq!(found(Some(1010), Some(1020), 1000), (1010..1020).map(serial).collect());
    assert_eq!(found(None, None, 7).len(), 7);
    let by = (IdentityKey::AccessKey("AKIA".to_owned()), Issued::All, None, None);
    let counts = database.read(|connection| issued_by_authority(connection, &by)).unwrap();
    assert_eq!(counts, [(arn(), 120), (OTHER.parse().unwrap(), 1)].into());
}

#[test]
fn the_unauthorised_come_first_and_nothing_authorised_is_among_them() {
    let database = database();
    // From 10.20.0.125 on the addresses are not the role's.
    let numbers = 100..200;
    let events = numbers.clone().map(|number| issuance(&format!("i{number}"), number, role())).collect();
    load(&database, &[(file(1), events)]);
    let role = || IdentityKey::Principal(ROLE.to_owned());
    let pages: Vec<_> = (0..3).flat_map(|page| issued(&database, role(), Issued::All, page)).collect();
    let expected =
        |range: std::ops::Range<u64>, judgement| range.rev().map(move |number| (serial(number), judgement));
    let theirs = expected(128..200, Authorisation::OtherAddress);
    let whole: Vec<_> = theirs.clone().chain(expected(100..128, Authorisation::Authorised)).collect();
    assert_eq!(pages, whole);
    let by = |only| (role(), only, None, None);
    let taken = |only| {
        let taken = database.read(|connection| issued_by(connection, &arn(), &by(only), 1000)).unwrap();
        taken.into_iter().collect::<BTreeSet<Serial>>()
    };
    assert_eq!(taken(Issued::Unauthorised), theirs.map(|(serial, _)| serial).collect());
    assert_eq!(taken(Issued::Authorised), (100..128).map(serial).collect());
    let judged = database.read(|connection| judged(connection, &role())).unwrap();
    assert_eq!(judged, [(Authorisation::Authorised, 28), (Authorisation::OtherAddress, 72)].into());
    // What is altered later takes its judgements with it.
    mark(&database, &[("AWSLogs/1", Proof::Altered)]);
    assert_eq!(issued(&database, role(), Issued::All, 0), []);
}

fn issued(database: &Database, key: IdentityKey, only: Issued, page: u32) -> Vec<(Serial, Authorisation)> {
    let page = database.read(|connection| issued_page(connection, &key, only, page)).unwrap();
    page.into_iter().map(|one| (one.serial, one.authorisation)).collect()
}

#[test]
fn many_events_are_loaded_quickly_and_gone_through_in_step() {
    const CERTIFICATES: u64 = 20_000;
    let database = database();
    let started = Instant::now();
    for chunk in 0..20 {
        let numbers = chunk * CERTIFICATES / 20..(chunk + 1) * CERTIFICATES / 20;
        let events = numbers.flat_map(|number| {
            let number_of = |what: &str| format!("{what}-{number}");
            [issuance(&number_of("i"), number, role()), details(&number_of("d"), number)]
        });
        load(&database, &[(file(chunk + 1), events.collect())]);
    }
    let loaded = started.elapsed();
    let mut serials: Vec<Serial> = (0..CERTIFICATES).step_by(2).map(serial).collect();
    serials.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    let started = Instant::now();
    let found = database.read(|connection| {
        let mut statement = connection.prepare(&all_deeds())?;
        let mut cursor = DeedCursor::new(&mut statement, &arn(), &Range::default())?;
        serials.iter().map(|serial| cursor.take(*serial)).collect::<Result<Vec<_>, _>>()
    });
    let found = found.unwrap();
    assert!(found.iter().all(|deeds| deeds.issuance.as_ref().is_some_and(|one| one.identity == role())));
    eprintln!("{} events loaded in {loaded:?}, gone through in {:?}", 2 * CERTIFICATES, started.elapsed());
}
