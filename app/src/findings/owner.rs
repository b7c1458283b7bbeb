//! In whose hands findings are to be.

use domain::people::Person;
use leptos::prelude::*;

use crate::error::AppError;
use crate::ui::{Choice, Select};

#[component]
pub(super) fn Owner(operators: Vec<Person>, error: Signal<Option<AppError>>) -> impl IntoView {
    let others = operators.into_iter().map(|person| Choice::new(person.id, person.name));
    let choices: Vec<Choice> = [Choice::new("", "Me")].into_iter().chain(others).collect();
    view! {
        <Select
            name="owner"
            label="Owner"
            hint="You, or an operator who has signed in lately."
            choices
            error
        />
    }
}
