//! Which alerts come out of which events, in whatever order and however often they come.

use proptest::prelude::*;

use super::*;
use crate::alerts::alerts_of;
use crate::finding::FindingId;
use crate::foreign::{Text, stored_json};
use crate::trail::{Failure, Identity, Issuer, RevocationMeans};

mod bounds;

const ARN: &str = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/1122";
const OTHER: &str = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/9999";
const GOOD: &str = "arn:aws:iam::111122223333:role/service/provisioning";
const ROGUE: &str = "arn:aws:iam::111122223333:role/legacy-deploy";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_700_006_400 + seconds).unwrap()
}

fn part() -> TrailPart {
    TrailPart { account: "111122223333".to_owned(), region: "eu-central-1".to_owned() }
}

fn rules() -> Rules {
    let bounded = Issuer { addresses: vec!["10.20.0.0/16".parse().unwrap()], ..Issuer::new(GOOD).unwrap() };
    Rules {
        issuers: Issuers::new(vec![bounded]),
        watched: vec![Watched { arn: ARN.parse().unwrap(), report_bucket: "reports".to_owned() }],
        denied: 3,
        denied_within: Duration::from_secs(600),
        burst: 4,
        burst_within: Duration::from_secs(60),
        trail_bucket: "trail".to_owned(),
        trail_key: Some("arn:aws:kms:eu-central-1:111122223333:key/1234".to_owned()),
        delay: Duration::from_secs(3600),
    }
}

fn event(id: &str, seconds: i64, who: &str, what: What) -> Event {
    let name = match &what {
        What::Issuance { .. } => "IssueCertificate",
        What::IssuanceDetails { .. } => "IssueCertificateDetails",
        What::TrailChange => "StopLogging",
        _ => "Other",
    };
    Event {
        id: id.parse().unwrap(),
        time: at(seconds),
        name: name.to_owned(),
        source: "acm-pca.amazonaws.com".to_owned(),
        region: "eu-central-1".to_owned(),
        account: Some("111122223333".to_owned()),
        identity: Identity::of_arn(who),
        address: Some("10.20.0.15".to_owned()),
        user_agent: None,
        request_id: None,
        failure: None,
        read_only: false,
        authority: Some(ARN.parse().unwrap()),
        serial: None,
        key: None,
        alternative_names: Vec::new(),
        what,
    }
}

fn issue(id: &str, seconds: i64, who: &str, serial: &str) -> Event {
    Event {
        serial: Some(serial.parse().unwrap()),
        ..event(id, seconds, who, What::Issuance { template: None })
    }
}

fn details(id: &str, seconds: i64, who: &str, serial: &str) -> Event {
    let what = What::IssuanceDetails { issued: true, template: None, reason: None };
    let address = Some("acm-pca.amazonaws.com".to_owned());
    Event { serial: Some(serial.parse().unwrap()), address, ..event(id, seconds, who, what) }
}

fn refuse(id: &str, seconds: i64, who: &str) -> Event {
    let message = format!(
        "User: {who} is not authorized to perform: acm-pca:IssueCertificate on resource: {ARN} because no"
    );
    let failure = Failure { code: "AccessDenied".to_owned(), message: Some(message) };
    // As CloudTrail has it: without what was asked for.
    Event {
        failure: Some(failure),
        authority: None,
        ..event(id, seconds, who, What::Issuance { template: None })
    }
}

/// What comes out, as lines. Of each event that an alert names, the alert is found again.
fn raise(events: &[Event]) -> Vec<String> {
    let raised = rules().events(&part(), events, &mut Memory::default(), at(0));
    raised
        .into_iter()
        .map(|raised| match raised {
            Raised::Issued(issued) => format!("{:?} {}", issued.authorisation, issued.serial),
            Raised::OfBurst(issued) => format!("of a burst {}", issued.serial),
            Raised::Alert(alert) => {
                for event in events.iter().filter(|event| alert.facts.events.contains(&event.id)) {
                    assert!(alerts_of(event, &part()).contains(&alert.id()), "{event:?}");
                }
                format!("{} x{}", alert.id(), alert.facts.count)
            }
        })
        .collect()
}

