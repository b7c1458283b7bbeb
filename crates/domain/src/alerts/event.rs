//! Which alerts an event can be behind.

use super::facts::hour;
use super::memory::Place;
use crate::finding::{FindingId, Subject};
use crate::finding_kind::FindingKind::{
    AuthorityChanged, AuthorityShared, CertificateImported, IssuanceBurst, IssuanceDenied,
    ReportBucketChanged, RevocationSwitchedOff, StorageChanged, TrailStopped,
};
use crate::scope::Scope;
use crate::trail::{Event, TrailPart, What};

/// The findings of the alerts that the rules may make of an event of `trail`, alone or with others. Whether there are any,
/// and whether they are about this event, depends on the configuration and on other events: they are to be looked up.
pub fn alerts_of(event: &Event, trail: &TrailPart) -> Vec<FindingId> {
    let counted = || {
        let place = Place::of(event);
        (place.scope(trail), place.principal)
    };
    let by_itself = || Some((Scope::from(event.authority.as_ref()?), event.id.to_string()));
    let (kinds, about) = match &event.what {
        What::Issuance { .. } => match &event.failure {
            None => (&[IssuanceBurst][..], Some(counted())),
            Some(failure) if failure.is_denied() => (&[IssuanceDenied][..], Some(counted())),
            Some(_) => return Vec::new(),
        },
        What::TrailChange => (&[TrailStopped][..], Some((Scope::from(trail), hour(event.time)))),
        What::StorageChange { .. } => {
            (&[StorageChanged][..], Some((Scope::from(trail), event.id.to_string())))
        }
        What::AuthorityUpdate { .. } => (&[AuthorityChanged, RevocationSwitchedOff][..], by_itself()),
        What::Deletion => (&[AuthorityChanged][..], by_itself()),
        What::Sharing { .. } => (&[AuthorityShared][..], by_itself()),
        What::CertificateImport => (&[CertificateImported][..], by_itself()),
        What::AuditReport { .. } => (&[ReportBucketChanged][..], by_itself()),
        _ => return Vec::new(),
    };
    let Some((scope, subject)) = about else { return Vec::new() };
    let id = |kind: &_| FindingId { kind: *kind, scope: scope.clone(), subject: Subject::other(&subject) };
    kinds.iter().map(id).collect()
}
