//! The state of lists in their addresses: reading a query, and writing it (`paths.rs` puts it behind a path).
//!
//! An address that says something unknown is an error that the page shows, never a list that looks unfiltered.

mod certificates;
mod exports;
mod ledger;

use std::collections::BTreeMap;

use domain::FindingKind;
use domain::finding::FindingStateName;
use domain::preferences::OwnList;
use domain::revocation::RequestState;
use domain::trail::Outcome;
use domain::views::{
    ActivityQuery, CalendarUnit, CertificateQuery, ExpiryQuery, FindingQuery, FindingSort, Foretold,
    IdentityKey, IdentityQuery, Inbox, Issued, Narrowed, Place, RequestQuery, Selection,
};
use domain::{AuthorityId, FindingId, RevocationReason, Serial, Severity};

use crate::address::{Pairs, Query, unknown};
use crate::error::AppError;

pub(crate) use certificates::write_certificates;
pub use certificates::{
    CertificateAddress, OPERATOR, PROPERTY, VALUE, Wrong, read_certificate_list, read_certificates,
};
pub use exports::Exported;
pub use ledger::read_ledger;
pub(crate) use ledger::write_ledger;

/// The name of the search box, in the bar and on the list of certificates: a device, a serial in any form, a subject.
pub const LOOKUP: &str = "q";

/// The name of each finding that is chosen, in the address of those that are handled together.
pub const CHOSEN: &str = "finding";

/// Whose findings a list shows, and which are due, where it shows not all.
pub(crate) const ME: &str = "me";
pub(crate) const OVERDUE: &str = "overdue";

pub fn read_together(pairs: &Pairs) -> Result<Vec<FindingId>, AppError> {
    pairs.all(CHOSEN)
}

pub fn read_findings(pairs: &Pairs) -> Result<FindingQuery, AppError> {
    Ok(FindingQuery {
        severity: pairs.one_of("severity", Severity::ALL, Severity::name)?,
        kind: pairs.get::<FindingKind>("kind")?,
        state: pairs.one_of("state", FindingStateName::ALL, FindingStateName::name)?,
        authority: pairs.get::<AuthorityId>("authority")?,
        mine: pairs.one_of("owner", &[ME], |me| me)?.is_some(),
        overdue: pairs.one_of("due", &[OVERDUE], |overdue| overdue)?.is_some(),
        sort: pairs.one_of("sort", FindingSort::ALL, FindingSort::name)?.unwrap_or_default(),
        page: pairs.page()?,
    })
}

pub(crate) fn write_findings(query: &FindingQuery) -> Query {
    Query::new()
        .with("severity", query.severity.map_or("", Severity::name))
        .with("kind", query.kind.map_or("", FindingKind::name))
        .with("state", query.state.map_or("", FindingStateName::name))
        .with("authority", text(query.authority.as_ref()))
        .with("owner", if query.mine { ME } else { "" })
        .with("due", if query.overdue { OVERDUE } else { "" })
        .with("sort", if query.sort == FindingSort::default() { "" } else { query.sort.name() })
        .with("page", page(query.page))
}

/// What `text` narrows a list to and how it orders it, whatever the page, as its address says it.
pub(crate) fn read_own_list(list: OwnList, text: &str) -> Result<Query, AppError> {
    let pairs = Pairs::of(text);
    Ok(match list {
        OwnList::Certificates => {
            write_certificates(&CertificateQuery { place: Place::First, ..read_certificates(&pairs)? })
        }
        OwnList::Findings => write_findings(&FindingQuery { page: 0, ..read_findings(&pairs)? }),
    })
}

pub fn read_expiry(pairs: &Pairs) -> Result<ExpiryQuery, AppError> {
    Ok(ExpiryQuery {
        unit: pairs.one_of("by", CalendarUnit::ALL, CalendarUnit::name)?.unwrap_or_default(),
        authority: pairs.get::<AuthorityId>("authority")?,
        from: pairs.moment("from")?,
    })
}

pub(crate) fn write_expiry(query: &ExpiryQuery) -> Query {
    Query::new()
        .with("by", if query.unit == CalendarUnit::default() { "" } else { query.unit.name() })
        .with("authority", text(query.authority.as_ref()))
        .with("from", text(query.from.as_ref()))
}

