//! The runbook's steps (docs/RUNBOOK.md) with how each of them stands: from the records where they show it, else from what
//! people say.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::facts::{AuthorityFacts, Facts, RequestFacts};
use super::lever::{Lever, Pull, name_of};
use super::{Answer, Incident};
use crate::count::{count, plural};
use crate::foreign::short_line;
use crate::revocation::RequestState;
use crate::timestamp::Timestamp;
use crate::views::{IdentityKey, Link, Moment};

/// The name of a step, in their order.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum StepName {
    /// Nobody can go on issuing.
    Contain,
    /// Who it was, and what they did.
    Identify,
    /// What there is of theirs, by reports made since.
    Report,
    /// All of it is revoked.
    Revoke,
    /// It took effect, and nothing new has come.
    Verify,
    /// Credentials are new, and the authorities issue again.
    Rotate,
    /// Nothing is left to do.
    Close,
}

impl StepName {
    /// Every step, in their order.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in forms and in the ledger.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Contain => "Contain",
            Self::Identify => "Identify the caller",
            Self::Report => "Report and scope",
            Self::Revoke => "Revoke",
            Self::Verify => "Verify",
            Self::Rotate => "Rotate and reopen",
            Self::Close => "Close",
        }
    }
}

/// How a step stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which.
    pub name: StepName,
    /// The records show that it is done.
    pub done: bool,
    /// What shows it, or a part of it.
    pub seen: Vec<Moment>,
    /// What is missing, as sentences; none if it is done.
    pub missing: Vec<String>,
    /// What people say of it, where the records do not show it.
    pub answer: Option<Answer>,
}

impl Step {
    /// Neither done nor answered.
    pub fn is_open(&self) -> bool {
        !self.done && self.answer.is_none()
    }

    /// Since when the records show it; `None`: they do not, or not since when.
    pub fn since(&self) -> Option<Timestamp> {
        self.seen.iter().filter_map(|moment| moment.at).max().filter(|_| self.done)
    }
}

/// So long after a call its log file is there, at the latest (docs/RUNBOOK.md, step 2).
pub(super) const LATE: Duration = Duration::from_secs(15 * 60);

/// All steps of an incident, in their order.
pub fn steps(incident: &Incident, facts: &Facts) -> Vec<Step> {
    let contained = contained(facts);
    let said = incident.answer(StepName::Contain).map(|answer| answer.at);
    let since = contained.missing.is_empty().then(|| contained.since()).flatten().or(said);
    let found: Vec<Found> = vec![
        contained,
        identified(facts),
        reported(facts, since),
        revoked(facts),
        verified(facts, since),
        rotated(facts, since),
    ];
    let named = StepName::ALL.iter().zip(found).map(|(&name, Found { seen, missing })| {
        let done = missing.is_empty();
        let answer = incident.answer(name).filter(|_| !done).cloned();
        Step { name, done, seen, missing, answer }
    });
    let mut steps: Vec<Step> = named.collect();
    let left: Vec<&str> = steps.iter().filter(|step| step.is_open()).map(|step| step.name.label()).collect();
    let (seen, missing) = match &incident.end {
        Some(end) => {
            let who = Some(end.by.name.clone());
            (vec![Moment { at: Some(end.at), what: "Closed".to_owned(), who, link: None }], Vec::new())
        }
        None if left.is_empty() => (Vec::new(), vec!["Nothing is left but the summary.".to_owned()]),
        None => (Vec::new(), vec![format!("Still open: {}.", left.join(", "))]),
    };
    steps.push(Step { name: StepName::Close, done: missing.is_empty(), seen, missing, answer: None });
    steps
}

/// What shows a step, and what is missing of it.
#[derive(Default)]
struct Found {
    seen: Vec<Moment>,
    missing: Vec<String>,
}

impl Found {
    fn since(&self) -> Option<Timestamp> {
        self.seen.iter().filter_map(|moment| moment.at).max()
    }

    fn lack(&mut self, sentence: impl Into<String>) {
        self.missing.push(sentence.into());
    }
}

