//! What of the trail is worth an alert: events, and holes in the evidence. Pure: what must be known of earlier events is in
//! a [`Memory`] that is handed in. In whichever order events come, and however often, the same alerts come out, as long as
//! the memory's bounds are not reached.
//!
//! Knows neither inventory nor findings: whether an unauthorised issuance is recorded there is for whoever opens the finding.

mod facts;
mod memory;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::authority::{AuthorityArn, AuthorityId};
use crate::finding::{Alert, AlertFacts, FindingId, Subject};
use crate::finding_kind::FindingKind::{AuthorityChanged, ReportBucketChanged, TrailAltered, TrailStopped};
use crate::report;
use crate::serial::Serial;
use crate::timestamp::Timestamp;

use super::event::{Event, EventId, What};
use super::identity::{Identity, IdentityKind};
use super::issuance::Issuance;
use super::issuers::{Authorisation, Issuers};

use facts::{burst, hour, refusals, stopped, stopped_by};
pub use memory::Memory;
use memory::{Call, Place};

/// How far before a gap, and how far behind its beginning, a call lies that explains it: the last digest comes up to an hour
/// after logging stopped, and covers up to an hour before.
const EXPLAINS: (Duration, Duration) = (Duration::from_secs(2 * 3600), HOUR);
const HOUR: Duration = Duration::from_secs(3600);

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

/// What rules make of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raised {
    /// A certificate was issued for an identity that may not.
    Issued(Unauthorised),
    Alert(Alert),
}

/// A certificate that was issued without authorisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unauthorised {
    pub authority: AuthorityArn,
    pub serial: Serial,
    pub issuance: Issuance,
    pub authorisation: Authorisation,
}

/// A hole in the evidence, as verification found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    pub from: Timestamp,
    /// Nothing was logged from then on; otherwise an object is missing or altered.
    pub is_gap: bool,
    /// The object's key.
    pub object: String,
    /// One sentence.
    pub what: String,
}

impl Defect {
    /// The findings that an alert about it may be, the likeliest first: its own, and for a gap those of the hours in which
    /// a call that explains it may have been made.
    pub fn findings(&self, scope: &AuthorityId) -> Vec<FindingId> {
        let kind = if self.is_gap { TrailStopped } else { TrailAltered };
        let of = |at| FindingId { kind, scope: scope.clone(), subject: Subject::Other(hour(at)) };
        let mut hours = vec![of(self.from)];
        let (mut at, from) = (self.from.plus(EXPLAINS.1), self.from.minus(EXPLAINS.0));
        while self.is_gap && at >= from {
            hours.push(of(at));
            at = at.minus(HOUR);
        }
        hours
    }
}

impl Rules {
    /// Takes events of the trail of `scope` (`ACCOUNT-REGION`), in any order.
    pub fn events<'a>(
        &self,
        scope: &AuthorityId,
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
            is_news.then(|| refusals(calls, burst, scope)).flatten().map(Raised::Alert)
        });
        raised.extend(refused);
        let stopped = stopped.into_iter().filter_map(|hour| stopped_by(memory.stops(), &hour, scope));
        raised.extend(stopped.map(Raised::Alert));
        raised
    }

    /// Certificates of which only IssueCertificateDetails is there, and IssueCertificate is not coming any more. To be asked
    /// when all events that there are have been taken.
    pub fn overdue(&self, memory: &mut Memory, now: Timestamp) -> Vec<Unauthorised> {
        memory.overdue(now.minus(self.delay))
    }

    /// Takes the holes in the trail of `scope`, all that are known, each time anew.
    pub fn defects(&self, scope: &AuthorityId, defects: &[Defect], memory: &Memory) -> Vec<Alert> {
        let mut by_hour: BTreeMap<(bool, String), Vec<&Defect>> = BTreeMap::new();
        for defect in defects {
            let explained =
                |at: Timestamp| defect.from.minus(EXPLAINS.0) <= at && at <= defect.from.plus(EXPLAINS.1);
            if !(defect.is_gap && memory.stops().iter().any(|stop| explained(stop.at))) {
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
                true => stopped(scope, hour, facts),
                false => {
                    Alert { kind: TrailAltered, authority: None, scope: scope.clone(), subject: hour, facts }
                }
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
        let failure = event.failure.as_ref().filter(|failure| failure.is_denied())?;
        // A record of a refused call often lacks what was asked for; then the message names the authority.
        let named = event.authority.clone().or_else(|| named(failure.message.as_deref()?));
        if let Some(named) = &named
            && !self.watched.iter().any(|watched| watched.arn == *named)
        {
            return None;
        }
        let place = Place { authority: named, principal: event.identity.principal.clone() };
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
            scope: watched.arn.id(),
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

/// The authority that a message of refusal names, as `… on resource: arn:aws:acm-pca:… because …`.
fn named(message: &str) -> Option<AuthorityArn> {
    let mut words =
        message.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '(' | ')'));
    words.find_map(|word| word.trim_end_matches(['.', ':']).parse().ok())
}

/// How a sentence names somebody.
fn who(identity: &Identity) -> &str {
    match identity.kind {
        IdentityKind::Unknown if identity.principal == Identity::UNKNOWN => "Somebody unknown",
        _ => &identity.principal,
    }
}

#[cfg(test)]
mod tests;