pub fn read_activity(pairs: &Pairs) -> Result<ActivityQuery, AppError> {
    let text = |name: &str| pairs.text(name).map(str::to_owned);
    Ok(ActivityQuery {
        name: text("event"),
        identity: text("identity"),
        address: text("address"),
        outcome: pairs.one_of("result", Outcome::ALL, Outcome::name)?,
        authority: pairs.get::<AuthorityId>("authority")?,
        from: pairs.moment("from")?,
        to: pairs.moment("to")?,
        page: pairs.page()?,
    })
}

pub(crate) fn write_activity(query: &ActivityQuery) -> Query {
    Query::new()
        .with("event", query.name.as_deref().unwrap_or_default())
        .with("identity", query.identity.as_deref().unwrap_or_default())
        .with("address", query.address.as_deref().unwrap_or_default())
        .with("result", query.outcome.map_or("", Outcome::name))
        .with("authority", text(query.authority.as_ref()))
        .with("from", text(query.from.as_ref()))
        .with("to", text(query.to.as_ref()))
        .with("page", page(query.page))
}

pub fn read_identity(pairs: &Pairs) -> Result<IdentityQuery, AppError> {
    Ok(IdentityQuery { key: read_identity_key(pairs)?, only: read_issued(pairs)?, page: pairs.page()? })
}

pub(crate) fn write_identity(query: &IdentityQuery) -> Query {
    write_identity_key(&query.key, query.only).with("page", page(query.page))
}

fn read_issued(pairs: &Pairs) -> Result<Issued, AppError> {
    Ok(pairs.one_of("issued", Issued::ALL, Issued::name)?.unwrap_or_default())
}

/// An address names exactly one principal, access key or source address.
fn read_identity_key(pairs: &Pairs) -> Result<IdentityKey, AppError> {
    let said = |name: &str| pairs.text(name).map(str::to_owned);
    let keys = [
        said("principal").map(IdentityKey::Principal),
        said("key").map(IdentityKey::AccessKey),
        said("address").map(IdentityKey::Address),
    ];
    let mut named = keys.into_iter().flatten();
    match (named.next(), named.next()) {
        (Some(key), None) => Ok(key),
        _ => Err(AppError::invalid(
            "principal",
            "The address must name one principal, one access key or one source address.",
        )),
    }
}

fn write_identity_key(key: &IdentityKey, only: Issued) -> Query {
    let query = match key {
        IdentityKey::Principal(principal) => Query::new().with("principal", principal),
        IdentityKey::AccessKey(key) => Query::new().with("key", key),
        IdentityKey::Address(address) => Query::new().with("address", address),
    };
    query.with("issued", if only == Issued::default() { "" } else { only.name() })
}

pub fn read_requests(pairs: &Pairs) -> Result<RequestQuery, AppError> {
    Ok(RequestQuery {
        inbox: pairs.one_of("inbox", Inbox::ALL, Inbox::name)?.unwrap_or_default(),
        state: pairs.one_of("state", RequestState::ALL, RequestState::name)?,
        authority: pairs.get::<AuthorityId>("authority")?,
        reason: pairs.one_of("reason", RevocationReason::ALL, RevocationReason::aws)?,
        requester: pairs.text("requester").map(str::to_owned),
        from: pairs.moment("from")?,
        to: pairs.moment("to")?,
        before: pairs.get("before")?,
    })
}

pub(crate) fn write_requests(query: &RequestQuery) -> Query {
    Query::new()
        .with("inbox", if query.inbox == Inbox::default() { "" } else { query.inbox.name() })
        .with("state", query.state.map_or("", RequestState::name))
        .with("authority", text(query.authority.as_ref()))
        .with("reason", query.reason.map_or("", RevocationReason::aws))
        .with("requester", query.requester.as_deref().unwrap_or_default())
        .with("from", text(query.from.as_ref()))
        .with("to", text(query.to.as_ref()))
        .with("before", text(query.before.as_ref()))
}

/// Which part of a request's certificates a page lists.
pub fn read_narrowed(pairs: &Pairs) -> Result<Narrowed, AppError> {
    Ok(Narrowed { only: pairs.one_of("only", Foretold::ALL, Foretold::name)?, page: pairs.page()? })
}

pub(crate) fn write_narrowed(query: Query, narrowed: Narrowed) -> Query {
    query.with("only", narrowed.only.map_or("", Foretold::name)).with("page", page(narrowed.page))
}