/// Every caller is stopped, or every authority issues no more; and nothing was issued after that.
fn contained(facts: &Facts) -> Found {
    let mut found = Found::default();
    let (mut levers, mut left): (Vec<&Lever>, Vec<String>) = (Vec::new(), Vec::new());
    let callers = || facts.callers.iter().filter(|one| !matches!(one.key, IdentityKey::Address(_)));
    for caller in callers() {
        match &facts.stopped_by(caller)[..] {
            [] => left.push(format!("Nothing in the trail stops {} yet.", called(&caller.key))),
            by => levers.extend(by),
        }
    }
    if callers().next().is_none() {
        left.push("No principal and no access key is named that could be stopped.".to_owned());
    }
    let off: Option<Vec<&Lever>> =
        facts.authorities.iter().map(|authority| facts.is_off(&authority.arn.id())).collect();
    match off.filter(|off| !off.is_empty()) {
        Some(off) if !left.is_empty() => levers = off,
        off => {
            found.missing = left;
            levers.extend(off.unwrap_or_default());
        }
    }
    levers.sort_by_key(|lever| lever.at);
    levers.dedup_by_key(|lever| &lever.event);
    found.seen = levers.into_iter().map(moment).collect();
    if !found.missing.is_empty() && !facts.iam_is_read {
        found.lack(
            "Calls of IAM are not among what is read of the trail: they come in the files of us-east-1 (regions of [trail]).",
        );
    }
    if let (true, Some(since), Some((_, last))) = (found.missing.is_empty(), found.since(), facts.issued())
        && last > since
    {
        found.lack(format!("A certificate was issued after that, at {}.", last.absolute()));
    }
    found
}

/// Each caller was seen.
fn identified(facts: &Facts) -> Found {
    let mut found = Found::default();
    if facts.callers.is_empty() {
        found.lack("Nobody is named yet. Add the principal, access key or address that called.");
    }
    for caller in &facts.callers {
        match caller.seen {
            Some((first, last)) => {
                let what = |what: &str| format!("{what} event of {}", called(&caller.key));
                found.seen.push(plain(first, what("First")));
                found.seen.push(plain(last, what("Last")));
            }
            None => found.lack(format!("The trail that was read has no event of {}.", called(&caller.key))),
        }
    }
    let principals = facts.callers.iter().any(|caller| caller.principals().next().is_some());
    if found.missing.is_empty() && !principals {
        found.lack("No event says which principal it was.");
    }
    found
}

/// A run of each authority has read a report that was made after the last issuance, and after the containment.
fn reported(facts: &Facts, contained: Option<Timestamp>) -> Found {
    let mut found = Found::default();
    if facts.authorities.is_empty() {
        found.lack("No authority is known that has a certificate of theirs.");
    }
    let after = contained.max(facts.issued().map(|(_, last)| last));
    for AuthorityFacts { arn, name, report, under_way } in &facts.authorities {
        let name = short_line(name, 60);
        match report.as_ref().filter(|report| after.is_none_or(|after| report.made_at > after)) {
            Some(report) => found.seen.push(Moment {
                at: Some(report.made_at),
                what: match report.is_incomplete {
                    false => format!("Report of {name}"),
                    true => format!("Report of {name}, which the run could not compare as a whole"),
                },
                who: None,
                link: Some(Link::Run(arn.id(), report.run.clone())),
            }),
            None if under_way.is_some() => found.lack(format!("A run of {name} is under way.")),
            None => found.lack(format!(
                "No run of {name} has read a report made after the last issuance and the containment."
            )),
        }
    }
    if contained.is_none() {
        found.lack("They are not stopped yet: more may come.");
    }
    found
}

/// Nothing of theirs can be used any more.
fn revoked(facts: &Facts) -> Found {
    let mut found = Found::default();
    for caller in &facts.callers {
        let of = &caller.certificates;
        let who = called(&caller.key);
        match of.valid {
            0 => (),
            1 => found.lack(format!("One certificate that {who} had issued is still valid.")),
            valid => {
                found.lack(format!("{} that {who} had issued are still valid.", plural(valid, "certificate")))
            }
        }
        if of.unseen() > 0 {
            found.lack(format!("In no report that was read yet, of {who}: {}.", count(of.unseen())));
        }
    }
    if facts.callers.is_empty() {
        found.lack("Nobody is named yet whose certificates could be counted.");
    }
    for request in &facts.requests {
        let RequestFacts { id, state, requester, .. } = request;
        let at = request.executed_at.or(request.decided.as_ref().map(|(at, _)| *at));
        found.seen.push(Moment {
            at: at.or(Some(request.requested_at)),
            what: format!("{} of {}: {}", noun(request), count(request.targets.into()), state.label()),
            who: Some(requester.name.clone()),
            link: Some(Link::Request(id.clone())),
        });
    }
    found
}