#[test]
fn one_event_says_enough_of_some_things() {
    let failed = |event: Event| Event {
        failure: Some(Failure { code: "InvalidStateException".to_owned(), message: None }),
        ..event
    };
    let of = |authority: &str, event: Event| Event { authority: Some(authority.parse().unwrap()), ..event };
    let disabled = |status: &str| {
        event("e", 0, GOOD, What::AuthorityUpdate { status: Some(status.to_owned()), off: Vec::new() })
    };
    let update = |off: &[RevocationMeans]| {
        event("e", 0, GOOD, What::AuthorityUpdate { status: None, off: off.to_vec() })
    };
    let storage = |bucket: Option<&str>, key: Option<&str>| {
        let (bucket, key) = (bucket.map(str::to_owned), key.map(str::to_owned));
        Event { authority: None, ..event("e", 0, GOOD, What::StorageChange { bucket, key }) }
    };
    let report =
        |bucket: Option<&str>| event("e", 0, GOOD, What::AuditReport { bucket: bucket.map(str::to_owned) });
    let stolen = Event { address: Some("192.0.2.66".to_owned()), ..issue("e", 0, GOOD, "0a") };
    let template =
        |name: &str| What::Issuance { template: Some(format!("arn:aws:acm-pca:::template/{name}")) };
    let ca = Event { what: template("RootCACertificate/V1"), ..issue("e", 0, ROGUE, "0a") };
    let service = Event { identity: Identity::service("acm.amazonaws.com"), ..issue("e", 0, ROGUE, "0a") };
    let account = Identity { kind: IdentityKind::Account, ..Identity::unknown() };
    let account = Event { identity: account, ..issue("e", 0, ROGUE, "0a") };
    for (event, expected) in [
        (issue("e", 0, GOOD, "0a"), None),
        (issue("e", 0, ROGUE, "0a"), Some("NotAnIssuer 0a")),
        (stolen, Some("OtherAddress 0a")),
        (failed(issue("e", 0, ROGUE, "0a")), None),
        (of(OTHER, issue("e", 0, ROGUE, "0a")), None),
        (ca, None),
        (service, Some("NotAnIssuer 0a")),
        (account, None),
        (disabled("DISABLED"), Some("authority_changed.1122.e x1")),
        (disabled("ACTIVE"), None),
        (failed(disabled("DISABLED")), None),
        (of(OTHER, disabled("DISABLED")), None),
        (update(&[RevocationMeans::Crl]), Some("revocation_switched_off.1122.e x1")),
        (update(&[]), None),
        (failed(update(&[RevocationMeans::Ocsp])), None),
        (of(OTHER, update(&[RevocationMeans::Ocsp])), None),
        (event("e", 0, GOOD, What::Sharing { with: None }), Some("authority_shared.1122.e x1")),
        (event("e", 0, GOOD, What::CertificateImport), Some("certificate_imported.1122.e x1")),
        (storage(Some("trail"), None), Some("storage_changed.111122223333_eu-central-1.e x1")),
        (storage(Some("reports"), None), Some("storage_changed.111122223333_eu-central-1.e x1")),
        (storage(Some("somebody-elses"), None), None),
        (storage(None, Some("1234")), Some("storage_changed.111122223333_eu-central-1.e x1")),
        (storage(None, Some("arn:aws:kms:eu-central-1:111122223333:key/9999")), None),
        (event("e", 0, GOOD, What::Deletion), Some("authority_changed.1122.e x1")),
        (report(Some("reports")), None),
        (report(Some("elsewhere")), Some("report_bucket_changed.1122.e x1")),
        (report(None), Some("report_bucket_changed.1122.e x1")),
        (failed(report(Some("elsewhere"))), None),
        (
            event("e", 60, GOOD, What::TrailChange),
            Some("trail_stopped.111122223333_eu-central-1.2023-11-15T00 x1"),
        ),
        (failed(event("e", 60, GOOD, What::TrailChange)), None),
        (event("e", 0, ROGUE, What::Revocation { reason: None }), None),
        (event("e", 0, ROGUE, What::Other), None),
    ] {
        assert_eq!(
            raise(std::slice::from_ref(&event)),
            expected.into_iter().collect::<Vec<_>>(),
            "{event:?}"
        );
    }
}

