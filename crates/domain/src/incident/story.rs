//! The time line of an incident: from the first event to the proof.

use super::facts::Facts;
use super::steps::{called, moment, noun};
use super::{Incident, OpenedFrom};
use crate::count::count;
use crate::views::{Link, Moment};

/// What happened, oldest first.
pub fn story(incident: &Incident, facts: &Facts) -> Vec<Moment> {
    let line = |at, what: String, who: Option<String>, link| Moment { at: Some(at), what, who, link };
    let mut story = Vec::new();
    for caller in &facts.callers {
        if let Some((first, _)) = caller.seen {
            story.push(line(first, format!("First event of {}", called(&caller.key)), None, None));
        }
        if let Some((first, last)) = caller.certificates.issued {
            let who = called(&caller.key);
            story.push(line(first, format!("First unauthorised certificate by {who}"), None, None));
            if last > first {
                story.push(line(last, format!("Last unauthorised certificate by {who}"), None, None));
            }
        }
    }
    story.extend(facts.levers.iter().map(moment));
    let from = match &incident.from {
        OpenedFrom::Finding(id) => Some(Link::Finding(id.clone())),
        OpenedFrom::Identity | OpenedFrom::Hand => None,
    };
    let name = |person: &crate::people::Person| Some(person.name.clone());
    story.push(line(incident.opened_at, "Incident opened".to_owned(), name(&incident.opened_by), from));
    for request in &facts.requests {
        let link = || Some(Link::Request(request.id.clone()));
        let what = |done: &str| format!("{} of {} {done}", noun(request), count(request.targets.into()));
        story.push(line(request.requested_at, what("made"), name(&request.requester), link()));
        if let Some((at, by)) = &request.decided {
            story.push(line(*at, what("decided"), name(by), link()));
        }
        if let Some(at) = request.executed_at {
            story.push(line(at, what("carried out"), None, link()));
        }
        if let Some(at) = request.proven_at {
            story.push(line(at, what("proven"), None, link()));
        }
    }
    for answer in &incident.answers {
        let what = format!("{}: {}", answer.step.label(), answer.what.label().to_lowercase());
        story.push(line(answer.at, what, name(&answer.by), None));
    }
    if let Some(end) = &incident.end {
        story.push(line(end.at, "Incident closed".to_owned(), name(&end.by), None));
    }
    story.sort_by_key(|moment| moment.at);
    story
}
