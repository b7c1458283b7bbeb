//! What people write in an incident: a note, a caller, what they say of a step, the summary.

use domain::incident::{Incident, Said, Step, StepName};
use domain::views::IdentityKey;
use domain::{IncidentId, Permission};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::actions::Actions;
use super::api::{AnswerIncident, CloseIncident, ExtendIncident, NoteIncident, TAKEN_BACK};
use crate::session::use_viewer;
use crate::ui::{
    Choice, FormErrors, Panel, Panels, Refused, Select, Submit, TextArea, TextField, Weight, error_of,
};

/// The kinds of callers, for a field to choose one.
pub(super) fn kinds() -> Vec<Choice> {
    vec![
        Choice::new("principal", "Principal (the ARN of a role or user)"),
        Choice::new("key", "Access key (its id)"),
        Choice::new("address", "Address"),
    ]
}

/// The kind of a caller as forms name it, and who it is.
pub(super) fn named(key: &IdentityKey) -> (&'static str, &str) {
    match key {
        IdentityKey::Principal(text) => ("principal", text),
        IdentityKey::AccessKey(text) => ("key", text),
        IdentityKey::Address(text) => ("address", text),
    }
}

/// All of them; of a closed incident none.
#[component]
pub fn Forms(incident: Incident, steps: Vec<Step>, actions: Actions) -> impl IntoView {
    if !incident.is_open() {
        return ().into_any();
    }
    if !use_viewer().may(Permission::StepIn) {
        return view! { <Refused label="Write in it" why=Permission::StepIn.refusal() /> }.into_any();
    }
    let id = incident.id.clone();
    view! {
        <Panels>
            <Answer id=id.clone() steps=steps.clone() action=actions.answer />
            <Extend id=id.clone() action=actions.extend />
            <Note id=id.clone() action=actions.note />
            <Close id steps action=actions.close />
        </Panels>
    }
    .into_any()
}

#[component]
fn Answer(id: IncidentId, steps: Vec<Step>, action: ServerAction<AnswerIncident>) -> impl IntoView {
    let error = error_of(action);
    let can = |step: &&Step| step.name != StepName::Close && !step.done;
    let choices: Vec<Choice> =
        steps.iter().filter(can).map(|step| Choice::new(step.name.name(), step.name.label())).collect();
    if choices.is_empty() {
        return ().into_any();
    }
    let chosen = steps.iter().filter(can).find(|step| step.is_open()).map(|step| step.name.name());
    let said = Said::ALL.iter().map(|said| Choice::new(said.name(), said.label()));
    let said: Vec<Choice> =
        said.chain([Choice::new(TAKEN_BACK, "Still open: take back what was said")]).collect();
    view! {
        <Panel title="Say what the records do not show" id="answer">
            <p>"A step that was done where the console does not look, or that there is no need for. Your name stands beside it."</p>
            <FormErrors error />
            <ActionForm action attr:class="form">
                <input type="hidden" name="id" value=id.to_string() />
                <Select name="step" label="Step" choices chosen=chosen.unwrap_or_default() error />
                <Select name="said" label="What of it" choices=said error />
                <TextArea
                    name="reason"
                    label="Why"
                    hint="10 to 1,000 characters: who did what, when, and how you know."
                    error
                    rows=2
                />
                <Submit error>"Say it"</Submit>
            </ActionForm>
        </Panel>
    }
    .into_any()
}

#[component]
fn Extend(id: IncidentId, action: ServerAction<ExtendIncident>) -> impl IntoView {
    let error = error_of(action);
    view! {
        <Panel title="Add a caller">
            <p>"Somebody else who belongs to it: another role of the same person, another key from the same address."</p>
            <FormErrors error />
            <ActionForm action attr:class="form">
                <input type="hidden" name="id" value=id.to_string() />
                <Select name="kind" label="What it is" choices=kinds() error />
                <TextField name="caller" label="Who" required=true error />
                <Submit error>"Add the caller"</Submit>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Note(id: IncidentId, action: ServerAction<NoteIncident>) -> impl IntoView {
    let error = error_of(action);
    view! {
        <Panel title="Write a note">
            <FormErrors error />
            <ActionForm action attr:class="form">
                <input type="hidden" name="id" value=id.to_string() />
                <TextArea name="text" label="Note" hint="At most 1,000 characters." required=true error rows=3 />
                <Submit error>"Keep the note"</Submit>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Close(id: IncidentId, steps: Vec<Step>, action: ServerAction<CloseIncident>) -> impl IntoView {
    let error = error_of(action);
    let open: Vec<&str> = steps
        .iter()
        .filter(|step| step.name != StepName::Close && step.is_open())
        .map(|step| step.name.label())
        .collect();
    let body = match open.is_empty() {
        false => {
            let why = format!("Still open: {}. Do them, or say of each why not.", open.join(", "));
            view! { <Refused label="Close the incident" why /> }.into_any()
        }
        true => view! {
            <FormErrors error />
            <ActionForm action attr:class="form">
                <input type="hidden" name="id" value=id.to_string() />
                <TextArea
                    name="summary"
                    label="Summary"
                    hint="10 to 1,000 characters: what happened, how they got in, what was done."
                    required=true
                    min_length=Some(10)
                    error
                />
                <Submit error weight=Weight::Primary>
                    "Close the incident"
                </Submit>
            </ActionForm>
        }
        .into_any(),
    };
    view! {
        <Panel title="Close" id="close">
            {body}
        </Panel>
    }
}