#[test]
fn refusals_count_within_their_time_by_identity_and_authority() {
    let denied = |id: &str| format!("issuance_denied.{id}");
    let user = "arn:aws:iam::111122223333:user/ci-build";
    let at_once: Vec<Event> = (0..5).map(|n| refuse(&format!("e{n}"), n * 60, user)).collect();
    assert_eq!(raise(&at_once), [format!("{} x5", denied(&format!("1122.{user}")))]);
    assert_eq!(raise(&at_once[..2]), [""; 0]);
    let repeated: Vec<Event> = at_once[..2].iter().cycle().take(20).cloned().collect();
    assert_eq!(raise(&repeated), [""; 0], "the same event is one");
    let slow: Vec<Event> = (0..9).map(|n| refuse(&format!("e{n}"), n * 301, user)).collect();
    assert_eq!(raise(&slow), [""; 0], "the third comes too late each time");
    let several: Vec<Event> = (0..4).map(|n| refuse(&format!("e{n}"), n, &format!("{user}-{n}"))).collect();
    assert_eq!(raise(&several), [""; 0], "nobody three times");
    // Neither the record nor its message says which authority.
    let unnamed = at_once.iter().map(|event| Event {
        failure: Some(Failure { code: "AccessDeniedException".to_owned(), message: None }),
        ..event.clone()
    });
    let unnamed: Vec<Event> = unnamed.collect();
    assert_eq!(raise(&unnamed), [format!("{} x5", denied(&format!("111122223333_eu-central-1.{user}")))]);
    let others =
        at_once.iter().map(|event| Event { authority: Some(OTHER.parse().unwrap()), ..event.clone() });
    assert_eq!(raise(&others.collect::<Vec<_>>()), [""; 0], "another authority");
    let wrong = at_once.iter().map(|event| Event {
        failure: Some(Failure { code: "InvalidArgsException".to_owned(), message: None }),
        ..event.clone()
    });
    assert_eq!(raise(&wrong.collect::<Vec<_>>()), [""; 0], "it failed, but was not refused");
}

#[test]
fn the_newest_burst_counts_and_the_first_of_its_events_are_named() {
    let mut memory = Memory::default();
    let mut events: Vec<Event> = (0..4).map(|n| refuse(&format!("a{n}"), n, ROGUE)).collect();
    events.extend((0..30).map(|n| refuse(&format!("b{n:02}"), 86_400 + n, ROGUE)));
    let raised = rules().events(&part(), &events, &mut memory, at(0));
    let [Raised::Alert(alert)] = raised.as_slice() else { panic!("{raised:?}") };
    assert_eq!((alert.facts.count, alert.facts.events.len(), alert.facts.at), (30, 20, at(86_429)));
    assert_eq!(alert.facts.events[0].as_str(), "b00");
    assert!(alert.facts.what.contains("legacy-deploy was refused the issuance of certificates 30 times"));
}

#[test]
fn one_call_long_after_a_burst_is_no_news() {
    let (rules, mut memory) = (rules(), Memory::default());
    let burst: Vec<Event> = (0..5).map(|n| refuse(&format!("e{n}"), n, ROGUE)).collect();
    assert_eq!(rules.events(&part(), &burst, &mut memory, at(0)).len(), 1);
    let late = Event { address: Some("192.0.2.99".to_owned()), ..refuse("late", 5_000_000, ROGUE) };
    assert_eq!(rules.events(&part(), &[late], &mut memory, at(0)), []);
    // Of what is told again, who and from where is still that of the burst.
    let again = rules.events(&part(), &[refuse("e5", 5, ROGUE)], &mut memory, at(0));
    let [Raised::Alert(alert)] = again.as_slice() else { panic!("{again:?}") };
    assert_ne!(alert.facts.address.as_deref(), Some("192.0.2.99"));
    assert_eq!(alert.facts.count, 6);
}

