//! The viewer's own calendar: an address for calendar programs, which knows no sign-in and can be withdrawn.

use leptos::form::ActionForm;
use leptos::prelude::*;

use super::api::{MakeCalendar, WithdrawCalendar};
use crate::paths;
use crate::session::use_viewer;
use crate::ui::{CopyButton, FormErrors, Section, Submit, error_of};

#[component]
pub fn OwnCalendar(
    key: Option<String>,
    make: ServerAction<MakeCalendar>,
    withdraw: ServerAction<WithdrawCalendar>,
) -> impl IntoView {
    let (make_error, withdraw_error) = (error_of(make), error_of(withdraw));
    let address = key.map(|key| format!("{}{}", use_viewer().origin, paths::calendar(&key)));
    let content = match address {
        Some(address) => view! {
            <p>
                "Subscribe to this address in your calendar program. Whoever has it can read how many certificates expire when, without a sign-in: keep it to yourself, and withdraw it when you no longer need it."
            </p>
            <p class="row">
                <code class="written">{address.clone()}</code>
                <CopyButton value=address what="address" />
            </p>
            <FormErrors error=withdraw_error />
            <FormErrors error=make_error />
            <div class="row">
                <ActionForm action=withdraw>
                    <Submit error=withdraw_error>"Withdraw it"</Submit>
                </ActionForm>
                <ActionForm action=make>
                    <Submit error=make_error>"Make another instead"</Submit>
                </ActionForm>
            </div>
        }
        .into_any(),
        None => view! {
            <p>
                "An address of your own shows these days in your calendar program (iCalendar). It works as long as you have a role here, until you withdraw it."
            </p>
            <FormErrors error=make_error />
            <ActionForm action=make>
                <Submit error=make_error>"Make an address"</Submit>
            </ActionForm>
        }
        .into_any(),
    };
    view! { <Section title="In your calendar">{content}</Section> }
}
