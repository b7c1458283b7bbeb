//! Form fields: label above, hint below it, and the error of a refused form beside the field it is about.
//!
//! A field's `name` is the argument of the server function; its id follows from the name, so a name stands once a page.

use leptos::prelude::*;

use super::icon::Icon;
use crate::error::AppError;
use crate::typed::{escaped, use_typed};

pub(super) fn id(name: &str) -> String {
    format!("field-{name}")
}

/// The part of the form's error that is about the field of this name.
fn about(error: Signal<Option<AppError>>, name: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || match error.get() {
        Some(AppError::Invalid { field, message }) if field == name => Some(message),
        _ => None,
    })
}

/// Label, hint and error around an input, which gets `id(name)` and is described by `described(name, …)`.
#[component]
fn Field(
    name: &'static str,
    #[prop(into)] label: String,
    hint: Option<String>,
    error: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field" class:field-invalid=move || error.get().is_some()>
            <label for=id(name)>{label}</label>
            {hint.map(|hint| view! { <p class="field-hint" id=format!("{}-hint", id(name))>{hint}</p> })}
            <FieldError name error />
            {children()}
        </div>
    }
}

#[component]
fn FieldError(name: &'static str, error: Signal<Option<String>>) -> impl IntoView {
    move || {
        error.get().map(|message| {
            view! {
                <p class="field-error" id=format!("{}-error", id(name))>
                    {Icon::Alert.draw()}
                    <span>
                        <span class="visually-hidden">"Error: "</span>
                        {message}
                    </span>
                </p>
            }
        })
    }
}

/// The ids of hint and error, for `aria-describedby`.
fn described(
    name: &'static str,
    hint: bool,
    error: Signal<Option<String>>,
) -> impl Fn() -> Option<String> + Clone {
    move || {
        let hint = hint.then(|| format!("{}-hint", id(name)));
        let error = error.get().map(|_| format!("{}-error", id(name)));
        let ids: Vec<String> = hint.into_iter().chain(error).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

/// One line of text.
#[component]
pub fn TextField(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: Option<String>,
    /// What is in it at first.
    #[prop(optional, into)]
    value: Option<String>,
    /// [`super::error_of`] the form's action.
    #[prop(optional)]
    error: Signal<Option<AppError>>,
    #[prop(optional)] required: bool,
    /// `date` for a day, `search` for a lookup.
    #[prop(default = "text")]
    kind: &'static str,
    /// What was typed before does not come back: it confirms what is shown now.
    #[prop(optional)]
    afresh: bool,
    /// The first day that a `date` may be.
    #[prop(optional, into)]
    min: Option<String>,
    /// What the text must look like, as a regular expression of HTML; the hint says it in words.
    #[prop(optional, into)]
    pattern: Option<String>,
) -> impl IntoView {
    let error = about(error, name);
    let describedby = described(name, hint.is_some(), error);
    let value = if afresh { None } else { use_typed(name).or(value) };
    view! {
        <Field name label hint error>
            <input
                class="input"
                id=id(name)
                name=name
                type=kind
                value=value
                required=required
                min=min
                pattern=pattern
                aria-describedby=describedby
                aria-invalid=move || error.get().map(|_| "true")
            />
        </Field>
    }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: Option<String>,
    /// What is in it at first.
    #[prop(optional, into)]
    value: String,
    #[prop(optional)] error: Signal<Option<AppError>>,
    #[prop(optional)] required: bool,
    #[prop(optional_no_strip)] min_length: Option<u32>,
    #[prop(default = 4)] rows: u32,
) -> impl IntoView {
    let error = about(error, name);
    let describedby = described(name, hint.is_some(), error);
    let text = use_typed(name).unwrap_or(value);
    view! {
        <Field name label hint error>
            <textarea
                class="input"
                id=id(name)
                name=name
                rows=rows.to_string()
                required=required
                minlength=min_length
                aria-describedby=describedby
                aria-invalid=move || error.get().map(|_| "true")
            >
                {escaped(&text)}
            </textarea>
        </Field>
    }
}

/// A file of the reader's machine. Its form must be sent as `multipart/form-data`.
#[component]
pub fn FileField(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: Option<String>,
    /// Kinds of files, as HTML names them; others can be chosen all the same.
    accept: &'static str,
) -> impl IntoView {
    let error = Signal::stored(None);
    let describedby = described(name, hint.is_some(), error);
    view! {
        <Field name label hint error>
            <input class="input" type="file" id=id(name) name=name accept=accept aria-describedby=describedby />
        </Field>
    }
}

/// One value of a [`Select`] or of [`Choices`].
#[derive(Clone, Debug)]
pub struct Choice {
    pub value: String,
    pub label: String,
    /// When to choose it; only [`Choices`] shows it.
    pub meaning: Option<&'static str>,
}

impl Choice {
    pub fn new(value: impl ToString, label: impl Into<String>) -> Self {
        Self { value: value.to_string(), label: label.into(), meaning: None }
    }

    pub fn meaning(self, meaning: &'static str) -> Self {
        Self { meaning: Some(meaning), ..self }
    }
}

/// One of many, where each needs no explanation.
#[component]
pub fn Select(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional)] error: Signal<Option<AppError>>,
    choices: Vec<Choice>,
    /// The value chosen at first.
    #[prop(optional, into)]
    chosen: String,
) -> impl IntoView {
    let error = about(error, name);
    let describedby = described(name, hint.is_some(), error);
    let chosen = use_typed(name).unwrap_or(chosen);
    view! {
        <Field name label hint error>
            <select
                class="input"
                id=id(name)
                name=name
                aria-describedby=describedby
                aria-invalid=move || error.get().map(|_| "true")
            >
                {options(choices, &chosen)}
            </select>
        </Field>
    }
}