#[test]
fn details_alone_wait_for_the_call() {
    let (rules, mut memory) = (rules(), Memory::default());
    let one = [details("d1", 10, ROGUE, "0a")];
    assert!(rules.events(&part(), &one, &mut memory, at(60)).is_empty());
    assert!(rules.overdue(&mut memory, at(60 + 3599)).is_empty());
    let overdue = rules.overdue(&mut memory, at(60 + 3600));
    assert_eq!(overdue.len(), 1);
    assert_eq!(overdue[0].issuance.address, None, "whose address would that be?");
    assert!(rules.overdue(&mut memory, at(60 + 3600)).is_empty());
    // The call says it better, and from where.
    rules.events(&part(), &one, &mut memory, at(60));
    let both = rules.events(&part(), &[issue("i1", 9, ROGUE, "0a")], &mut memory, at(61));
    assert_eq!(both.len(), 1);
    assert!(rules.overdue(&mut memory, at(99_999)).is_empty());
    // Nothing is lost when too many wait.
    let many: Vec<Event> =
        (1..=40).map(|n| details(&format!("d{n}"), n, ROGUE, &format!("{n:02x}"))).collect();
    let early = rules.events(&part(), &many, &mut memory, at(60)).len();
    assert_eq!(early + rules.overdue(&mut memory, at(99_999)).len(), 40);
}

#[test]
fn holes_are_told_by_the_hour_unless_a_call_explains_them() {
    let defect = |seconds: i64, is_gap: bool| Defect {
        proof: crate::trail::Proof::Altered,
        from: at(seconds),
        is_gap,
        object: format!("key{seconds}"),
        what: "It is not there.".to_owned(),
    };
    let lines = |defects: &[Defect], memory: &Memory| -> Vec<String> {
        let alerts = rules().defects(&part(), defects, memory);
        alerts.iter().map(|alert| format!("{} x{}", alert.id(), alert.facts.count)).collect()
    };
    let altered = "trail_altered.111122223333_eu-central-1.2023-11-15T00";
    let mut memory = Memory::default();
    assert_eq!(lines(&[defect(30, false), defect(10, false)], &memory), [format!("{altered} x2")]);
    let gap = [defect(3600 * 5, true)];
    assert_eq!(lines(&gap, &memory), ["trail_stopped.111122223333_eu-central-1.2023-11-15T05 x1"]);
    for (seconds, explains) in
        [(3600 * 3 - 1, false), (3600 * 3, true), (3600 * 6, true), (3600 * 6 + 1, false)]
    {
        memory = Memory::default();
        rules().events(&part(), &[event("s", seconds, ROGUE, What::TrailChange)], &mut memory, at(0));
        assert_eq!(lines(&gap, &memory).is_empty(), explains, "{seconds}");
        assert_eq!(lines(&[defect(3600 * 5, false)], &memory).len(), 1, "what is altered stays altered");
    }
}

#[test]
fn so_many_certificates_at_once_are_one_alert_whoever_has_them_issued() {
    let issued = |who: &str, seconds: &[i64]| {
        let of = |(number, seconds): (usize, &i64)| {
            issue(&format!("e{number}"), *seconds, who, &format!("{:02x}", number + 1))
        };
        seconds.iter().enumerate().map(of).collect::<Vec<_>>()
    };
    let burst = |who| format!("issuance_burst.1122.{who} x4");
    assert_eq!(raise(&issued(GOOD, &[0, 20, 40, 60])), [burst(GOOD)], "an authorised identity, too");
    assert_eq!(raise(&issued(GOOD, &[0, 20, 40, 61])), [""; 0], "not within a minute");
    let told = raise(&issued(ROGUE, &[-300, 0, 20, 40, 60]));
    let of_burst = ["02", "03", "04", "05"].map(|serial| format!("of a burst {serial}"));
    assert_eq!(told, [&["NotAnIssuer 01".to_owned()], &of_burst[..], &[burst(ROGUE)]].concat());
    // What comes later is told with the burst that it belongs to.
    let (rules, mut memory) = (rules(), Memory::default());
    let all = issued(ROGUE, &[0, 20, 40, 60, 61]);
    let (first, rest) = all.split_at(4);
    rules.events(&part(), first, &mut memory, at(0));
    let later = rules.events(&part(), rest, &mut memory, at(0));
    let [Raised::OfBurst(_), Raised::Alert(alert)] = later.as_slice() else { panic!("{later:?}") };
    assert_eq!(alert.facts.count, 5);
}

