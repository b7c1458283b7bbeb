//! What of the trail is worth an alert: events, and holes in the evidence. Pure: what must be known of earlier events is in
//! a [`Memory`] that is handed in. In whichever order events come, and however often, the same alerts come out, as long as
//! the memory's bounds are not reached.
//!
//! Knows neither inventory nor findings: whether an unauthorised issuance is recorded there is for whoever opens the finding.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::alert::{Alert, Raised, Unauthorised};
use super::defect::Defect;
use super::facts::{burst, hour, refusals, stopped, stopped_by, who};
use super::memory::{Call, Memory, Place};
use crate::authority::AuthorityArn;
use crate::finding::AlertFacts;
use crate::finding_kind::FindingKind::{AuthorityChanged, ReportBucketChanged, TrailAltered};
use crate::report;
use crate::scope::Scope;
use crate::timestamp::Timestamp;
use crate::trail::{Authorisation, Event, EventId, IdentityKind, Issuance, Issuers, TrailPart, What};

/// What the rules go by.
#[derive(Clone, Debug)]
pub struct Rules {
    pub issuers: Issuers,
    /// The configured authorities; what is done to others is only activity.
    pub watched: Vec<Watched>,
    /// So many refused issuances by one identity at one authority…
    pub denied: u32,
    /// …within this time are an alert.
    pub denied_within: Duration,
    /// IssueCertificate is not coming any more when it is not there so long after IssueCertificateDetails.
    pub delay: Duration,
}

/// A configured authority.
#[derive(Clone, Debug)]
pub struct Watched {
    pub arn: AuthorityArn,
    /// The bucket that its audit reports go to.
    pub report_bucket: String,
}

