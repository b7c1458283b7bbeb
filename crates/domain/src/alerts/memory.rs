//! What rules remember of events that they have taken. Bounded, so that nobody who causes events can make it grow: the
//! oldest goes first.

use serde::{Deserialize, Serialize};

use super::alert::Unauthorised;
use crate::authority::AuthorityArn;
use crate::foreign::stored_json;
use crate::scope::Scope;
use crate::serial::Serial;
use crate::timestamp::Timestamp;
use crate::trail::{Event, EventId, Identity, TrailPart};

/// How many identities' calls of a kind are remembered, how many calls of one, and how many in all.
const CALLERS: usize = 50;
pub(super) const CALLS: usize = 200;
const ALL_CALLS: usize = 1000;
/// How many calls that stop logging are remembered.
const STOPS: usize = 30;
/// How many certificates wait for their IssueCertificate.
const WAITING: usize = 30;
/// How many bytes each of the four may have as it is stored: together they are one item of DynamoDB, of 400 KB at most.
const REFUSED_BYTES: usize = 130_000;
const MADE_BYTES: usize = 110_000;
const STOPS_BYTES: usize = 50_000;
const WAITING_BYTES: usize = 100_000;

/// What is remembered of the events of one trail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    refused: Vec<Calls>,
    /// Calls that had a certificate issued.
    #[serde(default)]
    made: Vec<Calls>,
    /// By time.
    stops: Vec<Stop>,
    /// By the time at which they were seen.
    waiting: Vec<Waiting>,
}

/// What kind of calls is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Series {
    /// Refused issuances.
    Refused,
    /// Issuances.
    Made,
}

/// Where calls are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Place {
    /// `None`: neither the record nor its message names one.
    pub authority: Option<AuthorityArn>,
    pub principal: String,
}

impl Place {
    /// Where a call counts.
    pub fn of(event: &Event) -> Self {
        // A record of a refused call often lacks what was asked for; then the message names the authority.
        let message = || event.failure.as_ref()?.message.as_deref();
        let authority = event.authority.clone().or_else(|| named(message()?));
        Self { authority, principal: event.identity.principal.clone() }
    }

    /// What an alert about it belongs to.
    pub fn scope(&self, trail: &TrailPart) -> Scope {
        self.authority.as_ref().map_or_else(|| Scope::from(trail), Scope::from)
    }
}

/// The authority that a message of refusal names, as `… on resource: arn:aws:acm-pca:… because …`.
fn named(message: &str) -> Option<AuthorityArn> {
    let mut words =
        message.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '(' | ')'));
    words.find_map(|word| word.trim_end_matches(['.', ':']).parse().ok())
}

/// The refused calls of one identity, or those that made a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Calls {
    #[serde(flatten)]
    pub place: Place,
    /// Who made the newest that ended a burst, and from where; before there was one, who made the first.
    pub identity: Identity,
    pub address: Option<String>,
    /// By time; never empty.
    pub calls: Vec<Call>,
}

pub(super) type Call = (Timestamp, EventId);

/// A call that stops or narrows logging.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stop {
    pub at: Timestamp,
    pub event: EventId,
    /// `StopLogging`.
    pub name: String,
    pub identity: Identity,
    pub address: Option<String>,
}

/// IssueCertificateDetails of an unauthorised identity, without IssueCertificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    /// The later of when it happened and when it was first seen.
    since: Timestamp,
    issued: Unauthorised,
}

impl Memory {
    pub(super) fn stops(&self) -> &[Stop] {
        &self.stops
    }

    pub(super) fn calls(&self, series: Series, place: &Place) -> Option<&Calls> {
        let all = match series {
            Series::Refused => &self.refused,
            Series::Made => &self.made,
        };
        all.iter().find(|calls| calls.place == *place)
    }

