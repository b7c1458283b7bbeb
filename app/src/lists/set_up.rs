//! The forms with which people set a list up for themselves.

use domain::preferences::{Density, ListColumn, ListSettings, OwnList};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::api::{ArrangeList, DeleteFilter, RenameFilter, SaveFilter};
use crate::error::AppError;
use crate::ui::{Choice, Choices, Disclosure, FormErrors, Select, Submit, TextField, error_of, visible};

/// What the forms do.
#[derive(Clone, Copy)]
pub struct ListForms {
    save: ServerAction<SaveFilter>,
    rename: ServerAction<RenameFilter>,
    delete: ServerAction<DeleteFilter>,
    arrange: ServerAction<ArrangeList>,
}

impl ListForms {
    /// To be called once for a page.
    pub fn new() -> Self {
        let (save, rename) = (ServerAction::new(), ServerAction::new());
        Self { save, rename, delete: ServerAction::new(), arrange: ServerAction::new() }
    }
}

impl Default for ListForms {
    fn default() -> Self {
        Self::new()
    }
}

/// Both forms, folded away until somebody wants them or one was refused.
#[component]
pub fn SetUpList(
    list: OwnList,
    settings: ListSettings,
    /// What the list is narrowed to now; `None`: that is not understood.
    query: Option<String>,
    forms: ListForms,
) -> impl IntoView {
    let back = query.clone().unwrap_or_default();
    view! {
        <div class="set-up">
            <Filters list settings=settings.clone() query forms />
            <Columns list settings query=back arrange=forms.arrange />
        </div>
    }
}

#[component]
fn Filters(list: OwnList, settings: ListSettings, query: Option<String>, forms: ListForms) -> impl IntoView {
    let ListForms { save, rename, delete, .. } = forms;
    let (not_saved, not_renamed, not_deleted) = (error_of(save), error_of(rename), error_of(delete));
    let refused =
        move || [not_saved, not_renamed, not_deleted].into_iter().any(|error| error.get().is_some());
    let names: Vec<Choice> =
        settings.filters.iter().map(|one| Choice::new(&one.name, visible(one.name.as_str()))).collect();
    let back = query.clone().unwrap_or_default();
    let save = match query {
        None => view! { <p class="muted">"A part of the filter is not understood: this cannot be saved."</p> }.into_any(),
        Some(query) if query.is_empty() => view! {
            <p class="muted">"Narrow the list first; then you can save the filter under a name of your own."</p>
        }
        .into_any(),
        Some(query) => view! {
            <FormErrors error=not_saved />
            <ActionForm action=save attr:class="form-line">
                <Hidden list query />
                <TextField name="name" label="Name" error=not_saved required=true />
                <Submit error=not_saved>"Save this filter"</Submit>
            </ActionForm>
        }
        .into_any(),
    };
    let change = (!names.is_empty()).then(|| {
        let (query, again) = (back.clone(), names.clone());
        view! {
            <FormErrors error=not_renamed />
            <ActionForm action=rename attr:class="form-line">
                <Hidden list query />
                <Select name="renamed" label="Saved filter" error=not_renamed choices=again />
                <TextField name="to" label="New name" error=not_renamed required=true />
                <Submit error=not_renamed>"Rename"</Submit>
            </ActionForm>
            <FormErrors error=not_deleted />
            <ActionForm action=delete attr:class="form-line">
                <Hidden list query=back />
                <Select name="deleted" label="Saved filter" error=not_deleted choices=names />
                <Submit error=not_deleted>"Delete"</Submit>
            </ActionForm>
        }
    });
    view! {
        <Disclosure summary="Saved filters" open=refused>
            <div class="set-up-forms">{save} {change}</div>
        </Disclosure>
    }
}

#[component]
fn Columns(
    list: OwnList,
    settings: ListSettings,
    query: String,
    arrange: ServerAction<ArrangeList>,
) -> impl IntoView {
    let error = error_of(arrange);
    let shown = settings.clone();
    let column = move |column: &ListColumn| {
        let column = *column;
        view! {
            <label class="check">
                <input type="checkbox" name="columns[]" value=column.name() checked=shown.shows(column) />
                {column.label(list)}
            </label>
        }
    };
    let densities = Density::ALL.iter().map(|one| Choice::new(one.name(), one.label())).collect();
    view! {
        <Disclosure summary="Columns and rows" open=refused(error)>
            <FormErrors error />
            <ActionForm action=arrange attr:class="set-up-forms">
                <Hidden list query />
                <fieldset class="checks">
                    <legend>"Columns"</legend>
                    {list.columns().iter().map(column).collect_view()}
                </fieldset>
                <Choices name="density" legend="Rows" choices=densities chosen=settings.density.name() />
                <Submit error>"Show the list so"</Submit>
            </ActionForm>
        </Disclosure>
    }
}

fn refused(error: Signal<Option<AppError>>) -> impl Fn() -> bool + Send + Sync + 'static {
    move || error.get().is_some()
}

#[component]
fn Hidden(list: OwnList, query: String) -> impl IntoView {
    view! {
        <input type="hidden" name="list" value=list.name() />
        <input type="hidden" name="query" value=query />
    }
}
