//! What an alert says that several events are behind.

use std::time::Duration;

use super::alert::Alert;
use super::memory::{CALLS, Call, Calls, Series, Stop};
use crate::finding::AlertFacts;
use crate::finding_kind::FindingKind::{IssuanceBurst, IssuanceDenied, TrailStopped};
use crate::scope::Scope;
use crate::timestamp::Timestamp;
use crate::trail::{EventId, Identity, IdentityKind, TrailPart};

/// The hour, as findings name it: `2026-11-22T09`.
pub(super) fn hour(at: Timestamp) -> String {
    at.to_string().chars().take(13).collect()
}

/// Logging stopped in this hour.
pub(super) fn stopped(trail: &TrailPart, hour: String, facts: AlertFacts) -> Alert {
    Alert { kind: TrailStopped, authority: None, scope: Scope::from(trail), subject: hour, facts }
}

/// The calls of this hour that stopped logging, as one alert.
pub(super) fn stopped_by(stops: &[Stop], of: &str, trail: &TrailPart) -> Option<Alert> {
    let stops: Vec<&Stop> = stops.iter().filter(|stop| hour(stop.at) == of).collect();
    let first = stops.first()?;
    let who = who(&first.identity);
    let facts = AlertFacts {
        at: first.at,
        what: format!("{who} called {}: what happens from then on may be on no record.", first.name),
        identity: Some(first.identity.clone()),
        address: first.address.clone(),
        events: named(stops.iter().map(|stop| &stop.event)),
        count: u64::try_from(stops.len()).unwrap_or(u64::MAX),
        proofs: [].into(),
    };
    Some(stopped(trail, of.to_owned(), facts))
}

/// A burst of calls.
pub(super) fn together(series: Series, calls: &Calls, burst: &[Call], trail: &TrailPart) -> Option<Alert> {
    let ((from, _), (to, _)) = (burst.first()?, burst.last()?);
    let more = if burst.len() >= CALLS { " or more" } else { "" };
    let (kind, did) = match (series, burst.len()) {
        (Series::Refused, 1) => (IssuanceDenied, "was refused the issuance of certificates once".to_owned()),
        (Series::Refused, count) => {
            (IssuanceDenied, format!("was refused the issuance of certificates {count} times{more}"))
        }
        (Series::Made, 1) => (IssuanceBurst, "had one certificate issued".to_owned()),
        (Series::Made, count) => (IssuanceBurst, format!("had {count}{more} certificates issued")),
    };
    let who = who(&calls.identity);
    let span = match from == to {
        true => format!("at {}", to.absolute()),
        false => format!("from {} to {}", from.absolute(), to.absolute()),
    };
    let facts = AlertFacts {
        at: *to,
        what: format!("{who} {did}, {span}."),
        identity: Some(calls.identity.clone()),
        address: calls.address.clone(),
        events: named(burst.iter().map(|(_, event)| event)),
        count: u64::try_from(burst.len()).unwrap_or(u64::MAX),
        proofs: [].into(),
    };
    Some(Alert {
        kind,
        scope: calls.place.scope(trail),
        authority: calls.place.authority.clone(),
        subject: calls.place.principal.clone(),
        facts,
    })
}

/// The newest calls of which each belongs to `least` within the time, and that overlap.
pub(super) fn burst(calls: &[Call], least: usize, within: Duration) -> Option<&[Call]> {
    // Whether this call is the last of so many.
    let ends = |last: usize| calls[last].0.since(calls[last + 1 - least].0) <= within;
    let last = (least - 1..calls.len()).rev().find(|last| ends(*last))?;
    let mut first = last + 1 - least;
    for earlier in (least - 1..last).rev() {
        if earlier >= first && ends(earlier) {
            first = earlier + 1 - least;
        }
    }
    Some(&calls[first..=last])
}

fn named<'a>(events: impl Iterator<Item = &'a EventId>) -> Vec<EventId> {
    events.take(AlertFacts::EVENTS).cloned().collect()
}

/// How a sentence names somebody.
pub(super) fn who(identity: &Identity) -> &str {
    match identity.kind {
        IdentityKind::Unknown if identity.principal == Identity::UNKNOWN => "Somebody unknown",
        _ => &identity.principal,
    }
}
