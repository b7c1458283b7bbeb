//! One incident: who, what and where; the runbook's steps as they stand; the time line; what people wrote.

use domain::incident::{Incident, IncidentView, Note, OpenedFrom, steps, story};
use domain::ledger::About;
use domain::timestamp::words;
use domain::views::Moment;
use domain::{IncidentId, Timestamp};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::actions::Actions;
use super::api::get_incident;
use super::forms::Forms;
use super::parts::Caller;
use super::steps::Steps;
use crate::authorities::name_of;
use crate::entries::EntriesOf;
use crate::error::{AppError, Noun};
use crate::paths;
use crate::ui::{
    Ago, Badge, Crumb, Event, Fact, Facts, Flash, Icon, Mark, PageHead, Section, Timeline, Tone, Utc, loaded,
    visible,
};

#[component]
pub fn IncidentPage() -> impl IntoView {
    let params = use_params_map();
    let id = move || params.read().get_str("incident").and_then(|text| text.parse::<IncidentId>().ok());
    let actions = Actions::new();
    let incident = Resource::new(id, |id| async move {
        get_incident(id.ok_or(AppError::NotFound { what: Noun::Incident })?).await
    });
    loaded(incident, move |view| view! { <OneIncident view actions /> })
}

/// The page once its data is there.
#[component]
pub fn OneIncident(view: IncidentView, actions: Actions) -> impl IntoView {
    let IncidentView { incident, facts, authorities } = view;
    let steps = steps(&incident, &facts);
    let lines = story(&incident, &facts);
    let open = steps.iter().filter(|step| step.is_open()).count();
    let said = incident.is_open() || !incident.notes.is_empty();
    let (mark, standing) = match (&incident.end, open) {
        (Some(_), _) => {
            (Mark::new(Tone::Low, Icon::Check, "Closed"), "all steps done or answered".to_owned())
        }
        (None, open) => (
            Mark::new(Tone::High, Icon::Alert, "Open"),
            format!("{} of {} steps done", steps.len() - open, steps.len()),
        ),
    };
    let (title, opened, about) =
        (visible(&incident.title), incident.opened_at, About::Incident(incident.id.clone()));
    let evidence = paths::packs_of_incident(&incident.id);
    let named: Vec<String> =
        facts.authorities.iter().map(|one| name_of(&authorities, &one.arn.id())).collect();
    view! {
        <PageHead
            title
            crumbs=vec![Crumb::new("Incidents", paths::INCIDENTS)]
        >
            <Badge of=mark />
            {standing}
            " · opened "
            <Ago at=opened />
            " · "
            <EntriesOf about since=Some(opened) />
            " · "
            // safe link: from crate::paths above
            <a href=evidence>"Take evidence along"</a>
        </PageHead>
        <Ended incident=incident.clone() />
        <Head incident=incident.clone() authorities=named />
        <Steps incident=incident.clone() facts=facts steps=steps.clone() />
        {said.then(|| {
            view! {
                <Section title="What people say and write">
                    <Notes notes=incident.notes.clone() />
                    <Forms incident steps=steps actions />
                </Section>
            }
        })}
        <Section title="Time line">
            <Story lines />
        </Section>
    }
}

#[component]
fn Ended(incident: Incident) -> impl IntoView {
    incident.end.map(|end| {
        view! {
            <Flash tone=Tone::Ok title=format!("Closed by {}", end.by.name)>
                <p class="quote">{visible(&end.summary)}</p>
                <p>
                    <Utc at=end.at />
                </p>
            </Flash>
        }
    })
}

#[component]
fn Head(incident: Incident, authorities: Vec<String>) -> impl IntoView {
    let people: Vec<String> = incident.people.iter().map(|person| person.name.clone()).collect();
    let from = match incident.from {
        OpenedFrom::Finding(id) => view! { <a href=paths::finding(&id)>"a finding"</a> }.into_any(),
        OpenedFrom::Identity => "the page of a caller".into_any(),
        OpenedFrom::Hand => "by hand".into_any(),
    };
    let authorities = match authorities.is_empty() {
        true => "none known yet".to_owned(),
        false => authorities.join(", "),
    };
    let callers = match incident.callers.is_empty() {
        true => view! { <span class="muted">"nobody named yet"</span> }.into_any(),
        false => incident
            .callers
            .into_iter()
            .map(|key| view! { <Caller key whole=true /> " " })
            .collect_view()
            .into_any(),
    };
    view! {
        <Facts>
            <Fact label="About" wide=true>
                {callers}
            </Fact>
            <Fact label="Authorities">{authorities}</Fact>
            <Fact label="People">{people.join(", ")}</Fact>
            <Fact label="Opened from">{from}</Fact>
            <Fact label="Opened by">
                {incident.opened_by.name} ", " <Utc at=incident.opened_at />
            </Fact>
        </Facts>
    }
}

#[component]
fn Notes(notes: Vec<Note>) -> impl IntoView {
    let note = |note: Note| {
        view! {
            <li>
                <p class="quote">{visible(&note.text)}</p>
                <p class="small muted">
                    {note.by.name} " · " <Utc at=note.at />
                </p>
            </li>
        }
    };
    (!notes.is_empty()).then(|| view! { <ul class="notes">{notes.into_iter().map(note).collect_view()}</ul> })
}

/// What happened, each with how long after the line before.
#[component]
fn Story(lines: Vec<Moment>) -> impl IntoView {
    let mut before: Option<Timestamp> = None;
    let line = |Moment { at, what, who, link }: Moment| {
        let after = at.zip(before).map(|(at, before)| at.since(before)).filter(|gap| gap.as_secs() > 0);
        before = at.or(before);
        let after = after.map(|gap| view! { <p class="small muted">{format!("{} later", words(gap))}</p> });
        let link = link.map(|link| {
            let (label, href) = paths::link(&link);
            // safe link: from crate::paths above
            view! { <a href=href>{label}</a> }
        });
        view! {
            <Event at what who>
                {after}
                {link}
            </Event>
        }
    };
    let lines: Vec<_> = lines.into_iter().map(line).collect();
    view! { <Timeline>{lines}</Timeline> }
}
