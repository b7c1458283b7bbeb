//! Which alert an event can be behind.

use super::facts::hour;
use super::memory::Place;
use crate::finding::{FindingId, Subject};
use crate::finding_kind::FindingKind::{AuthorityChanged, IssuanceDenied, ReportBucketChanged, TrailStopped};
use crate::scope::Scope;
use crate::trail::{Event, TrailPart, What};

/// The finding of the alert that the rules may make of an event of `trail`, alone or with others. Whether there is one,
/// and whether it is about this event, depends on the configuration and on other events: it is to be looked up.
pub fn alert_of(event: &Event, trail: &TrailPart) -> Option<FindingId> {
    let by_itself = |kind| Some((kind, Scope::from(event.authority.as_ref()?), event.id.to_string()));
    let (kind, scope, subject) = match &event.what {
        What::Issuance { .. } if event.failure.as_ref()?.is_denied() => {
            let place = Place::of(event);
            (IssuanceDenied, place.scope(trail), place.principal)
        }
        What::TrailChange => (TrailStopped, Scope::from(trail), hour(event.time)),
        What::StatusChange { .. } | What::Deletion => by_itself(AuthorityChanged)?,
        What::AuditReport { .. } => by_itself(ReportBucketChanged)?,
        _ => return None,
    };
    Some(FindingId { kind, scope, subject: Subject::other(&subject) })
}
