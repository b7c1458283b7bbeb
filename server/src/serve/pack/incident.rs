//! What is in the pack of an incident besides its requests, their decisions and the ledger.

use domain::IncidentId;
use domain::Timestamp;
use domain::incident::{IncidentView, Which, steps, story, unauthorised_of};
use domain::timestamp::words;
use domain::views::{CertificateQuery, IdentityKey, Moment, Token};

use super::fill::Filling;
use super::report::{HEAD, add, escaped, table};

impl Filling {
    pub(super) async fn incident(&mut self, id: &IncidentId) -> anyhow::Result<()> {
        let view = self.console.incident(&self.actor, id).await?;
        self.whole("incident.json", &serde_json::to_vec_pretty(&view)?).await?;
        self.whole("report.html", html(&view, self.now).as_bytes()).await?;
        self.listed("certificates-unauthorised", &each_once(&view.incident.callers)).await
    }
}

/// The unauthorised certificates of each caller, but those that one before it had issued.
fn each_once(callers: &[IdentityKey]) -> Vec<CertificateQuery> {
    let (mut lists, mut before) = (Vec::new(), Vec::new());
    for caller in callers {
        let mut list = unauthorised_of(caller, Which::All);
        let theirs = list.filter.first().map(|token| Token { not: true, test: token.test.clone() });
        list.filter.extend(before.iter().cloned());
        before.extend(theirs);
        lists.push(list);
    }
    lists
}

/// The case as one HTML file, as that of a time.
fn html(view: &IncidentView, made: Timestamp) -> String {
    let IncidentView { incident, facts, .. } = view;
    let mut page = String::from(HEAD);
    add(&mut page, format_args!("<h1>Incident: {}</h1>", escaped(&incident.title)));
    let (id, opened) = (&incident.id, incident.opened_at.absolute());
    let by = escaped(&incident.opened_by.name);
    add(
        &mut page,
        format_args!("<p>{id}, opened {opened} by {by}. Made {} by Countersign.</p>", made.absolute()),
    );
    match &incident.end {
        Some(end) => {
            let (at, by, summary) = (end.at.absolute(), escaped(&end.by.name), escaped(&end.summary));
            add(&mut page, format_args!("<p>Closed {at} by {by}: {summary}</p>"));
        }
        None => add(&mut page, format_args!("<p>Not closed when this was made.</p>")),
    }
    let callers = facts.callers.iter().map(|caller| {
        let of = &caller.certificates;
        let (IdentityKey::Principal(key) | IdentityKey::AccessKey(key) | IdentityKey::Address(key)) =
            &caller.key;
        let first_last = caller.seen.map_or_else(
            || "never seen".to_owned(),
            |(first, last)| format!("{} to {}", first.absolute(), last.absolute()),
        );
        let numbers = [caller.events, of.all, of.valid, of.revoked, of.expired, of.siblings];
        [key.clone(), first_last].into_iter().chain(numbers.map(|n| n.to_string())).collect()
    });
    let columns =
        ["Caller", "Seen", "Events", "Unauthorised", "Valid", "Revoked", "Expired", "Others of the same key"];
    table(&mut page, "Callers", &columns, callers);
    let steps = steps(incident, facts).into_iter().map(|step| {
        let standing = match (step.done, &step.answer) {
            (true, _) => "Done".to_owned(),
            (false, Some(answer)) => {
                format!("{}, says {}: {}", answer.what.label(), answer.by.name, answer.reason)
            }
            (false, None) => "Open".to_owned(),
        };
        let seen: Vec<String> = step.seen.iter().map(told).collect();
        vec![step.name.label().to_owned(), standing, seen.join("; "), step.missing.join(" ")]
    });
    table(&mut page, "Steps", &["Step", "Standing", "What shows it", "What is missing"], steps);
    let mut before: Option<Timestamp> = None;
    let lines = story(incident, facts).into_iter().map(|moment| {
        let at = moment.at.map(Timestamp::absolute).unwrap_or_default();
        let later = before.zip(moment.at).map(|(before, at)| words(at.since(before))).unwrap_or_default();
        before = moment.at.or(before);
        vec![at, later, moment.what, moment.who.unwrap_or_default()]
    });
    table(&mut page, "Time line", &["When", "After", "What", "Who"], lines);
    let notes = incident.notes.iter();
    let notes = notes.map(|note| vec![note.at.absolute(), note.by.name.clone(), note.text.clone()]);
    table(&mut page, "Notes", &["When", "Who", "Note"], notes);
    page + "</html>\n"
}

fn told(moment: &Moment) -> String {
    match moment.at {
        Some(at) => format!("{}: {}", at.absolute(), moment.what),
        None => moment.what.clone(),
    }
}