/// Few identities, few times, few certificates: so that they meet.
fn any_event() -> impl Strategy<Value = Event> {
    let who = || prop_oneof![Just(GOOD), Just(ROGUE), Just("arn:aws:iam::111122223333:user/ci")];
    (0..5_u8, 0..40_i64, who(), 0..6_u8).prop_map(|(what, slot, who, number)| {
        // The id says it all: events of one id are the same event.
        let id = format!("{what}-{slot}-{}-{number}", Identity::of_arn(who).short());
        let seconds = slot * 97;
        // Who had a certificate issued is the same in both of its events.
        let owner = [GOOD, ROGUE, "arn:aws:iam::111122223333:user/ci"][usize::from(number) % 3];
        let serial = format!("{:02x}", number + 1);
        match what {
            0 => issue(&format!("0-{number}"), i64::from(number) * 61, owner, &serial),
            1 => details(&format!("1-{number}"), i64::from(number) * 61 + 1, owner, &serial),
            2 => refuse(&id, seconds, who),
            3 => event(&id, seconds * 60, who, What::TrailChange),
            _ => event(&id, seconds, who, What::Deletion),
        }
    })
}

/// Everything that comes out of events that come in these parts, by finding, as it was said last.
fn all(parts: &[&[Event]]) -> BTreeMap<String, Option<AlertFacts>> {
    let (burst, burst_within) = (2, Duration::from_secs(200));
    let (rules, mut memory) = (Rules { burst, burst_within, ..rules() }, Memory::default());
    let mut raised: Vec<Raised> = Vec::new();
    for some in parts {
        raised.extend(rules.events(&part(), *some, &mut memory, at(0)));
    }
    raised.extend(rules.overdue(&mut memory, at(9_999_999)).into_iter().map(Raised::Issued));
    let said = raised.into_iter().map(|raised| match raised {
        Raised::Issued(issued) | Raised::OfBurst(issued) => {
            (format!("{} {}", issued.authority, issued.serial), None)
        }
        Raised::Alert(alert) => {
            let id: FindingId = alert.id();
            (id.to_string(), Some(alert.facts))
        }
    });
    said.collect()
}

proptest! {
    #[test]
    fn order_and_duplicates_change_nothing(
        events in prop::collection::vec(any_event(), 0..60),
        again in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        order in any::<u64>(),
        chunk in 1..20_usize,
    ) {
        let mut other = events.clone();
        if !events.is_empty() {
            other.extend(again.iter().map(|index| index.get(&events).clone()));
        }
        // Any order will do, as long as it is another one.
        let mixed = |event: &Event, place: usize| {
            let seed = event.time.unix().unsigned_abs() ^ u64::try_from(place).unwrap();
            seed.wrapping_mul(order | 1).rotate_left(17).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        };
        let mut placed: Vec<(u64, Event)> =
            other.into_iter().enumerate().map(|(place, event)| (mixed(&event, place), event)).collect();
        placed.sort_by_key(|(place, _)| *place);
        let other: Vec<Event> = placed.into_iter().map(|(_, event)| event).collect();
        let parts: Vec<&[Event]> = other.chunks(chunk).collect();
        prop_assert_eq!(all(&[&events]), all(&parts));
    }
}
