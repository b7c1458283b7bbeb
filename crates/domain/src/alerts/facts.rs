//! What an alert says that several events are behind.

use std::time::Duration;

use super::alert::Alert;
use super::memory::{CALLS, Call, Calls, Stop};
use crate::finding::AlertFacts;
use crate::finding_kind::FindingKind::{IssuanceDenied, TrailStopped};
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
    };
    Some(stopped(trail, of.to_owned(), facts))
}

/// A burst of refused calls.
pub(super) fn refusals(calls: &Calls, burst: &[Call], trail: &TrailPart) -> Option<Alert> {
    let ((from, _), (to, _)) = (burst.first()?, burst.last()?);
    let times = match burst.len() {
        count if count >= CALLS => format!("{count} times or more"),
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    let who = who(&calls.identity);
    let span = match from == to {
        true => format!("at {}", to.absolute()),
        false => format!("from {} to {}", from.absolute(), to.absolute()),
    };
    let facts = AlertFacts {
        at: *to,
        what: format!("{who} was refused the issuance of certificates {times}, {span}."),
        identity: Some(calls.identity.clone()),
        address: calls.address.clone(),
        events: named(burst.iter().map(|(_, event)| event)),
        count: u64::try_from(burst.len()).unwrap_or(u64::MAX),
    };
    Some(Alert {
        kind: IssuanceDenied,
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