impl Rules {
    /// Takes events of `trail`, in any order.
    pub fn events<'a>(
        &self,
        trail: &TrailPart,
        events: impl IntoIterator<Item = &'a Event>,
        memory: &mut Memory,
        now: Timestamp,
    ) -> Vec<Raised> {
        let mut raised = Vec::new();
        let mut refused: BTreeMap<Place, BTreeSet<EventId>> = BTreeMap::new();
        let mut stopped = BTreeSet::new();
        for event in events {
            match &event.what {
                What::Issuance { .. } if event.failure.is_some() => {
                    if let Some(place) = self.refused(event, memory) {
                        refused.entry(place).or_default().insert(event.id.clone());
                    }
                }
                What::Issuance { template } => {
                    if let Some(issued) = self.issued(event, template.as_deref(), memory, now) {
                        raised.push(Raised::Issued(issued));
                    }
                }
                What::IssuanceDetails { issued: true, template, .. } => {
                    let unauthorised = self.unauthorised(event, template.as_deref());
                    let overflow = unauthorised.and_then(|issued| memory.wait(issued, now));
                    raised.extend(overflow.map(Raised::Issued));
                }
                What::TrailChange if event.failure.is_none() => {
                    memory.stopped(event);
                    stopped.insert(hour(event.time));
                }
                _ => raised.extend(self.changed(event).map(Raised::Alert)),
            }
        }
        let refused = refused.iter().filter_map(|(place, new)| {
            let calls = memory.calls(place)?;
            // One call long after a burst is not what was told of then.
            let burst = self.burst(&calls.calls)?;
            let is_news = burst.iter().any(|(_, id)| new.contains(id));
            is_news.then(|| refusals(calls, burst, trail)).flatten().map(Raised::Alert)
        });
        raised.extend(refused);
        let stopped = stopped.into_iter().filter_map(|hour| stopped_by(memory.stops(), &hour, trail));
        raised.extend(stopped.map(Raised::Alert));
        raised.extend(memory.shrink().into_iter().map(Raised::Issued));
        raised
    }

    /// Certificates of which only IssueCertificateDetails is there, and IssueCertificate is not coming any more. To be asked
    /// when all events that there are have been taken.
    pub fn overdue(&self, memory: &mut Memory, now: Timestamp) -> Vec<Unauthorised> {
        memory.overdue(now.minus(self.delay))
    }

    /// Takes the holes in `trail`, all that are known, each time anew.
    pub fn defects(&self, trail: &TrailPart, defects: &[Defect], memory: &Memory) -> Vec<Alert> {
        let mut by_hour: BTreeMap<(bool, String), Vec<&Defect>> = BTreeMap::new();
        for defect in defects {
            if !memory.stops().iter().any(|stop| defect.is_explained_by(stop.at)) {
                by_hour.entry((defect.is_gap, hour(defect.from))).or_default().push(defect);
            }
        }
        let alert = |((is_gap, hour), mut defects): ((bool, String), Vec<&Defect>)| {
            defects.sort_by_key(|defect| (defect.from, &defect.object));
            let first = defects.first()?;
            let facts = AlertFacts {
                at: first.from,
                what: format!("{} ({})", first.what, first.object),
                identity: None,
                address: None,
                events: Vec::new(),
                count: u64::try_from(defects.len()).unwrap_or(u64::MAX),
            };
            Some(match is_gap {
                true => stopped(trail, hour, facts),
                false => Alert {
                    kind: TrailAltered,
                    authority: None,
                    scope: Scope::from(trail),
                    subject: hour,
                    facts,
                },
            })
        };
        by_hour.into_iter().filter_map(alert).collect()
    }

    /// The watched authority that an event names.
    fn watched(&self, event: &Event) -> Option<&Watched> {
        let named = event.authority.as_ref()?;
        self.watched.iter().find(|watched| watched.arn == *named)
    }

    fn issued(
        &self,
        event: &Event,
        template: Option<&str>,
        memory: &mut Memory,
        now: Timestamp,
    ) -> Option<Unauthorised> {
        // A call from another account names that account alone; who it was comes with IssueCertificateDetails.
        if event.identity.kind == IdentityKind::Account {
            return self.unauthorised(event, template).and_then(|issued| memory.wait(issued, now));
        }
        if let (Some(authority), Some(serial)) = (&event.authority, event.serial) {
            memory.explained(authority, serial);
        }
        self.unauthorised(event, template)
    }

    /// `None`: it is authorised, or the CA's own, or made no certificate of a watched authority.
    fn unauthorised(&self, event: &Event, template: Option<&str>) -> Option<Unauthorised> {
        let watched = self.watched(event)?;
        if event.failure.is_some() {
            return None;
        }
        if template.is_some_and(report::is_root) {
            return None;
        }
        let called = matches!(event.what, What::Issuance { .. });
        let issuance = Issuance {
            event: event.id.clone(),
            at: event.time,
            identity: event.identity.clone(),
            // IssueCertificateDetails is called by Private CA itself.
            address: event.address.clone().filter(|_| called),
            user_agent: event.user_agent.clone().filter(|_| called),
            template: template.map(str::to_owned),
        };
        let authorisation = self.issuers.judge(&issuance);
        if authorisation == Authorisation::Authorised {
            return None;
        }
        Some(Unauthorised { authority: watched.arn.clone(), serial: event.serial?, issuance, authorisation })
    }

    fn burst<'a>(&self, calls: &'a [Call]) -> Option<&'a [Call]> {
        burst(calls, usize::try_from(self.denied).unwrap_or(usize::MAX).max(1), self.denied_within)
    }

    /// Remembers a refused issuance; gives where it counts.
    fn refused(&self, event: &Event, memory: &mut Memory) -> Option<Place> {
        event.failure.as_ref().filter(|failure| failure.is_denied())?;
        let place = Place::of(event);
        if let Some(named) = &place.authority
            && !self.watched.iter().any(|watched| watched.arn == *named)
        {
            return None;
        }
        memory.refused(&place, event, |calls| {
            self.burst(calls).is_some_and(|burst| burst.last() == calls.last())
        });
        Some(place)
    }

    /// What was done to an authority, or asked of it, that stands by itself.
    fn changed(&self, event: &Event) -> Option<Alert> {
        let watched = self.watched(event).filter(|_| event.failure.is_none())?;
        let who = who(&event.identity);
        let (kind, what) = match &event.what {
            What::StatusChange { status } if status.eq_ignore_ascii_case("DISABLED") => {
                (AuthorityChanged, format!("{who} disabled the authority."))
            }
            What::Deletion => (AuthorityChanged, format!("{who} deleted the authority.")),
            What::AuditReport { bucket } if bucket.as_deref() != Some(watched.report_bucket.as_str()) => {
                let bucket = bucket.as_deref().unwrap_or("a bucket that the event does not name");
                let own = &watched.report_bucket;
                let what =
                    format!("{who} had an audit report written to {bucket}; the configured bucket is {own}.");
                (ReportBucketChanged, what)
            }
            _ => return None,
        };
        Some(Alert {
            kind,
            authority: Some(watched.arn.clone()),
            scope: Scope::from(&watched.arn),
            subject: event.id.to_string(),
            facts: AlertFacts {
                at: event.time,
                what,
                identity: Some(event.identity.clone()),
                address: event.address.clone(),
                events: vec![event.id.clone()],
                count: 1,
            },
        })
    }
}

#[cfg(test)]
mod tests;
