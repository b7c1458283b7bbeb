//! What starts something: a link that looks like a button, the button that sends a form, and the one that is refused.

use leptos::prelude::*;

use super::icon::Icon;
use crate::error::AppError;

/// How much a button asks for: at most one primary a page; danger only where something cannot be undone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    #[default]
    Plain,
    Primary,
    Danger,
}

impl Weight {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "button",
            Self::Primary => "button button-primary",
            Self::Danger => "button button-danger",
        }
    }
}

/// A link to the page where something is done; the words are a verb and its object.
#[component]
pub fn LinkButton(href: String, #[prop(optional)] weight: Weight, children: Children) -> impl IntoView {
    view! {
        // safe link: the page's, from crate::paths
        <a class=weight.class() href=href>
            {children()}
        </a>
    }
}

/// Sends the form it stands in, once; and says beside it why the last time changed nothing.
#[component]
pub fn Submit(
    #[prop(optional)] weight: Weight,
    /// [`super::error_of`] the form's action.
    #[prop(optional)]
    error: Signal<Option<AppError>>,
    children: Children,
) -> impl IntoView {
    view! {
        <button type="submit" class=weight.class()>
            {children()}
        </button>
        <NotDone error />
    }
}

/// Beside a button: why nothing came of it.
#[component]
pub fn NotDone(error: Signal<Option<AppError>>) -> impl IntoView {
    move || {
        error.get().map(|error| {
            view! {
                <span class="field-error">
                    {Icon::Alert.draw()} <span>{format!("Nothing was changed. {error}")}</span>
                </span>
            }
        })
    }
}

/// A button that this person cannot use now: it stays visible and says why.
#[component]
pub fn Refused(
    /// The words that the button would have.
    #[prop(into)]
    label: String,
    /// "You made this request; another approver must decide."
    #[prop(into)]
    why: String,
) -> impl IntoView {
    let id = format!("why-{}", label.replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    view! {
        <span class="refused">
            <button type="button" class="button" aria-disabled="true" aria-describedby=id.clone()>
                {Icon::Ban.draw()}
                {label}
            </button>
            <span class="small muted" id=id>
                {why}
            </span>
        </span>
    }
}