/// All that was revoked is proven to be, and the trail shows nothing new, as far as it has come.
fn verified(facts: &Facts, contained: Option<Timestamp>) -> Found {
    let mut found = Found::default();
    for request in facts.requests.iter().filter(|request| !request.drill) {
        let link = Some(Link::Request(request.id.clone()));
        match (request.proven_at, request.state) {
            (Some(at), RequestState::Proven) => {
                let what = format!("{} proven to be revoked", plural(request.targets.into(), "certificate"));
                found.seen.push(Moment { at: Some(at), what, who: None, link });
            }
            (_, state) if state.is_countersigned() => found.lack(format!(
                "Of the request of {} not all are proven to be revoked: {}.",
                plural(request.targets.into(), "certificate"),
                state.label()
            )),
            _ => (),
        }
    }
    match contained {
        None => found.lack("They are not stopped yet: more may come."),
        Some(since) => match facts.trail_as_of.filter(|as_of| *as_of >= since.plus(LATE)) {
            Some(as_of) => {
                let until = as_of.absolute();
                let what =
                    format!("No issuance by them since, in the log files that were looked for until {until}");
                found.seen.push(plain(since, what));
            }
            None => found.lack(format!(
                "Log files come late: the trail counts as read up to the containment at {}.",
                since.plus(LATE).absolute()
            )),
        },
    }
    if facts.callers.iter().any(|caller| caller.certificates.valid > 0) {
        found.lack("Not all of their certificates are revoked yet.");
    }
    found
}

/// The authorities issue again, and whoever was robbed has something new.
fn rotated(facts: &Facts, contained: Option<Timestamp>) -> Found {
    let mut found = Found::default();
    for authority in &facts.authorities {
        let (id, name) = (authority.arn.id(), short_line(&authority.name, 60));
        match facts.is_off(&id) {
            Some(_) => found.lack(format!("{name} is still DISABLED.")),
            None => {
                let on = facts.levers.iter().rev().find(
                    |lever| matches!(&lever.pull, Pull::Authority { authority, off: false } if *authority == id),
                );
                found.seen.extend(on.map(moment));
            }
        }
    }
    let Some(since) = contained else {
        found.lack("They are not stopped yet.");
        return found;
    };
    let people = facts.callers.iter().filter(|caller| !matches!(caller.key, IdentityKey::Address(_)));
    for caller in people {
        if caller.principals().filter_map(name_of).next().is_none() {
            continue;
        }
        let new = facts.besides(caller).into_iter().filter(|lever| {
            let gives = matches!(lever.pull, Pull::Trust { .. } | Pull::NewKey { .. });
            gives && lever.at >= since
        });
        let new: Vec<Moment> = new.map(moment).collect();
        if new.is_empty() {
            found.lack(format!("The trail shows no new credentials of {} since.", called(&caller.key)));
        }
        found.seen.extend(new);
    }
    found
}

fn plain(at: Timestamp, what: String) -> Moment {
    Moment { at: Some(at), what, who: None, link: None }
}

/// A lever as a line.
pub(super) fn moment(lever: &Lever) -> Moment {
    let call = &lever.call;
    let what = match &lever.pull {
        Pull::Key { key, off: true } => format!("{call}: the access key {key} no longer works"),
        Pull::Key { key, off: false } => format!("{call}: the access key {key} works again"),
        Pull::Policy { of, policy, .. } => format!("{call}: {policy} of {of}"),
        Pull::Trust { of } => format!("{call}: who may take on {of}"),
        Pull::Password { of } => format!("{call}: {of} has no password"),
        Pull::NewKey { of, key } => format!("{call}: {of} has the new access key {key}"),
        Pull::Authority { off: true, .. } => format!("{call}: the authority issues no more"),
        Pull::Authority { off: false, .. } => format!("{call}: the authority issues again"),
    };
    let who = crate::trail::Identity::of_arn(&lever.by).short().to_owned();
    let link = Some(Link::Event(lever.event.clone()));
    Moment { at: Some(lever.at), what: short_line(&what, 200), who: Some(short_line(&who, 80)), link }
}

pub(super) fn noun(request: &RequestFacts) -> &'static str {
    if request.drill { "Drill" } else { "Request" }
}

/// A caller in a sentence.
pub(super) fn called(key: &IdentityKey) -> String {
    match key {
        IdentityKey::Principal(principal) => short_line(principal, 120),
        IdentityKey::AccessKey(key) => format!("access key {}", short_line(key, 60)),
        IdentityKey::Address(address) => format!("address {}", short_line(address, 60)),
    }
}
