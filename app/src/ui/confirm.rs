//! The end of a form: its buttons with the way out beside them, and the typed confirmation that bulk asks for.

use leptos::prelude::*;

use super::field::TextField;
use crate::error::AppError;
use domain::count::count;

/// The buttons of a form; leaving is as easy to reach as going on.
#[component]
pub fn FormActions(
    /// Where "Cancel" leads.
    cancel: String,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="form-actions">
            {children()}
            // safe link: the page's, from crate::paths
            <a class="button button-quiet" href=cancel>
                "Cancel"
            </a>
        </div>
    }
}

/// Asks for the number of things to be typed. The server function compares it again.
#[component]
pub fn TypedConfirmation(
    name: &'static str,
    expected: u64,
    /// What is counted: "certificates".
    noun: &'static str,
    #[prop(optional)] error: Signal<Option<AppError>>,
) -> impl IntoView {
    view! {
        <TextField
            name
            label=format!("Type {expected} to confirm")
            hint=format!("This is about {} {noun}.", count(expected))
            pattern=expected.to_string()
            error
            afresh=true
            required=true
        />
    }
}