    /// Remembers a call. `ends_burst` says whether the last of some calls does.
    pub(super) fn called(
        &mut self,
        series: Series,
        place: &Place,
        event: &Event,
        ends_burst: impl Fn(&[Call]) -> bool,
    ) {
        let all = match series {
            Series::Refused => &mut self.refused,
            Series::Made => &mut self.made,
        };
        let call = (event.time, event.id.clone());
        let (identity, address) = (event.identity.clone(), event.address.clone());
        match all.iter_mut().find(|calls| calls.place == *place) {
            Some(calls) => {
                let Err(at) = calls.calls.binary_search(&call) else { return };
                calls.calls.insert(at, call);
                if at + 1 == calls.calls.len() && ends_burst(&calls.calls) {
                    (calls.identity, calls.address) = (identity, address);
                }
                let surplus = calls.calls.len().saturating_sub(CALLS);
                calls.calls.drain(..surplus);
            }
            None => {
                all.push(Calls { place: place.clone(), identity, address, calls: vec![call] });
            }
        }
        let count = |all: &[Calls]| all.iter().map(|calls| calls.calls.len()).sum::<usize>();
        while all.len() > CALLERS || (count(all) > ALL_CALLS && all.len() > 1) {
            // Whoever called longest ago, and not the one that this is about.
            let others = all.iter().enumerate().filter(|(_, calls)| calls.place != *place);
            let Some((oldest, _)) = others.min_by_key(|(_, calls)| calls.calls.last().cloned()) else {
                break;
            };
            all.remove(oldest);
        }
    }

    pub(super) fn stopped(&mut self, event: &Event) {
        let stop = Stop {
            at: event.time,
            event: event.id.clone(),
            name: event.name.clone(),
            identity: event.identity.clone(),
            address: event.address.clone(),
        };
        let place =
            self.stops.binary_search_by(|known| (known.at, &known.event).cmp(&(stop.at, &stop.event)));
        if let Err(place) = place {
            self.stops.insert(place, stop);
            let surplus = self.stops.len().saturating_sub(STOPS);
            self.stops.drain(..surplus);
        }
    }

    /// Lets a certificate wait for its IssueCertificate. Gives back one that can wait no longer, as too many do.
    pub(super) fn wait(&mut self, issued: Unauthorised, now: Timestamp) -> Option<Unauthorised> {
        let same = |waiting: &Waiting| {
            (&waiting.issued.authority, waiting.issued.serial) == (&issued.authority, issued.serial)
        };
        if self.waiting.iter().any(same) {
            return None;
        }
        self.waiting.push(Waiting { since: now.max(issued.issuance.at), issued });
        (self.waiting.len() > WAITING).then(|| self.waiting.remove(0).issued)
    }

    /// IssueCertificate is there.
    pub(super) fn explained(&mut self, authority: &AuthorityArn, serial: Serial) {
        self.waiting
            .retain(|waiting| (&waiting.issued.authority, waiting.issued.serial) != (authority, serial));
    }

    /// Forgets the oldest until what is left can be stored. Gives back the certificates that can wait no longer.
    pub(super) fn shrink(&mut self) -> Vec<Unauthorised> {
        keep(&mut self.refused, REFUSED_BYTES, |calls| calls.calls.last().map(|(at, _)| *at));
        keep(&mut self.made, MADE_BYTES, |calls| calls.calls.last().map(|(at, _)| *at));
        keep(&mut self.stops, STOPS_BYTES, |stop| Some(stop.at));
        let gone = keep(&mut self.waiting, WAITING_BYTES, |waiting| Some(waiting.since));
        gone.into_iter().map(|waiting| waiting.issued).collect()
    }

    /// Takes out what has waited since before `before`.
    pub(super) fn overdue(&mut self, before: Timestamp) -> Vec<Unauthorised> {
        let overdue = self.waiting.extract_if(.., |waiting| waiting.since <= before);
        overdue.map(|waiting| waiting.issued).collect()
    }
}

/// Takes out the oldest until the rest has no more than `most` bytes as it is stored.
fn keep<T: Serialize>(list: &mut Vec<T>, most: usize, at: impl Fn(&T) -> Option<Timestamp>) -> Vec<T> {
    let mut size = stored_json(list);
    let mut gone = Vec::new();
    while size > most {
        let oldest = list.iter().enumerate().min_by_key(|(_, one)| at(one)).map(|(place, _)| place);
        let Some(oldest) = oldest else { break };
        let one = list.remove(oldest);
        size = size.saturating_sub(stored_json(&one));
        gone.push(one);
    }
    gone
}
