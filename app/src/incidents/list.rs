//! The list of incidents, and the form that opens one.

use domain::Permission;
use domain::incident::{Incident, IncidentQuery, IncidentsView};

use leptos::form::ActionForm;
use leptos::prelude::*;

use super::api::{OpenIncident, list_incidents};
use super::forms::{kinds, named};
use crate::address::use_query;
use crate::paths;
use crate::queries::read_incident;
use crate::session::use_viewer;
use crate::ui::{
    Ago, Column, Empty, FormErrors, PageHead, Refused, Section, Select, Submit, Table, TextField, Weight,
    error_of, loaded, visible,
};

#[component]
pub fn IncidentsPage() -> impl IntoView {
    let query = use_query(read_incident);
    let open = ServerAction::new();
    let view = Resource::new(
        move || query.get(),
        |query| async move {
            let query = query?;
            Ok((query.clone(), list_incidents(query).await?))
        },
    );
    loaded(view, move |(query, view)| view! { <Incidents query view open /> })
}

/// The page once its data is there.
#[component]
pub fn Incidents(
    query: IncidentQuery,
    view: IncidentsView,
    open: ServerAction<OpenIncident>,
) -> impl IntoView {
    let prefilled = query != IncidentQuery::default();
    let list = view! { <Lists open=view.open.clone() closed=view.closed.clone() /> };
    let form = view! { <Open query view action=open /> };
    view! {
        <PageHead title="Incidents">
            "Cases of somebody who has certificates issued and may not: from the alarm to the proof"
        </PageHead>
        {match prefilled {
            true => view! {
                {form}
                {list}
            }
            .into_any(),
            false => view! {
                {list}
                {form}
            }
            .into_any(),
        }}
    }
}

#[component]
fn Lists(open: Vec<Incident>, closed: Vec<Incident>) -> impl IntoView {
    let none = open.is_empty();
    view! {
        {match none {
            true => view! {
                <Empty title="No incident is open">
                    <p>
                        "Open one from a finding, from the page of a caller, or below. It leads through "
                        <a href=paths::help("runbook", None)>"the runbook"</a> " and shows what is done."
                    </p>
                </Empty>
            }
            .into_any(),
            false => view! {
                <Section title="Open">
                    <Cases caption="Open incidents, the newest first" incidents=open />
                </Section>
            }
            .into_any(),
        }}
        {(!closed.is_empty())
            .then(|| {
                view! {
                    <Section title="Closed">
                        <Cases caption="Closed incidents of late, the newest first" incidents=closed />
                    </Section>
                }
            })}
    }
}

#[component]
fn Cases(caption: &'static str, incidents: Vec<Incident>) -> impl IntoView {
    let row = |incident: Incident| {
        let about: Vec<String> = incident.callers.iter().map(|key| visible(named(key).1)).collect();
        let people: Vec<String> = incident.people.iter().map(|person| person.name.clone()).collect();
        view! {
            <tr>
                <th scope="row" class="wrap">
                    <a href=paths::incident(&incident.id)>{visible(&incident.title)}</a>
                </th>
                <td class="wrap">{about.join(", ")}</td>
                <td>
                    <Ago at=incident.opened_at />
                </td>
                <td>{incident.end.map(|end| view! { <Ago at=end.at /> })}</td>
                <td class="wrap">{people.join(", ")}</td>
            </tr>
        }
    };
    let columns = ["Incident", "About", "Opened", "Closed", "People"].map(Column::text).to_vec();
    view! {
        <Table caption columns>
            {incidents.into_iter().map(row).collect_view()}
        </Table>
    }
}

#[component]
fn Open(query: IncidentQuery, view: IncidentsView, action: ServerAction<OpenIncident>) -> impl IntoView {
    let error = error_of(action);
    let IncidentQuery { finding, caller } = query;
    let about = view.callers.iter().map(|key| {
        view! {
            <li>
                <a href=paths::identity(key)>{visible(named(key).1)}</a>
            </li>
        }
    });
    let whom = match (&finding, &caller) {
        (Some(id), _) => view! {
            <input type="hidden" name="finding" value=id.to_string() />
            <p>"About who is behind " <a href=paths::finding(id)>"the finding"</a> ":"</p>
            {match view.callers.is_empty() {
                true => view! { <p class="muted">"It names nobody: add the caller when you know who it was."</p> }.into_any(),
                false => view! { <ul>{about.collect_view()}</ul> }.into_any(),
            }}
        }
        .into_any(),
        (None, Some(key)) => {
            let (kind, who) = named(key);
            view! {
                <input type="hidden" name="kind" value=kind />
                <input type="hidden" name="caller" value=who.to_owned() />
                <p>"About:"</p>
                <ul>{about.collect_view()}</ul>
            }
            .into_any()
        }
        (None, None) => view! {
            <Select name="kind" label="Who called is known by" choices=kinds() error />
            <TextField
                name="caller"
                label="Who called"
                hint="Optional: as the trail has it. You can add it later."
                error
            />
        }
        .into_any(),
    };
    view! {
        <Section title="Open an incident">
            {match use_viewer().may(Permission::StepIn) {
                false => {
                    view! { <Refused label="Open an incident" why=Permission::StepIn.refusal() /> }.into_any()
                }
                true => view! {
                    <FormErrors error />
                    <ActionForm action attr:class="form">
                        {whom}
                        <TextField
                            name="title"
                            label="Title"
                            hint="3 to 120 characters: what people call it."
                            value=view.title
                            required=true
                            error
                        />
                        <Submit error weight=Weight::Primary>
                            "Open the incident"
                        </Submit>
                    </ActionForm>
                }
                .into_any(),
            }}
        </Section>
    }
}
