//! What the page asks the server for.

use domain::views::{ExpiryQuery, ExpiryView};
use leptos::prelude::*;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{paths, session};

/// How many certificates expire in each part of a page of the calendar.
#[server(endpoint = "expiry", input = server_fn::codec::Json)]
pub async fn get_expiry(query: ExpiryQuery) -> Result<ExpiryView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.expiry(&actor, &query).await?)
}

/// Makes the address of the viewer's calendar; an earlier one ends.
#[server(endpoint = "make-calendar")]
pub async fn make_calendar() -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.make_calendar(&actor).await?;
    leptos_axum::redirect(paths::EXPIRY);
    Ok(())
}

/// Ends it.
#[server(endpoint = "withdraw-calendar")]
pub async fn withdraw_calendar() -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.withdraw_calendar(&actor).await?;
    leptos_axum::redirect(paths::EXPIRY);
    Ok(())
}