/// Stands before a selection that takes in others for their keys.
const WITH_SAME_KEYS: &str = "same-keys:";

/// What a request is asked about, as the address and the form of a new one say it: `kind:…`.
pub fn read_selection(text: &str) -> Result<Selection, AppError> {
    match text.strip_prefix(WITH_SAME_KEYS) {
        Some(chosen) => read_chosen(chosen).map(Selection::with_same_keys),
        None => read_chosen(text),
    }
}

fn read_chosen(text: &str) -> Result<Selection, AppError> {
    let wrong = || unknown("of");
    let (kind, rest) = text.split_once(':').ok_or_else(wrong)?;
    let list = |despite_unread| {
        rest.parse().map(|id| Selection::List { id, despite_unread }).map_err(|_| unknown("of"))
    };
    match kind {
        "serials" => {
            let serials = rest.split_whitespace().map(|serial| serial.parse().map_err(|_| wrong()));
            Ok(Selection::Serials(serials.collect::<Result<_, _>>()?))
        }
        "each" => {
            let mut named = BTreeMap::new();
            for part in rest.split(',') {
                let mut words = part.split_whitespace();
                let authority = words.next().and_then(|word| word.parse().ok()).ok_or_else(wrong)?;
                let serials = words.map(|serial| serial.parse().map_err(|_| wrong()));
                named.insert(authority, serials.collect::<Result<_, _>>()?);
            }
            Ok(Selection::Named(named))
        }
        "list" => list(false),
        "readable" => list(true),
        "certificates" => read_certificates(&Pairs::of(rest)).map(Selection::Matching),
        "issued" => {
            let pairs = Pairs::of(rest);
            let (from, to) = (pairs.moment("from")?, pairs.moment("to")?);
            let only = read_issued(&pairs)?;
            Ok(Selection::IssuedBy { key: read_identity_key(&pairs)?, only, from, to })
        }
        _ => Err(wrong()),
    }
}

pub(crate) fn write_selection(of: &Selection) -> String {
    match of {
        Selection::Serials(serials) => {
            let serials: Vec<String> = serials.iter().map(Serial::to_string).collect();
            format!("serials:{}", serials.join(" "))
        }
        Selection::Named(named) => {
            let part = |(authority, serials): (&AuthorityId, &Vec<Serial>)| {
                serials.iter().fold(authority.to_string(), |text, serial| format!("{text} {serial}"))
            };
            format!("each:{}", named.iter().map(part).collect::<Vec<_>>().join(","))
        }
        Selection::List { id, despite_unread: false } => format!("list:{id}"),
        Selection::List { id, despite_unread: true } => format!("readable:{id}"),
        Selection::Matching(query) => {
            // Order and page choose nothing.
            let query = CertificateQuery { filter: query.filter.clone(), ..CertificateQuery::default() };
            format!("certificates:{}", write_certificates(&query).text())
        }
        Selection::IssuedBy { key, only, from, to } => {
            let query = write_identity_key(key, *only)
                .with("from", text(from.as_ref()))
                .with("to", text(to.as_ref()));
            format!("issued:{}", query.text())
        }
        Selection::WithSameKeys(of) => format!("{WITH_SAME_KEYS}{}", write_selection(of)),
    }
}

fn text(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// Nothing for the first page: the plain address is the list's beginning.
fn page(from_zero: u32) -> String {
    if from_zero == 0 { String::new() } else { (u64::from(from_zero) + 1).to_string() }
}

#[cfg(test)]
mod tests {
    use domain::views::{Property, Token};

    use super::*;

    /// The query as an address says it, read again.
    fn again(query: Query) -> Pairs {
        Pairs::of(query.on("/list").trim_start_matches("/list"))
    }

    #[test]
    fn a_list_of_findings_is_its_address() {
        let query = FindingQuery {
            severity: Some(Severity::High),
            kind: Some(FindingKind::Duplicate),
            state: Some(FindingStateName::Dismissed),
            authority: Some("a".parse().unwrap()),
            mine: true,
            overdue: true,
            sort: FindingSort::IssuedFirst,
            page: 1,
        };
        assert_eq!(read_findings(&again(write_findings(&query))), Ok(query));
        for wrong in ["owner=you", "due=soon", "sort=evil"] {
            assert!(read_findings(&Pairs::of(wrong)).is_err(), "{wrong}");
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
}
