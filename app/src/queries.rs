//! The state of lists in their addresses: reading a query, and writing it (`paths.rs` puts it behind a path).
//!
//! An address that says something unknown is an error that the page shows, never a list that looks unfiltered.

mod certificates;
mod comparison;
mod exports;
mod ledger;

use std::collections::BTreeMap;

use domain::FindingKind;
use domain::incident::IncidentQuery;
use domain::preferences::OwnList;
use domain::revocation::RequestState;
use domain::trail::Outcome;
use domain::views::{
    ActivityQuery, CalendarUnit, CertificateQuery, ComplianceQuery, Days, ExpiryQuery, FindingQuery,
    FindingSort, FindingStates, Foretold, IdentityKey, IdentityQuery, Inbox, Issued, Narrowed, OpenFor,
    PackQuery, Place, RequestQuery, Selection,
};
use domain::{AuthorityId, FindingId, RevocationReason, Serial, Severity, Timestamp};

use crate::address::{Pairs, Query, unknown};
use crate::error::AppError;

pub(crate) use certificates::write_certificates;
pub use certificates::{
    CertificateAddress, OPERATOR, PROPERTY, VALUE, Wrong, read_certificate_list, read_certificates,
};
pub use exports::Exported;
pub use ledger::read_ledger;
pub(crate) use ledger::write_ledger;

pub use comparison::read_compared;
pub(crate) use comparison::{read_comparison, write_comparison};

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
    let days = |from, to| Ok::<_, AppError>(Days { from: pairs.day(from)?, to: pairs.day(to)? });
    let (ended, ended_by) = (days("ended_from", "ended_to")?, pairs.get("ended_by")?);
    let open_for = pairs.one_of("open_for", OpenFor::ALL, OpenFor::name)?;
    // What has come to its end waits for nobody.
    let usual = match ended.is_narrow() || ended_by.is_some() || open_for.is_some() {
        true => FindingStates::Any,
        false => FindingStates::Waiting,
    };
    Ok(FindingQuery {
        severity: pairs.one_of("severity", Severity::ALL, Severity::name)?,
        kind: pairs.get::<FindingKind>("kind")?,
        state: pairs.one_of("state", FindingStates::OTHERS, FindingStates::name)?.unwrap_or(usual),
        authority: pairs.get::<AuthorityId>("authority")?,
        mine: pairs.one_of("owner", &[ME], |me| me)?.is_some(),
        overdue: pairs.one_of("due", &[OVERDUE], |overdue| overdue)?.is_some(),
        opened: days("opened_from", "opened_to")?,
        ended,
        ended_by,
        open_for,
        sort: pairs.one_of("sort", FindingSort::ALL, FindingSort::name)?.unwrap_or_default(),
        page: pairs.page()?,
    })
}

pub(crate) fn write_findings(query: &FindingQuery) -> Query {
    Query::new()
        .with("severity", query.severity.map_or("", Severity::name))
        .with("kind", query.kind.map_or("", FindingKind::name))
        .with("state", query.state.name())
        .with("authority", text(query.authority.as_ref()))
        .with("owner", if query.mine { ME } else { "" })
        .with("due", if query.overdue { OVERDUE } else { "" })
        .with("opened_from", day(query.opened.from))
        .with("opened_to", day(query.opened.to))
        .with("ended_from", day(query.ended.from))
        .with("ended_to", day(query.ended.to))
        .with("ended_by", text(query.ended_by.as_ref()))
        .with("open_for", query.open_for.map_or("", OpenFor::name))
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

pub fn read_compliance(pairs: &Pairs) -> Result<ComplianceQuery, AppError> {
    Ok(ComplianceQuery {
        from: pairs.day("from")?,
        to: pairs.day("to")?,
        authority: pairs.get::<AuthorityId>("authority")?,
        page: pairs.page()?,
    })
}

/// What a pack of evidence is asked for about: an incident, a request, or else a time and authorities.
pub fn read_pack(pairs: &Pairs) -> Result<PackQuery, AppError> {
    Ok(PackQuery {
        from: pairs.day("from")?,
        to: pairs.day("to")?,
        authorities: pairs.all("authority")?,
        request: pairs.get("request")?,
        incident: pairs.get("incident")?,
    })
}

pub(crate) fn write_pack(query: &PackQuery) -> Query {
    let first = Query::new().with("from", day(query.from)).with("to", day(query.to));
    let all = query.authorities.iter().fold(first, |query, id| query.with("authority", id));
    all.with("request", text(query.request.as_ref())).with("incident", text(query.incident.as_ref()))
}

pub(crate) fn write_compliance(query: &ComplianceQuery) -> Query {
    Query::new()
        .with("from", day(query.from))
        .with("to", day(query.to))
        .with("authority", text(query.authority.as_ref()))
        .with("page", page(query.page))
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
        reads: pairs.one_of("reads", &[true], |_| READS_SHOWN)?.unwrap_or_default(),
        page: pairs.page()?,
    })
}

/// What the address says of an activity that leaves no call out.
pub(crate) const READS_SHOWN: &str = "shown";

pub(crate) fn write_activity(query: &ActivityQuery) -> Query {
    Query::new()
        .with("event", query.name.as_deref().unwrap_or_default())
        .with("identity", query.identity.as_deref().unwrap_or_default())
        .with("address", query.address.as_deref().unwrap_or_default())
        .with("result", query.outcome.map_or("", Outcome::name))
        .with("authority", text(query.authority.as_ref()))
        .with("from", text(query.from.as_ref()))
        .with("to", text(query.to.as_ref()))
        .with("reads", if query.reads { READS_SHOWN } else { "" })
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

/// Opened from a finding, about a caller, or by hand.
pub fn read_incident(pairs: &Pairs) -> Result<IncidentQuery, AppError> {
    let named = ["principal", "key", "address"].iter().any(|name| pairs.text(name).is_some());
    let caller = named.then(|| read_identity_key(pairs)).transpose()?;
    Ok(IncidentQuery { finding: pairs.get("finding")?, caller })
}

pub(crate) fn write_incident(query: &IncidentQuery) -> Query {
    let of = query.caller.as_ref().map_or_else(Query::new, |key| write_identity_key(key, Issued::default()));
    of.with("finding", text(query.finding.as_ref()))
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
        "request" => Ok(Selection::OfRequest(rest.parse().map_err(|_| wrong())?)),
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
        Selection::OfRequest(id) => format!("request:{id}"),
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

/// As date fields write it.
fn day(day: Option<Timestamp>) -> String {
    day.map(Timestamp::date).unwrap_or_default()
}

/// Nothing for the first page: the plain address is the list's beginning.
fn page(from_zero: u32) -> String {
    if from_zero == 0 { String::new() } else { (u64::from(from_zero) + 1).to_string() }
}

#[cfg(test)]
mod tests;
