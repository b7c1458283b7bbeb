//! What of the trail is worth an alert: events, and holes in the evidence. Pure: what must be known of earlier events is in
//! a [`Memory`] that is handed in. In whichever order events come, and however often, the same alerts come out, as long as
//! the memory's bounds are not reached.
//!
//! Knows neither inventory nor findings: whether an unauthorised issuance is recorded there is for whoever opens the finding.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::alert::{Alert, Raised, Unauthorised};
use super::defect::Defect;
use super::facts::{burst, hour, stopped, stopped_by, together};
use super::memory::{Call, Memory, Place, Series};
use crate::authority::AuthorityArn;
use crate::finding::AlertFacts;
use crate::finding_kind::FindingKind::TrailAltered;
use crate::report;
use crate::scope::Scope;
use crate::timestamp::Timestamp;
use crate::trail::{Authorisation, Event, EventId, IdentityKind, Issuance, Issuers, TrailPart, What};

/// What the rules go by.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Whom configuration lets have certificates issued.
    pub issuers: Issuers,
    /// The configured authorities; what is done to others is only activity.
    pub watched: Vec<Watched>,
    /// So many refused issuances by one identity at one authority…
    pub denied: u32,
    /// …within this time are an alert.
    pub denied_within: Duration,
    /// So many certificates issued for one identity by one authority, whether it may or not…
    pub burst: u32,
    /// …within this time are an alert.
    pub burst_within: Duration,
    /// The bucket of the trail, and the id or ARN of the KMS key that it is encrypted with, where that is known.
    pub trail_bucket: String,
    /// The id or ARN of the KMS key that the trail is encrypted with; `None`: it is not known.
    pub trail_key: Option<String>,
    /// IssueCertificate is not coming any more when it is not there so long after IssueCertificateDetails.
    pub delay: Duration,
}

/// A configured authority.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Its ARN; events are of it when they name the same.
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
        let mut called: BTreeMap<(Series, Place), BTreeSet<EventId>> = BTreeMap::new();
        let mut stopped = BTreeSet::new();
        for event in events {
            match &event.what {
                What::Issuance { .. } if event.failure.is_some() => {
                    if let Some(place) = self.refused(event, memory) {
                        called.entry((Series::Refused, place)).or_default().insert(event.id.clone());
                    }
                }
                What::Issuance { template } => {
                    if let Some(place) = self.made(event, memory) {
                        called.entry((Series::Made, place)).or_default().insert(event.id.clone());
                    }
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
                _ => raised.extend(self.changed(trail, event).into_iter().map(Raised::Alert)),
            }
        }
        let mut of_burst: BTreeSet<&EventId> = BTreeSet::new();
        for ((series, place), new) in &called {
            let Some(calls) = memory.calls(*series, place) else { continue };
            // One call long after a burst is not what was told of then.
            let Some(burst) = self.burst(*series, &calls.calls) else { continue };
            if burst.iter().any(|(_, id)| new.contains(id)) {
                of_burst.extend(burst.iter().map(|(_, id)| id));
                raised.extend(together(*series, calls, burst, trail).map(Raised::Alert));
            }
        }
        let mut raised: Vec<Raised> = raised
            .into_iter()
            .map(|one| match one {
                Raised::Issued(issued) if of_burst.contains(&issued.issuance.event) => {
                    Raised::OfBurst(issued)
                }
                other => other,
            })
            .collect();
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
                proofs: defects.iter().map(|defect| defect.proof).collect(),
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
    pub(super) fn watched(&self, event: &Event) -> Option<&Watched> {
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
            key: event.key,
        };
        let authorisation = self.issuers.judge(&issuance);
        if authorisation == Authorisation::Authorised {
            return None;
        }
        Some(Unauthorised { authority: watched.arn.clone(), serial: event.serial?, issuance, authorisation })
    }

    fn burst<'a>(&self, series: Series, calls: &'a [Call]) -> Option<&'a [Call]> {
        let (least, within) = match series {
            Series::Refused => (self.denied, self.denied_within),
            Series::Made => (self.burst, self.burst_within),
        };
        burst(calls, usize::try_from(least).unwrap_or(usize::MAX).max(1), within)
    }

    /// Remembers a call that made a certificate; gives where it counts.
    fn made(&self, event: &Event, memory: &mut Memory) -> Option<Place> {
        self.watched(event)?;
        let place = Place::of(event);
        self.remember(Series::Made, &place, event, memory);
        Some(place)
    }

    fn remember(&self, series: Series, place: &Place, event: &Event, memory: &mut Memory) {
        memory.called(series, place, event, |calls| {
            self.burst(series, calls).is_some_and(|burst| burst.last() == calls.last())
        });
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
        self.remember(Series::Refused, &place, event, memory);
        Some(place)
    }
}

#[cfg(test)]
mod tests;
