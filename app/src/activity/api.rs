//! What the activity's pages ask the server for.

use domain::trail::EventId;
use domain::views::{ActivityPage, ActivityQuery, Authority, EventView};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::session;

/// One page of the events, with the authorities that it can be narrowed to.
#[server(endpoint = "activity", input = Json)]
pub async fn list_activity(query: ActivityQuery) -> Result<(ActivityPage, Vec<Authority>), AppError> {
    let (console, actor) = session::acting()?;
    Ok((console.activity(&actor, &query).await?, console.authorities()))
}

/// One event.
#[server(endpoint = "event", input = GetUrl)]
pub async fn get_event(id: EventId) -> Result<EventView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.event(&actor, &id).await?)
}
