//! What the page asks the server for.

use domain::views::{ExpiryQuery, ExpiryView};
use leptos::prelude::*;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::session;

/// How many certificates expire in each part of a page of the calendar.
#[server(endpoint = "expiry", input = server_fn::codec::Json)]
pub async fn get_expiry(query: ExpiryQuery) -> Result<ExpiryView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.expiry(&actor, &query).await?)
}
