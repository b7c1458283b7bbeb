//! Errors on screen: in place of a page, above a form, beside a field.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_url;

use super::badge::Tone;
use super::empty::Empty;
use super::flash::Flash;
use super::title::Title;
use crate::error::AppError;
use crate::paths;

/// In place of what a page would show. Sets the response's status on the server.
#[component]
pub fn ErrorPanel(error: AppError) -> impl IntoView {
    #[cfg(feature = "ssr")]
    error.answer_with_status();
    let title = match &error {
        AppError::NotFound { what } => format!("No such {what}"),
        AppError::Forbidden { .. } => "Not for your role".to_owned(),
        AppError::SignInAgain { .. } => "Sign in again".to_owned(),
        AppError::Conflict { .. } | AppError::Invalid { .. } => "This cannot be done".to_owned(),
        AppError::Unavailable { .. } | AppError::Unreachable => "No answer".to_owned(),
    };
    let remedy = match &error {
        AppError::NotFound { .. } => {
            view! { <p>"Check the address, or start from the " <a href=paths::OVERVIEW>"overview"</a> "."</p> }.into_any()
        }
        AppError::SignInAgain { .. } => view! { <SignInLink /> }.into_any(),
        AppError::Invalid { .. } => view! { <Unfiltered /> }.into_any(),
        _ => ().into_any(),
    };
    view! {
        <Title text=title.clone() />
        <Empty title level=1>
            <p>{error.to_string()}</p>
            {remedy}
        </Empty>
    }
}

/// Out of an address with a value that nobody knows: the same page without any.
#[component]
fn Unfiltered() -> impl IntoView {
    let url = use_url();
    view! {
        <p>
            // safe link: the path of this page
            <a href=move || url.get().path().to_owned()>"Open this page without a filter"</a>
            ", or start from the "
            <a href=paths::OVERVIEW>"overview"</a>
            "."
        </p>
    }
}

#[component]
fn SignInLink() -> impl IntoView {
    let url = use_url();
    let href = move || {
        let url = url.get();
        // Without what a form without JavaScript has put there: the error that leads here.
        let query: Vec<&str> = url.search().split('&').filter(|pair| !pair.starts_with("__")).collect();
        let query = query.join("&");
        paths::sign_in_afresh(&if query.is_empty() {
            url.path().to_owned()
        } else {
            format!("{}?{query}", url.path())
        })
    };
    view! {
        <p>
            // safe link: the sign-in page of crate::paths
            <a href=href>
                "Sign in and come back here"
            </a>
        </p>
    }
}

/// The error that a form's last attempt ended with, if it did; also when that was without JavaScript.
pub fn error_of<S>(action: ServerAction<S>) -> Signal<Option<AppError>>
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    Signal::derive(move || {
        action.value().with(|value| value.as_ref().and_then(|result| result.as_ref().err().cloned()))
    })
}

/// Above a form: what is wrong with it, with a link to the field if it is one. The page opens at it.
#[component]
pub fn FormErrors(error: Signal<Option<AppError>>) -> impl IntoView {
    move || {
        error.get().map(|error| {
            let message = error.to_string();
            let body = match error {
                AppError::Invalid { field, .. } if !field.is_empty() => {
                    let target = format!("#{}", super::field::id(&field));
                    // safe link: a place on this page
                    view! { <p><a href=target>{message}</a></p> }.into_any()
                }
                AppError::SignInAgain { .. } => view! { <p>{message}</p> <SignInLink /> }.into_any(),
                _ => view! { <p>{message}</p> }.into_any(),
            };
            view! {
                <div class="form-errors" tabindex="-1" autofocus=true>
                    <Flash tone=Tone::Critical title="Nothing was changed">{body}</Flash>
                </div>
            }
        })
    }
}
