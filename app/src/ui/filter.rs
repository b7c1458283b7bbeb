//! The filter of a list: a form whose state is the address, and its active parts as links that take them away.

use domain::Timestamp;
use leptos::prelude::*;
use leptos_router::components::Form;

use super::field::{Choice, options};
use super::icon::Icon;

/// Holds the filter's fields and the button that applies them.
#[component]
pub fn Filter(
    /// The list's own path, without a query.
    action: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <Form method="get" action attr:class="filter" attr:role="search" attr:aria-label="Filter">
            {children()}
            <button type="submit" class="button">
                "Apply"
            </button>
        </Form>
    }
}

/// A free-text field of a filter.
#[component]
pub fn FilterSearch(
    name: &'static str,
    label: &'static str,
    #[prop(into)] value: String,
    #[prop(optional)] placeholder: &'static str,
) -> impl IntoView {
    let id = format!("filter-{name}");
    view! {
        <div class="filter-field filter-grow">
            <label for=id.clone()>{label}</label>
            <input class="input" type="search" id=id name=name value=value placeholder=placeholder />
        </div>
    }
}

/// The value of what a filter is narrowed by next, with what was wrong with earlier ones beside it.
#[component]
pub fn FilterAdd(
    name: &'static str,
    label: &'static str,
    value: String,
    /// The id of a list of values.
    suggested: &'static str,
    errors: Vec<String>,
) -> impl IntoView {
    let id = format!("filter-{name}");
    let about = format!("{id}-error");
    let is_wrong = !errors.is_empty();
    let errors = is_wrong.then(|| {
        let error = |error: String| {
            view! {
                <p class="field-error">
                    {Icon::Alert.draw()}
                    <span>
                        <span class="visually-hidden">"Error: "</span>
                        {error}
                    </span>
                </p>
            }
        };
        view! { <div id=about.clone()>{errors.into_iter().map(error).collect_view()}</div> }
    });
    view! {
        <div class="filter-field">
            <label for=id.clone()>{label}</label>
            {errors}
            <input
                class="input"
                id=id
                name=name
                value=value
                list=suggested
                autocomplete="off"
                aria-invalid=is_wrong.then_some("true")
                aria-describedby=is_wrong.then_some(about)
            />
        </div>
    }
}

/// A moment of a filter, UTC.
#[component]
pub fn FilterTime(name: &'static str, label: &'static str, value: Option<Timestamp>) -> impl IntoView {
    let id = format!("filter-{name}");
    // The field knows no zone.
    let value = value.map(|at| at.to_string().trim_end_matches('Z').to_owned());
    view! {
        <div class="filter-field">
            <label for=id.clone()>{label}</label>
            <input class="input" type="datetime-local" step="1" id=id name=name value=value />
        </div>
    }
}

/// A day of a filter, UTC.
#[component]
pub fn FilterDay(name: &'static str, label: &'static str, value: Option<Timestamp>) -> impl IntoView {
    let id = format!("filter-{name}");
    view! {
        <div class="filter-field">
            <label for=id.clone()>{label}</label>
            <input class="input" type="date" id=id name=name value=value.map(Timestamp::date) />
        </div>
    }
}

/// A choice of a filter; the empty value comes first by itself.
#[component]
pub fn FilterSelect(
    name: &'static str,
    label: &'static str,
    choices: Vec<Choice>,
    #[prop(into)] chosen: String,
    /// What the empty value means.
    #[prop(default = "Any")]
    all: &'static str,
) -> impl IntoView {
    let id = format!("filter-{name}");
    let choices = [Choice::new("", all)].into_iter().chain(choices).collect();
    view! {
        <div class="filter-field">
            <label for=id.clone()>{label}</label>
            <select class="input" id=id name=name>
                {options(choices, &chosen)}
            </select>
        </div>
    }
}

/// An active part of a filter.
#[derive(Clone, Debug)]
pub struct Chip {
    /// "status: active".
    pub label: String,
    /// The list without it.
    pub without: String,
}

/// The active parts, each removable; nothing when there are none.
#[component]
pub fn Chips(chips: Vec<Chip>) -> impl IntoView {
    let chip = |chip: Chip| {
        view! {
            // safe link: the page's, from crate::paths
            <a class="chip" href=chip.without>
                <span class="visually-hidden">"Remove "</span>
                {chip.label}
                {Icon::Cross.draw()}
            </a>
        }
    };
    (!chips.is_empty())
        .then(|| view! { <div class="chips">{chips.into_iter().map(chip).collect_view()}</div> })
}