pub(super) fn options(choices: Vec<Choice>, chosen: &str) -> impl IntoView + use<> {
    let option = |choice: Choice| {
        let selected = choice.value == chosen;
        view! {
            <option value=choice.value selected=selected>
                {choice.label}
            </option>
        }
    };
    choices.into_iter().map(option).collect_view()
}

/// Something that is so or not, with what it means.
#[component]
pub fn CheckBox(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(into)] hint: String,
    checked: bool,
) -> impl IntoView {
    let checked = checked || use_typed(name).is_some();
    view! {
        <div class="choices">
            <label class="choice" for=id(name)>
                <input type="checkbox" id=id(name) name=name value="on" checked=checked />
                <span class="choice-label">{label}</span>
                <span class="choice-meaning">{hint}</span>
            </label>
        </div>
    }
}

/// One of a few, each with its meaning, as radio buttons.
#[component]
pub fn Choices(
    name: &'static str,
    /// The question that all answer.
    #[prop(into)]
    legend: String,
    #[prop(optional)] error: Signal<Option<AppError>>,
    choices: Vec<Choice>,
    #[prop(optional, into)] chosen: String,
) -> impl IntoView {
    let error = about(error, name);
    let describedby = described(name, false, error);
    let chosen = use_typed(name).unwrap_or(chosen);
    let choice = move |(at, choice): (usize, Choice)| {
        let checked = choice.value == chosen;
        // The first has the id that an error above the form leads to.
        let input = if at == 0 { id(name) } else { format!("{}-{at}", id(name)) };
        let label_for = input.clone();
        view! {
            <label class="choice" for=label_for>
                <input type="radio" id=input name=name value=choice.value checked=checked required />
                <span class="choice-label">{choice.label}</span>
                {choice.meaning.map(|meaning| view! { <span class="choice-meaning">{meaning}</span> })}
            </label>
        }
    };
    view! {
        <fieldset
            class="choices"
            class:field-invalid=move || error.get().is_some()
            aria-describedby=describedby
        >
            <legend>{legend}</legend>
            <FieldError name error />
            {choices.into_iter().enumerate().map(choice).collect_view()}
        </fieldset>
    }
}
